"""Derivatives that are not those of the functions, proven by the gradient check.
To know one more: see rules.py."""

from collections.abc import Iterator

from .case import Case
from .finding import Remedy
from .gradients import check_gradients
from .rules import PROOF, Suspicion


def wrong_gradients(case: Case) -> Iterator[Suspicion]:
    """A loss whose gradient has the wrong sign, or any other derivative that is wrong."""
    found = check_gradients(case.network, case.rows.X, case.rows.y)
    up = [each for each in found.faults if each.place == "loss" and (each.factor or 0.0) < 0.0]
    if up:
        yield Suspicion(
            "gradient_ascent",
            PROOF,
            f"training goes uphill: {up[0]}",
            0.99,
            {"gradient_given": up[0].engine, "slope_of_the_loss": up[0].numeric},
            where=up[0].where,
            remedy=Remedy(
                advice=f"turn the sign of the gradient of {up[0].name!r}; then check_gradients"
            ),
            specific=5.0,
        )
    for fault in [each for each in found.faults if each not in up][:1]:
        yield Suspicion(
            "wrong_gradient",
            PROOF,
            f"a derivative is wrong: {fault}",
            0.99,
            {"wrong_parameters": found.wrong_count, "of": found.parameters},
            where=fault.where,
            remedy=Remedy(
                advice="mend it until check_gradients(network, X, y) says that all is right"
            ),
            specific=4.0,
        )


RULES = (wrong_gradients,)
