"""Of networks with one planted error every one is caught and the right place named; of sound ones
none is accused.

GLASSNET_PLANTED=20000 looks at so many of each, others than by default. What is planted:
planted_errors.py.
"""

import os

import numpy as np
import pytest
from planted_errors import ACTIVATION, LAYER, LOSS, PASSES, Case, planted, sound
from small_problems import state

from glassnet.diagnostics import GradientCheck, check_gradients

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


@pytest.mark.parametrize("seed", range(0, 60, 3))
def test_the_numeric_gradient_is_that_of_the_loss_from_end_to_end(seed: int) -> None:
    """By central differences of the whole loss, which know nothing of layers."""
    case = planted(seed)
    network = case.network
    if case.place != "activation":
        return
    found = check_gradients(network, case.X, case.y, case.weights)
    assert found.rows == len(case.X) or len(case.X) > 16
    exact = type(network)(
        network.layers,
        activation=network.activations,
        loss=network.loss or "auto",
        bias=network.bias,
        dtype="float64",
        seed=0,
    )
    places = np.unique(np.linspace(0, len(case.X) - 1, 16).round().astype(int))
    if case.weights is not None:
        places = np.flatnonzero(case.weights)[places]
    exact.parameters[...] = network.parameters
    for wrong in found.wrong[:3]:
        kind, index = wrong.name.split("[", 1)
        layer, at = index.split("][")
        array = getattr(exact, kind)[int(layer)]
        place = tuple(map(int, at.rstrip("]").split(",")))
        values = []
        kept = array[place]
        step = 1e-5 * max(1.0, abs(kept))
        for by in (step, -step):
            array[place] = kept + by
            weights = None if case.weights is None else case.weights[places]
            values.append(exact.evaluate(case.X[places], case.y[places], sample_weight=weights))
        array[place] = kept
        slope = (values[0]["loss"] - values[1]["loss"]) / (2 * step)
        assert slope == pytest.approx(wrong.numeric, rel=1e-3, abs=1e-5 * abs(wrong.engine))
