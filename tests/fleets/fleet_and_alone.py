"""A fleet beside its members alone: trained for themselves, and compared to the last bit.

Options that may differ from member to member are told apart in `own_option`.
"""

import copy
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from small_problems import state, three_classes

from glassnet import DivergenceError, Fleet, Network
from glassnet.core.history import History

X_DEFAULT, Y_DEFAULT = three_classes()


def own_option(name: str, value: Any, place: int) -> Any:
    """The option as it is for one member."""
    if name in ("learning_rate", "weight_decay") and isinstance(value, list):
        return value[place]
    if name == "sample_weight" and np.ndim(value) == 2:
        return value[place]
    if name == "validation_data" and len(value) == 3:
        return (*value[:2], own_option("sample_weight", value[2], place))
    return copy.deepcopy(value)


def trained_alone(fleet: Fleet, X: Any, y: Any, options: dict[str, Any]) -> list[Network]:
    """Copies of the members, each trained for itself; one that diverges ends there."""
    singles = list(fleet)
    for place, single in enumerate(singles):
        own = {name: own_option(name, value, place) for name, value in options.items()}
        with suppress(DivergenceError):
            single.fit(X, y, **own)
    return singles


def trained(fleet: Fleet, X: Any, y: Any, options: dict[str, Any]) -> Fleet:
    """The fleet, trained; it may be that all of it diverges."""
    try:
        fleet.fit(X, y, **copy.deepcopy(options))
    except DivergenceError:
        assert all(reason.startswith("diverged") for reason in fleet.history.reasons)
    return fleet


def assert_equal_histories(fleets: History, alone: History) -> None:
    assert [list(record) for record in fleets] == [list(record) for record in alone]
    for mine, theirs in zip(fleets, alone, strict=True):
        np.testing.assert_equal(mine, theirs)  # in which nan is equal to nan
    assert fleets.stopped.startswith(alone.stopped)  # of a divergence it says more


def assert_same(fleet: Fleet, singles: list[Network]) -> None:
    """Parameters, histories and streams of dropout, but not the order of rows, which is shared."""
    for place, (single, member) in enumerate(zip(singles, fleet, strict=True)):
        np.testing.assert_array_equal(fleet.parameters[place], single.parameters)
        assert_equal_histories(member.history, single.history)
        own, theirs = member.streams, single.streams
        assert own.dropout[0].state == theirs.dropout[0].state
        if fleet.own_order:
            assert own.order.state == theirs.order.state


def refused_unchanged(
    fleet: Network | Fleet, error: type[Exception], *words: str, **options: Any
) -> None:
    """`fit` refuses in few words, among them these, and all is as it was."""
    X, y = options.pop("X", X_DEFAULT), options.pop("y", Y_DEFAULT)
    before = state(fleet)
    with pytest.raises((ValueError, TypeError)) as caught:
        fleet.fit(X, y, **options)
    message = str(caught.value)
    assert type(caught.value) is error, message
    for word in words:
        assert word in message, message
    assert len(message) < 400, message
    assert state(fleet) == before, message
