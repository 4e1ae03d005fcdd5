"""The numbers of a worked example: read again by a reader of its own, and beside the engine's.

The reader is in explain_reader.py. What is refused: test_explain_refusals.py; formats:
test_explain_formats.py.
"""

import copy
import json
import math
import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from explain_reader import Reader, Statement, half_a_place, statements

from glassnet import Network, OwnActivation, OwnLoss, datasets
from glassnet.activations import ACTIVATIONS, ELU, LeakyReLU
from glassnet.core.callback import Callback
from glassnet.diagnostics import Explanation, explain
from glassnet.diagnostics.explaining.formulas import ACTIVATIONS as FORMULAS
from glassnet.diagnostics.explaining.formulas import CELLS
from glassnet.losses import (
    LOSSES,
    AbsoluteError,
    GaussianLikelihood,
    Huber,
    Pinball,
    SoftmaxCrossEntropy,
    SquaredError,
)
from glassnet.optimizers import SGD

RATE = 0.05
TARGETS: dict[str, Any] = {
    "softmax_cross_entropy": [1, 0, 3],
    "logistic": [[1, 0, 1, 0], [0, 0, 1, 1], [1, 1, 1, 0]],
    "poisson": [[0, 2, 1, 5], [3, 0, 0, 1], [1, 1, 2, 0]],
    "gamma": [[0.5, 2, 1, 5], [3, 0.1, 0.2, 1], [1, 1, 2, 0.3]],
    "gaussian": [[0.5, -2], [3, 0.1], [1, -0.4]],
}
NUMBERS = [[0.5, -2, 1, 0.1], [3, 0.1, -0.2, 1], [1, 1, 2, 0.3]]
ROWS = np.array([[0.5, -1.2, 2.0], [0.0, 0.3, -0.7], [1.5, 1.1, 0.2]])


class Engine(Callback):
    """Gradients and loss of the one batch of a training."""

    def on_gradients(self, training: Any) -> None:
        self.gradients = training.network.gradients.copy()

    def on_batch_end(self, training: Any) -> None:
        self.loss = training.loss


def trained(network: Network, x: Any, y: Any) -> tuple[Engine, Network]:
    """What `fit` does in one step of plain gradient descent, without dropout."""
    engine, own = Engine(), copy.deepcopy(network)
    own.dropout = (0.0,) * len(own.dropout)
    own._lay_out()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one row
        own.fit(
            x,
            y,
            epochs=1,
            batch_size=len(x),
            shuffle=False,
            optimizer=SGD(RATE, momentum=0.0),
            schedule="constant",
            callbacks=[engine],
        )
    return engine, own


def flat(numbers: dict[str, Any], name: str) -> Any:
    """A flat vector from its parts in each layer: weights, then biases."""
    parts = [layer[f"{name}weights"] for layer in numbers["passes"]]
    parts += [layer[f"{name}biases"] for layer in numbers["passes"]]
    return np.concatenate([np.ravel(part) for part in parts])


def gradients_of(numbers: dict[str, Any]) -> Any:
    parts = [layer["weight_gradients"] for layer in numbers["passes"]]
    parts += [layer["bias_gradients"] for layer in numbers["passes"]]
    return np.concatenate([np.ravel(part) for part in parts])


def check_engine(network: Network, x: Any, y: Any, found: Explanation) -> None:
    """The plain data equal, to the last bit, what a training step of `fit` computes."""
    engine, after = trained(network, x, y)
    numbers = found.numbers
    assert json.loads(json.dumps(numbers, allow_nan=False)) == numbers
    assert (flat(numbers, "") == network.parameters).all()
    fixed = flat(numbers, "held_")  # whose gradients fit leaves out
    assert (gradients_of(numbers) == engine.gradients)[~fixed].all()
    assert (flat(numbers, "new_") == after.parameters).all()
    assert numbers["mean_loss"] == engine.loss
    before = copy.deepcopy(after)
    before.parameters = network.parameters
    assert np.asarray(numbers["predictions"]) == pytest.approx(before.predict(x), rel=1e-6)
    if numbers["new_mean_loss"] is not None:
        assert numbers["new_mean_loss"] == pytest.approx(after.evaluate(x, y)["loss"], rel=1e-5)


def spread_out(target: Any, smoothing: float) -> Any:
    """A label, or the shares of four classes, smoothed."""
    shares = np.asarray(target) if isinstance(target, list) else np.eye(4)[target]
    return ((1.0 - smoothing) * shares + smoothing / 4).tolist()


def engine_values(
    numbers: dict[str, Any], smoothing: float
) -> Iterator[tuple[tuple[str, str], float]]:
    """((label, symbol), value) of everything that the text may print."""
    rows = len(numbers["inputs"])
    labels = [""] if rows == 1 else [f"row {r + 1}" for r in range(rows)]
    half = len(numbers["linked"][0]) // 2
    for r, label in enumerate(labels):
        tables = {"x": numbers["inputs"], "p": numbers["linked"], "y": numbers["predictions"]}
        if isinstance(numbers["targets"][0], list):
            tables["t"] = numbers["targets"]
        if smoothing:  # the shares that the loss works with
            tables["t"] = [spread_out(t, smoothing) for t in numbers["targets"]]
        if numbers["cells"] is not None:
            tables["l"] = numbers["cells"]
        for symbol, table in tables.items():
            yield from (((label, f"{symbol}_{k + 1}"), v) for k, v in enumerate(table[r]))
        if numbers["loss"] == "gaussian":
            spreads = enumerate(numbers["linked"][r][half:])
            yield from (((label, f"v_{half + k + 1}"), v) for k, v in spreads)
        yield (label, "L"), numbers["losses"][r]
        if numbers["loss"] == "softmax_cross_entropy":
            yield (label, "S"), 1.0 / max(numbers["linked"][r])
    if rows > 1:
        yield ("mean of the rows", "L"), numbers["mean_loss"]
    for n, layer in enumerate(numbers["passes"], 1):
        for symbol, key in {"z": "scores", "a": "outputs", "delta": "delta"}.items():
            for r, label in enumerate(labels):
                values = enumerate(layer[key][r])
                yield from (((label, f"{symbol}{n}_{k + 1}"), v) for k, v in values)
        for symbol, key in {"dL/dW": "weight_gradients", "W": "new_weights"}.items():
            for i, row in enumerate(layer[key]):
                yield from ((("", f"{symbol}{n}_{i + 1},{j + 1}"), v) for j, v in enumerate(row))
        for symbol, key in {"dL/db": "bias_gradients", "b": "new_biases"}.items():
            yield from ((("", f"{symbol}{n}_{j + 1}"), v) for j, v in enumerate(layer[key]))


def check_text(
    found: Explanation, digits: int, rounding: float, smoothing: float
) -> list[Statement]:
    """Each formula of the text gives what is printed, and that is the engine's number."""
    values, reader = dict(engine_values(found.numbers, smoothing)), Reader(digits, rounding)
    read = statements(found.text)
    for each in read:
        engine = values["" if "constraint" in each.label else each.label, each.left]
        assert abs(each.printed - engine) <= half_a_place(each.sides[-1], digits), each
        printed = reader.printed(each.sides[-1])
        for side in each.sides[:-1]:
            if "…" not in side and "f(" not in side and "f'(" not in side:
                assert reader.value(side).meets(printed), each
    return read


def written(
    network: Network, x: Any, y: Any, rounding: float = 1e-6, **options: Any
) -> list[Statement]:
    """All checks of one example."""
    before = network.parameters.copy()
    found = explain(network, x, y, learning_rate=RATE, **options)
    check_engine(network, np.atleast_2d(x), y if np.ndim(x) == 2 else [y], found)
    assert (network.parameters == before).all()
    assert max(map(len, found.text.splitlines())) <= 100
    smoothing = getattr(network.loss, "smoothing", 0.0)
    return check_text(found, options.get("digits", 4), rounding, smoothing)


def prose(found: Explanation) -> str:
    """The text without the ends of its lines."""
    return " ".join(found.text.split())


def targets_of(name: str) -> tuple[int, Any]:
    """Outputs and targets that suit a loss."""
    return 4, TARGETS.get(name, NUMBERS)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_formula_gives_what_is_printed_and_that_is_what_the_engine_has(
    activation: str, loss: str
) -> None:
    outputs, y = targets_of(loss)
    network = Network([3, 3, outputs], activation=activation, loss=loss, seed=1)
    network.biases[0][:] = [0.3, -0.2, 0.1]
    read = written(network, ROWS[:2], y[:2])
    assert {each.left[:2] for each in read} >= {"x_", "z1", "a1", "z2", "L", "de", "dL", "W1", "b2"}
    written(network, ROWS[2], y[2])


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_with_all_digits_a_formula_gives_its_number_to_thirteen_places(
    activation: str, loss: str
) -> None:
    outputs, y = targets_of(loss)
    network = Network([3, 2, outputs], activation=activation, loss=loss, dtype="float64", seed=2)
    written(network, ROWS, y, digits=17, rounding=1e-13)


def test_every_activation_and_loss_of_glassnet_has_formulas() -> None:
    assert {type(each) for each in ACTIVATIONS.values()} == set(FORMULAS)
    assert {type(each) for each in LOSSES.values()} == {*CELLS, SoftmaxCrossEntropy}


@pytest.mark.parametrize(
    ("loss", "y"),
    [
        (Pinball((0.1, 0.5, 0.9)), [[0.5, -2], [3, 0.1], [1, -0.4]]),
        (Pinball((0.3,)), NUMBERS),
        (Huber(0.4), NUMBERS),
        (GaussianLikelihood(0.1), TARGETS["gaussian"]),
        (SoftmaxCrossEntropy(0.2), [1, 0, 3]),
        (SoftmaxCrossEntropy(0.2), [[0.1, 0.2, 0.3, 0.4], [1, 0, 0, 0], [0.5, 0.5, 0, 0]]),
        (SoftmaxCrossEntropy(), [[0.1, 0.2, 0.3, 0.4004], [1, 0, 0, 0], [0.5, 0.5, 0, 0]]),
        *((SquaredError(name), NUMBERS) for name in ACTIVATIONS),
        (AbsoluteError("tanh"), NUMBERS),
        (AbsoluteError(LeakyReLU(0.3)), NUMBERS),
        (SquaredError(OwnActivation("cube", lambda z: z**3, lambda z: 3 * z**2)), NUMBERS),
    ],
)
def test_settings_of_losses_are_in_their_formulas(loss: Any, y: Any) -> None:
    outputs = 6 if len(getattr(loss, "quantiles", ())) == 3 else 4
    network = Network([3, 2, outputs], loss=loss, seed=3, dtype="float64")
    written(network, ROWS, y)
    written(network, ROWS[0], y[0])
    written(network, ROWS, y, digits=17, rounding=1e-13)


@pytest.mark.parametrize("loss", ["squared_error", "gaussian", "huber", Pinball((0.2, 0.8))])
def test_standardised_inputs_and_targets_are_told(loss: Any) -> None:
    X, y = np.linspace(20, 30, 40).reshape(20, 2), np.linspace(900, 1300, 40).reshape(20, 2)
    outputs = 2 if isinstance(loss, str) and loss != "gaussian" else 4
    network = Network([2, 3, outputs], loss=loss, seed=0)
    network.fit(X, y, epochs=5, standardize=True)
    read = written(network, X[3], y[3])
    assert {each.left[0] for each in read} >= {"x", "t", "y"}
    assert all(len(each.sides) == 2 for each in read if each.left[0] in "xty")
    written(network, X[:3], y[:3])


def test_bytes_are_told_with_their_scale() -> None:
    network = Network([3, 2], loss="squared_error", seed=0)
    read = written(network, np.array([0, 128, 255], np.uint8), [0.5, 1.0])
    assert read[1] == Statement("", "x_2", ["128·0.003922", "0.502"])


def test_layers_without_bias_and_networks_without_hidden_layer() -> None:
    read = written(Network([3, 2, 2], bias=False, seed=0, loss="squared_error"), ROWS[0], [1.5, 2])
    assert not [each for each in read if "b" in each.left]
    read = written(Network([3, 1], seed=0, loss="squared_error"), ROWS, [1.5, 2, 3])
    assert not [each for each in read if each.left.startswith("a")]


def test_settings_of_activations_are_in_their_formulas() -> None:
    activation = [LeakyReLU(1.5), ELU(0.4)]
    written(Network([3, 4, 4, 1], activation=activation, seed=0), ROWS, [0.2, 1.5, 3])


def test_dropout_is_off_and_said_to_be() -> None:
    network = Network([3, 4, 1], dropout=0.5, seed=0)
    assert "Dropout is off here" in prose(explain(network, ROWS[0], 0.4))
    written(network, ROWS, [0.2, 1.5, 3])
    assert "Dropout" not in explain(Network([3, 1]), ROWS[0], 0.4).text


def cube(scores: Any) -> Any:
    return scores**3


def steep(scores: Any) -> Any:
    return 3 * scores**2


def test_what_a_user_wrote_is_told_by_its_name() -> None:
    loss = OwnLoss("quartic", lambda s, t: (s - t) ** 4, lambda s, t: 4 * (s - t) ** 3, np.tanh)
    network = Network([3, 2, 2], activation=OwnActivation("cube", cube, steep), loss=loss, seed=0)
    for x, y in ((ROWS, [[1, 2], [0, 1], [1, 0.5]]), (ROWS[0], [1, 2])):
        read = written(network, x, y)
        assert {"a1_1", "p_1", "L", "delta2_2"} <= {each.left for each in read}
    text = prose(explain(network, ROWS[0], [1, 2]))
    assert "cube of the score" in text
    assert "The loss is quartic" in text
    assert "L = f(z, t)" in text
    assert "f'(" in text


class DoubledError(SquaredError):
    """Not squared error any more, whatever its name says."""

    def cells(self, scores: Any, targets: Any, gradient: Any) -> Any:
        losses = 2.0 * super().cells(scores, targets, gradient)
        gradient *= 2.0
        return losses


def test_a_subclass_does_not_get_the_formulas_of_its_base() -> None:
    network = Network([3, 2], loss=DoubledError(), seed=0)
    written(network, ROWS, [[1, 2], [0, 1], [1, 0.5]])
    assert "L = f(z, t)" in explain(network, ROWS[0], [1, 2]).text


class Halved(SoftmaxCrossEntropy):
    """Not what its name says, either."""

    def compute(self, scores: Any, targets: Any, gradient: Any, known: Any = None) -> Any:
        losses = super().compute(scores, targets, gradient, known)
        gradient *= 0.5
        return 0.5 * losses


def test_nor_does_one_of_labels() -> None:
    network = Network([3, 2], loss=Halved(), seed=0)
    written(network, ROWS, [1, 0, 1])
    assert "Wanted is the label 1, output 2." in prose(explain(network, ROWS[0], 1))
    assert "L = f(z, t)" in explain(network, ROWS[0], 1).text


def test_the_loss_is_settled_as_fit_would_and_said_to_be() -> None:
    network = Network([3, 2], seed=0)
    assert "would take for such a target" in prose(explain(network, ROWS[0], 1))
    assert "softmax_cross_entropy" in prose(explain(network, ROWS[0], 1))
    assert network.loss is None
    assert network.input_scaling is None
    assert explain(Network([3, 1]), ROWS[0], 1).numbers["loss"] == "logistic"
    assert explain(Network([3, 1]), ROWS[0], 0.5).numbers["loss"] == "squared_error"
    settled = Network([3, 2], loss="logistic", seed=0)
    assert "would take" not in explain(settled, ROWS[0], [1, 0]).text


def test_large_layers_are_abbreviated_and_the_largest_terms_are_shown() -> None:
    X, y = datasets.load_digits()
    network = Network([64, 12, 10], seed=0)
    read = written(network, X[5], y[5])
    scores = next(each for each in read if each.left.startswith("z1"))
    assert scores.sides[0].count("·") == 3
    assert "… (64 terms)" in scores.sides[0]
    found = explain(network, X[5], y[5])
    text = prose(found)
    assert "3 of 64 inputs are written out" in text
    assert "3 of 12 units are written out" in text
    assert "Of 768 weights 9 are written out." in text
    assert len(found.text.splitlines()) < 110


def test_more_than_ten_outputs_are_abbreviated_too() -> None:
    for loss, y in (("softmax_cross_entropy", 7), ("squared_error", np.arange(12.0))):
        written(Network([3, 12], loss=loss, seed=0), ROWS[0], y)
    wide = Network([3, 24], loss=GaussianLikelihood(), seed=0)
    written(wide, ROWS[:2], np.arange(24.0).reshape(2, 12))


def test_constraints_hold_in_the_step_and_are_told() -> None:
    network = Network([3, 2, 1], loss="squared_error", seed=0)
    network.constrain("weights[0][0, 0]").constrain("weights[1]", (-0.001, 0.001))
    read = written(network, ROWS[0], 2.0)
    held = {each.left for each in read if each.label == "held by a constraint"}
    assert "W1_1,1" in held
    assert any(left.startswith("W2") for left in held)


def test_the_step_says_how_the_loss_moves() -> None:
    network = Network([1, 1], loss="squared_error", seed=0)
    network.parameters = np.array([1.0, 0.0])
    end = "The loss L goes from 1 to 0.36."
    assert end in explain(network, [1.0], 2.0, learning_rate=0.1).text
    too_long = "The loss L rises, from 1 to 9: the step is too long here."
    assert too_long in explain(network, [1.0], 2.0, learning_rate=1.0).text
    found = explain(network, [1.0], 2.0, learning_rate=1e30)
    assert "no finite number any more" in found.text
    assert found.numbers["new_mean_loss"] is None


def test_numbers_are_printed_with_the_digits_that_count() -> None:
    network = Network([1, 1], loss="squared_error", dtype="float64", bias=False)
    network.parameters = np.array([1.0, 0.0])
    for x, shown in (
        (123456.789, "123457"),
        (0.000012345, "1.234e-05"),
        (99999.6, "100000"),
        (1e20, "1e+20"),
        (-0.0, "0"),
        (0.5, "0.5"),
    ):
        read = statements(explain(network, [x], x).text)
        assert read[0].sides == [shown]
    assert "2e-05 means" in explain(network, [1e-6], 0.0).text
    assert "2e-05 means" not in explain(network, [1.0], 0.0).text


@pytest.mark.parametrize("layers", [[2, 2, 1], [2, 2, 2]])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("standardize", [True, False])
def test_a_network_of_two_by_two_units_fits_one_screen(
    layers: list[int], activation: str, standardize: bool
) -> None:
    X, y = datasets.xor(40, noise=0.1)
    for seed in range(3):
        network = Network(layers, activation=activation, seed=seed)
        network.fit(X, y, epochs=20, standardize=standardize)
        for row in range(4):
            lines = network.explain(X[row], y[row]).text.splitlines()
            assert len(lines) <= 50
            assert max(map(len, lines)) <= 100


def test_one_row_may_be_given_in_any_way_that_means_it() -> None:
    network = Network([3, 2], loss="squared_error", seed=0)
    wanted = explain(network, [[0.5, 1, 2]], [[1.0, 2.0]]).text
    for x, y in (
        ([0.5, 1, 2], [1, 2]),
        ((0.5, 1, 2), [[1, 2]]),
        (np.array([0.5, 1, 2]), np.array([1, 2])),
        ([[0.5, 1, 2]], [1, 2]),
    ):
        assert explain(network, x, y).text == wanted
    single = Network([1, 1], loss="squared_error", seed=0)
    assert explain(single, 0.5, 2.0).text == explain(single, [0.5], [2.0]).text
    one = Network([3, 2], loss="squared_error", seed=0, bias=[False])
    assert explain(one, np.array([[0.5, 1, 2]]), np.array([[1, 2]])).numbers["passes"]


def test_labels_are_told_by_their_names() -> None:
    network = Network([3, 2], classes=["cat", "a dog"], seed=0)
    assert "Wanted is cat, output 1." in prose(explain(network, ROWS[0], "cat"))
    two = prose(explain(network, ROWS[:2], ["cat", "a dog"]))
    assert "Wanted is of row 1 cat, output 1; of row 2 'a dog', output 2." in two


def test_columns_of_a_data_frame_are_told_by_their_names() -> None:
    pandas = pytest.importorskip("pandas", reason="to name columns")
    X = pandas.DataFrame({"age": [1.0, 2.0, 3.0], "a<b>": [3.0, 1.0, 2.0]})
    network = Network([2, 1], seed=0)
    network.fit(X, [1.5, 2.5, 2.0], epochs=1)
    text = prose(explain(network, X.iloc[:1], [1.5]))
    assert "x_1 is age, x_2 is 'a<b>'." in text
    assert explain(network, X.iloc[0].to_numpy(), 1.5).numbers["given"] == [[1.0, 3.0]]


def test_float_rows_of_a_network_that_learned_from_numbers_stay_as_they_are() -> None:
    found = explain(Network([3, 1], seed=0), ROWS[0], 0.3)
    assert "takes the numbers as they are given" in prose(found)
    assert math.isclose(found.numbers["inputs"][0][1], -1.2, rel_tol=1e-6)


@pytest.mark.parametrize("digits", [4, 17])
@pytest.mark.parametrize("part", ["value", "slope"])
@pytest.mark.parametrize("kind", [*FORMULAS, *CELLS], ids=lambda kind: kind.__name__)
def test_a_formula_that_is_wrong_by_a_hundredth_would_be_noticed(
    kind: Any, part: str, digits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    table: Any = FORMULAS if kind in FORMULAS else CELLS
    wrong = [replace(c, **{part: f"({getattr(c, part)})*1.01"}) for c in table[kind]]
    monkeypatch.setitem(table, kind, tuple(wrong))
    thing = next(t for t in (*ACTIVATIONS.values(), *LOSSES.values()) if type(t) is kind)
    loss, activation = (thing, "tanh") if kind in CELLS else ("squared_error", thing)
    outputs, y = targets_of(thing.name if kind in CELLS else "squared_error")
    options = {"activation": activation, "loss": loss, "dtype": "float64"}
    network = Network([3, 6, outputs], **options, seed=0)
    with pytest.raises(AssertionError):
        written(network, ROWS, y, digits=digits, rounding=1e-13)
