"""prove_monotone: what it proves no pair of rows disproves; what it disproves, rows show."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet import Fleet, Network, OwnActivation, OwnLoss
from glassnet.activations import ACTIVATIONS, ELU, LeakyReLU, Tanh
from glassnet.inference import prove_monotone
from glassnet.intake.monotone import slope_range
from glassnet.losses import Pinball, SquaredError

RISING = [name for name, each in ACTIVATIONS.items() if (slope_range(each) or (-1,))[0] >= 0]
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(120, 3))
Y = np.tanh(X[:, 0]) - 0.3 * X[:, 1] ** 2 - X[:, 2]


def network(layers: Any = (3, 6, 4, 1), **options: Any) -> Network:
    given_ = {"activation": "tanh", "loss": "squared_error", "seed": 0, "dtype": "float64"}
    return Network(layers, **{**given_, **options})


@pytest.mark.parametrize("each", [*ACTIVATIONS.values(), LeakyReLU(-0.5), LeakyReLU(3.0), ELU(2.5)])
def test_slopes_of_every_activation_lie_in_its_range_and_fill_it(each: Any) -> None:
    scores = np.concatenate([np.linspace(-12, 12, 200_001), [-700.0, 300.0, 600.0]])
    outputs, slopes = np.empty_like(scores), np.empty_like(scores)
    with np.errstate(all="ignore"):
        each.forward(scores, outputs)
        each.slope(scores, outputs, slopes)
    least, largest = slope_range(each) or (math.nan, math.nan)
    assert least <= slopes.min() <= least + 1e-4
    assert slopes.max() <= largest
    assert largest == np.inf or slopes.max() >= largest - 1e-4


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_what_it_proves_no_pair_of_rows_disproves(data: Any) -> None:
    sizes = data.draw(st.lists(st.integers(1, 4), min_size=2, max_size=5))
    names = [data.draw(st.sampled_from(sorted(ACTIVATIONS))) for _ in sizes[2:]]
    loss = data.draw(st.sampled_from(["squared_error", "logistic", "poisson", "huber"]))
    if sizes[-1] > 1:
        loss = data.draw(st.sampled_from([loss, "softmax_cross_entropy"]))
    net = network(sizes, activation=names or "tanh", loss=loss)
    random = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    few = data.draw(st.booleans())
    net.parameters = random.integers(-1 if few else -3, 4, net.parameters.shape) * 0.5
    if data.draw(st.booleans()):
        net.parameters = np.abs(net.parameters)
    column = data.draw(st.integers(0, sizes[0] - 1))
    output = data.draw(st.integers(0, sizes[-1] - 1))
    direction = data.draw(st.sampled_from(["increasing", "decreasing"]))
    proof = prove_monotone(net, column, direction, output=output)
    sign = 1.0 if direction == "increasing" else -1.0
    if proof.holds:
        rows = random.normal(size=(200, sizes[0])) * random.choice([0.3, 3.0], (200, 1))
        more = rows.copy()
        more[:, column] += random.uniform(0.0, 4.0, 200)
        with np.errstate(all="ignore"):
            before, after = (net.predict(each)[:, output] for each in (rows, more))
        seen = np.isfinite(before) & np.isfinite(after)
        room = 1e-9 * (1.0 + np.abs(before[seen]))
        assert np.all(sign * (after[seen] - before[seen]) >= -room)
    elif proof.holds is False:
        assert proof.counterexample is not None
        low, high = proof.counterexample
        assert high[column] > low[column]
        assert np.all(np.delete(high == low, column))
        values = net.predict(proof.counterexample)[:, output]
        assert sign * (values[1] - values[0]) < 0.0


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6))
def test_the_bounds_hold_all_slopes_there_are(seed: int) -> None:
    random = np.random.default_rng(seed)
    net = network((2, 3, 2, 1), seed=seed)
    net.parameters = random.normal(size=net.parameters.shape)
    proof = prove_monotone(net, 1)
    rows = 2.0 * random.normal(size=(500, 2))
    step = rows.copy()
    step[:, 1] += 1e-6
    slopes = (net.predict(step) - net.predict(rows)) / 1e-6
    assert proof.lower - 1e-6 <= slopes.min()
    assert slopes.max() <= proof.upper + 1e-6


@pytest.mark.parametrize("name", RISING)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_networks_constrained_to_be_monotone_are_proven_after_training(
    name: str, dtype: str
) -> None:
    net = network(activation=name, dtype=dtype)
    net.constrain(monotone={0: "increasing", 2: "decreasing"})
    net.fit(X, Y, epochs=15, standardize=True)
    rising, falling = prove_monotone(net, 0), prove_monotone(net, 2, "decreasing")
    assert rising.holds
    assert falling.holds
    assert rising.lower >= 0.0 >= falling.upper
    assert "Proven for all inputs: output 0 is increasing in input 0" in str(rising)
    grid = np.repeat(X[:40], 50, axis=0)
    grid[:, 0] = np.tile(np.linspace(-6, 6, 50), 40)
    outputs = net.predict(grid).reshape(40, 50).astype(float)
    assert np.all(np.diff(outputs, axis=1) >= -1e-5 * (1 + np.abs(outputs[:, 1:])))


def test_slopes_are_in_the_unit_of_the_user() -> None:
    net = network((3, 1))
    net.fit(1000 * X, 5.0 * Y, epochs=5, standardize=True)
    rows = np.zeros((2, 3))
    rows[1, 2] = 1.0
    slope = np.diff(net.predict(rows)[:, 0])[0]
    proof = prove_monotone(net, 2)
    np.testing.assert_allclose([proof.lower, proof.upper], slope, rtol=1e-9)


def test_what_was_never_constrained_is_disproved_by_rows_or_proven() -> None:
    net = network()
    net.fit(X, Y, epochs=20)
    proof = prove_monotone(net, 1, X=X)
    assert proof.holds is False
    assert proof.counterexample is not None
    values = net.predict(proof.counterexample)[:, 0]
    assert values[1] < values[0]
    assert "Disproved that output 0 is increasing in input 1" in str(proof)
    net.weights[0][1] = 0.0
    for direction in ("increasing", "decreasing"):
        found = prove_monotone(net, 1, direction)
        assert found.holds
        assert found.lower == found.upper == 0.0


def test_a_sum_that_rounding_alone_makes_positive_is_no_proof() -> None:
    net = network((1, 3, 1), activation="identity")
    net.weights[0][:], net.weights[1][:] = 1.0, [[1.0], [2.0**-53], [-1.0 - 2.0**-52]]
    assert np.sum(net.weights[1].astype(np.longdouble)) < 0.0
    assert not prove_monotone(net, 0).holds
    tiny = network((1, 1, 1), activation="identity")
    tiny.weights[0][:], tiny.weights[1][:] = -1e-300, 1e-300
    assert prove_monotone(tiny, 0).holds is None
    assert prove_monotone(tiny, 0, "decreasing").holds


def test_where_intervals_do_not_suffice_and_no_rows_disprove_it_is_unknown() -> None:
    """relu(x) - 0.5 relu(x) rises, but its parts do not show it."""
    net = network((1, 2, 1), activation="relu")
    net.weights[0][:], net.weights[1][:] = 1.0, [[1.0], [-0.5]]
    proof = prove_monotone(net, 0)
    assert proof.holds is None
    assert proof.counterexample is None
    np.testing.assert_allclose([proof.lower, proof.upper], [-0.5, 1.0])
    assert "Unknown whether" in str(proof)


def test_of_classes_it_is_about_their_probability() -> None:
    net = network((2, 3, 3), loss="softmax_cross_entropy", classes=["a", "b", "c"])
    net.weights[0][:], net.weights[1][:] = 1.0, [[3.0, 2.0, 1.0]] * 3
    proofs = [prove_monotone(net, 0, output=label).holds for label in "abc"]
    assert proofs == [True, False, False]
    assert prove_monotone(net, 0, "decreasing", output=2).holds


def test_of_sorted_quantiles_all_must_rise() -> None:
    net = network((1, 2, 3), loss=Pinball((0.1, 0.5, 0.9)))
    net.weights[0][:], net.weights[1][:] = 1.0, [[1.0, 1.0, -1.0]] * 2
    assert not prove_monotone(net, 0, output=0).holds
    net.weights[1][:] = 1.0
    assert prove_monotone(net, 0, output=0).holds


def test_an_activation_of_the_outputs_counts_too() -> None:
    net = network((1, 2, 1), loss=SquaredError("sine"))
    net.weights[0][:] = net.weights[1][:] = 1.0
    assert prove_monotone(net, 0).holds is False
    net.loss = SquaredError("tanh")
    assert prove_monotone(net, 0).holds


def test_own_activations_are_proven_by_the_slopes_that_their_maker_gives() -> None:
    own = OwnActivation("bent", np.arctan, lambda x: 1.0 / (1.0 + x * x))
    net = network((1, 2, 1), activation=own)
    net.weights[0][:] = net.weights[1][:] = 1.0
    with pytest.raises(ValueError, match=r"'bent'.*slopes=\{'bent': \(least, largest\)\}"):
        prove_monotone(net, 0)
    assert prove_monotone(net, 0, slopes={"bent": (0, 1)}).holds
    for wrong in ((1, 0), (0,), (math.nan, 1)):
        with pytest.raises(ValueError, match=r"slopes\['bent'\] must be \(least, largest\)"):
            prove_monotone(net, 0, slopes={"bent": wrong})


def test_a_class_derived_from_ours_is_its_makers_whatever_name_it_has() -> None:
    class Falling(Tanh):
        def forward(self, scores: Any, out: Any) -> None:
            np.tanh(-scores, out=out)

    class TurnedError(SquaredError):
        def link(self, scores: Any) -> Any:
            return -scores

    net = network((1, 1, 1), activation=Falling())
    net.weights[0][:] = net.weights[1][:] = 1.0
    with pytest.raises(ValueError, match=r"activation of your own, 'tanh'"):
        prove_monotone(net, 0)
    assert prove_monotone(net, 0, slopes={"tanh": (-1.0, 0.0)}).holds is False
    with pytest.raises(ValueError, match="is your own"):
        net.constrain(monotone={0: "increasing"})
    with pytest.raises(ValueError, match="loss of your own"):
        prove_monotone(network((1, 1), loss=TurnedError()), 0)


def test_untrained_networks_and_those_of_bytes_can_be_asked() -> None:
    net = Network([3, 4, 1], seed=0)
    assert prove_monotone(net, 0).holds is False
    assert prove_monotone(net.constrain(monotone={0: "increasing"}), 0).holds
    pixels = np.random.default_rng(0).integers(0, 256, (50, 3), dtype=np.uint8)
    net = Network([3, 4, 1], seed=0, loss="squared_error")
    net.fit(pixels, pixels[:, 0] / 255.0, epochs=2)
    assert prove_monotone(net, 0).holds is None


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_where_all_values_overflow_nothing_is_disproved() -> None:
    net = network((1, 2, 1), activation="exp")
    net.weights[0][:], net.weights[1][:], net.biases[0][:] = 1.0, [[1.0], [-1.0]], 1e4
    assert prove_monotone(net, 0).holds is None


@pytest.mark.parametrize(
    ("given_", "error", "words"),
    [
        ({"column": 3}, ValueError, "0 .. 2"),
        ({"column": "age"}, ValueError, "names are known after a fit"),
        ({"direction": "up"}, ValueError, "increasing, decreasing"),
        ({"output": 1}, ValueError, "columns 0 .. 0"),
        ({"network": 3}, TypeError, "must be a Network"),
        ({"network": Fleet([3, 2, 1], 2)}, TypeError, "must be a Network"),
        ({"X": [[1.0]]}, ValueError, "X"),
        (
            {"network": network(loss=OwnLoss("own", np.copy, np.copy, np.copy))},
            ValueError,
            "loss of your own",
        ),
    ],
)
def test_wrong_calls_are_refused(given_: dict[str, Any], error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        prove_monotone(**{"network": network(), "column": 0, **given_})
