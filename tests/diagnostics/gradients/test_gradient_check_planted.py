"""Of networks with one planted error every one is caught and the right place named; of sound ones
none is accused.

GLASSNET_PLANTED=20000 looks at so many of each, others than by default. What is planted:
planted_errors.py.
"""

import os
import re

import numpy as np
import pytest
from planted_errors import ACTIVATION, LAYER, LOSS, PASSES, Case, planted, sound
from small_problems import state

from glassnet import Network
from glassnet.diagnostics import GradientCheck, check_gradients
from glassnet.second_order.jacobian import twin

COUNT = int(os.environ.get("GLASSNET_PLANTED", "200"))
FIRST = 0 if COUNT == 200 else 1_000_000
GROUP = 20
GROUPS = [range(k, min(k + GROUP, FIRST + COUNT)) for k in range(FIRST, FIRST + COUNT, GROUP)]


def checked(case: Case) -> GradientCheck:
    """The check, which changes nothing."""
    network = case.network
    before = state(network), network.gradients.tobytes(), vars(network).copy()
    inside = [dict(vars(each)) for each in (network.passes, *network.passes.stack)]
    found = check_gradients(network, case.X, case.y, case.weights)
    assert before == (state(network), network.gradients.tobytes(), vars(network))
    for each, kept in zip((network.passes, *network.passes.stack), inside, strict=True):
        assert vars(each).keys() == kept.keys()
        assert all(vars(each)[name] is kept[name] for name in kept)
    return found


def test_there_are_more_than_fifty_kinds_of_error() -> None:
    assert len(ACTIVATION) + len(LOSS) + len(LAYER) + len(PASSES) > 50


@pytest.mark.parametrize("seeds", GROUPS, ids=lambda seeds: f"from {seeds[0]}")
def test_every_planted_error_is_caught_and_its_place_named(seeds: range) -> None:
    for seed in seeds:
        case = planted(seed)
        found = checked(case)
        told = seed, case.place, case.kind, str(found)
        assert not found.ok, told
        assert {fault.place for fault in found.faults} == {case.place}, told
        if case.layer is not None:
            assert [fault.where for fault in found.faults] == [{"layer": case.layer}], told


@pytest.mark.parametrize("seeds", GROUPS, ids=lambda seeds: f"from {seeds[0]}")
def test_no_sound_network_is_accused(seeds: range) -> None:
    for seed in seeds:
        found = checked(sound(seed))
        assert found.ok, (seed, str(found))
        assert not found.wrong
        assert found.wrong_count == 0
        assert not found.parameters or found.worst_error <= found.tolerance


def loss_at(network: Network, name: str, value: float, rows: Case) -> float:
    """The loss when the parameter of that name ("weights[0][2, 1]") has another value."""
    # A name that does not match fails the test, as it should.
    kind, layer, place = re.fullmatch(r"(\w+)\[(\d+)\]\[(.*)\]", name).groups()  # type: ignore[union-attr]
    array = getattr(network, kind)[int(layer)]
    at = tuple(map(int, place.split(",")))
    kept, array[at] = array[at], array[at] + value
    found = network.evaluate(rows.X, rows.y, sample_weight=rows.weights)["loss"]
    array[at] = kept
    return float(found)


@pytest.mark.parametrize("seed", range(len(ACTIVATION)))
def test_the_numeric_gradient_is_that_of_the_loss_from_end_to_end(seed: int) -> None:
    """By central differences of the whole loss, which know nothing of layers."""
    case = planted(seed)
    known = np.ones(len(case.y), bool) if case.y.ndim == 1 else ~np.isnan(case.y).all(axis=1)
    few = np.flatnonzero(known)[:16]  # no more than are looked at
    rows = Case(case.network, case.X[few], case.y[few])
    found = check_gradients(rows.network, rows.X, rows.y)
    exact = twin(case.network)
    largest = max((abs(each.numeric) for each in found.wrong), default=0.0)
    for wrong in found.wrong[:5]:
        ahead, behind = (loss_at(exact, wrong.name, by, rows) for by in (1e-5, -1e-5))
        slope = (ahead - behind) / 2e-5
        assert slope == pytest.approx(wrong.numeric, rel=1e-3, abs=1e-4 * largest)
