"""Odd calls, odd rows and odd networks for `diagnose` and Watch: words, or a sensible answer.

Each of these went wrong once. To add one: the smallest call that does, and what it ought to say.
"""

import json
from typing import Any

import numpy as np
import pytest

from glassnet import (
    SGD,
    Callback,
    DivergenceError,
    Network,
    OwnActivation,
    OwnLoss,
    diagnose,
)
from glassnet.callbacks import EarlyStopping
from glassnet.datasets import moons, sine
from glassnet.diagnostics import Finding, Watch, trials
from glassnet.diagnostics.case import Rows
from glassnet.diagnostics.probes import Ridge

X, Y = moons(120, noise=0.2, seed=0)


def fitted(**options: Any) -> Network:
    network = Network([2, 8, 1], loss="logistic", seed=0)
    network.fit(X, Y, **{"epochs": 20, **options})
    return network


def ignore(finding: Finding) -> None:
    pass


@pytest.mark.parametrize("standardize", [False, True])
def test_rows_without_any_difference_give_no_warning(standardize: bool) -> None:
    network = Network([2, 4, 1], loss="logistic", seed=0)
    network.fit(0.0 * X + 5.0, Y, epochs=5, standardize=standardize)
    assert "noisy_labels" not in diagnose(network, 0.0 * X + 5.0, Y).codes


def test_equal_targets_are_said_to_tell_nothing() -> None:
    network = Network([2, 4, 1], loss="squared_error", seed=0)
    network.fit(X, 0.0 * Y, epochs=5)
    assert "y is the same in all rows" in str(diagnose(network, X, 0.0 * Y))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_parameters_that_are_no_numbers_are_refused(value: float) -> None:
    network = fitted(epochs=1)
    network.parameters[3] = value
    with pytest.raises(ValueError, match=r"network has 1 parameter.*reset"):
        diagnose(network, X, Y)


def test_batches_are_refused_in_words() -> None:
    for batches in ([(X, Y)], iter([(X, Y)])):
        with pytest.raises(ValueError, match="iterable of batches; diagnose needs arrays"):
            diagnose(fitted(epochs=1), batches, None)


def test_a_history_of_another_network_is_refused() -> None:
    other = Network([2, 4, 4, 1], loss="logistic", seed=0)
    with pytest.raises(ValueError, match=r"history is of a network with 3 layers.*has 2"):
        diagnose(fitted(epochs=1), X, Y, other.fit(X, Y, epochs=1))


def test_gaps_in_each_row_are_told_also_in_rows_for_validation() -> None:
    y = np.stack([X[:, 0], X[:, 1]], axis=1)
    network = Network([2, 4, 2], loss="squared_error", seed=0)
    network.fit(X, y, epochs=2)
    holes = y.copy()
    holes[::2, 0] = holes[1::2, 1] = np.nan
    with pytest.raises(ValueError, match="y has no row with known targets in all columns"):
        diagnose(network, X, holes)
    with pytest.raises(ValueError, match="y_val has no row with known targets in all columns"):
        diagnose(network, X, y, validation_data=(X, holes))


def test_a_network_from_a_file_is_not_called_untrained(tmp_path: Any) -> None:
    fitted(epochs=1).save_model(tmp_path / "model.npz")
    network = Network([2, 8, 1], loss="logistic")
    network.load_model(tmp_path / "model.npz")
    assert "or from a file" in str(diagnose(network, X, Y))


class Interrupt(Callback):
    def on_epoch_end(self, training: Any) -> None:
        if training.epoch == 3:
            raise KeyboardInterrupt


@pytest.mark.parametrize(
    "options",
    [
        {"target_loss": 10.0},
        {"callbacks": [EarlyStopping(1, monitor="loss")], "learning_rate": 1.0},
        {"early_stopping": 1, "validation_split": 0.2, "learning_rate": 1e-12},
    ],
)
def test_trials_stop_where_the_training_did(options: dict[str, Any]) -> None:
    network = fitted(epochs=10**9, **options)
    assert len(network.history) < 50
    assert diagnose(network, X, Y).trials


def test_trials_stop_where_ctrl_c_did() -> None:
    network = Network([2, 8, 1], loss="logistic", seed=0)
    with pytest.raises(KeyboardInterrupt):
        network.fit(X, Y, epochs=10**9, callbacks=[Interrupt()])
    assert diagnose(network, X, Y).trials


def test_trials_of_what_diverged_end_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glassnet.diagnostics.case.LONGEST", 20)
    network = Network([2, 8, 1], activation="relu", loss="squared_error", seed=0)
    with pytest.raises(DivergenceError):
        network.fit(100.0 * X, 1e6 * X[:, 0], epochs=10**9, optimizer=SGD(learning_rate=1e6))
    report = diagnose(network, 100.0 * X, 1e6 * X[:, 0])
    assert report.trials
    assert "training diverged" in str(report)
    assert "never trained" not in str(report)


def test_a_network_beyond_the_limit_of_many_starts_is_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trials, "SMALL", 10)
    report = diagnose(fitted(learning_rate=1e-5), X, Y)
    assert [name for name in report.trials if "restarts" in name] == [
        "net.fit(X, y, ..., restarts=2)"
    ]


def test_of_many_rows_few_steps_in_trials_accuse_no_learning_rate() -> None:
    draw = np.random.default_rng(0)
    many = draw.normal(size=(30_000, 10)).astype(np.float32)
    y = np.tanh(many[:, :3]).sum(axis=1) + 0.1 * draw.normal(size=len(many))
    network = Network([10, 32, 1], loss="squared_error", seed=0)
    network.fit(many, y, epochs=3)
    assert not [code for code in diagnose(network, many, y).codes if "learning_rate" in code]
    network = Network([10, 32, 1], loss="squared_error", seed=0)
    network.fit(many, y, epochs=3, learning_rate=1e-7)
    assert diagnose(network, many, y).codes[0] == "learning_rate_too_low"


def test_of_many_rows_only_those_looked_at_are_made_columns() -> None:
    labels = np.arange(3000) % 5
    network = Network([1, 5], seed=0)
    network.fit(labels[:, None] / 5.0, labels, epochs=1)
    rows = Rows(network, labels[:, None] / 5.0, labels)
    assert rows.drawn
    assert rows.given == 3000
    assert rows.targets.shape == (2000, 5)
    assert np.array_equal(rows.targets.argmax(axis=1), rows.y)


def test_what_trials_cannot_do_again_is_said() -> None:
    report = diagnose(fitted(schedule="reduce_on_plateau", validation_split=0.2), X, Y)
    assert "trials do without your schedule" in str(report)
    assert "cannot be done again" not in str(report)
    report = diagnose(fitted(learning_rate=lambda progress: 0.01), X, Y)
    assert "trials do without your learning_rate" in str(report)
    assert "trials do without" not in str(diagnose(fitted(), X, Y))


def test_a_training_that_trials_cannot_repeat_is_said() -> None:
    network = fitted()
    network.history.settings["class_weight"] = {"none of them": 1.0}
    assert "cannot be done again" in str(diagnose(network, X, Y))


def test_an_optimizer_of_all_rows_is_not_asked_for_smaller_batches() -> None:
    network = fitted(optimizer="rprop")
    report = diagnose(network, X, Y)
    assert not [name for name in report.trials if "batch_size" in name]


def test_numbers_of_numpy_are_plain_in_a_history_and_its_settings() -> None:
    network = fitted(
        epochs=np.int64(4),
        batch_size=np.int32(16),
        learning_rate=np.float32(0.25),
        class_weight={np.int64(0): np.float64(1.0), 1: np.int64(2)},
    )
    settings = network.history.settings
    assert json.loads(json.dumps([settings, list(network.history)]))
    assert settings["epochs"] == 4
    assert settings["learning_rate"] == 0.25
    assert settings["class_weight"] == {0: 1.0, 1: 2}
    assert type(fitted(learning_rate=1, epochs=1).history.settings["learning_rate"]) is float


class Broken:
    """A function that is sound while it is trained, and `fails` later."""

    fails = ""

    def function(self, scores: Any) -> Any:
        return self.spoilt("function", scores) * 1.0

    def derivative(self, scores: Any) -> Any:
        return self.spoilt("derivative", np.ones_like(scores))

    def spoilt(self, name: str, given: Any) -> Any:
        if self.fails == f"{name} raises":
            raise KeyError("mine")
        return given[:1, :1] if self.fails == f"{name} shape" else given


@pytest.mark.parametrize("what", ["function", "derivative"])
@pytest.mark.parametrize("how", ["raises", "shape"])
def test_an_own_activation_that_fails_is_a_finding(what: str, how: str) -> None:
    broken = Broken()
    act = OwnActivation("mine", broken.function, broken.derivative)
    network = Network([2, 8, 1], activation=act, loss="logistic", seed=0)
    network.fit(X, Y, epochs=2)
    broken.fails = f"{what} {how}"
    report = diagnose(network, X, Y)
    assert report.codes[0] == "wrong_gradient"
    assert report.trials == {}


def test_an_own_loss_that_raises_is_a_finding() -> None:
    broken = Broken()
    loss = OwnLoss(
        "mine",
        lambda scores, targets: broken.function((scores - targets) ** 2),
        lambda scores, targets: 2.0 * (scores - targets),
    )
    network = Network([2, 8, 1], loss=loss, seed=0)
    network.fit(X, Y, epochs=2)
    broken.fails = "function raises"
    assert diagnose(network, X, Y).codes == ["wrong_gradient"]


def test_what_fails_elsewhere_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(case: Any) -> Any:
        raise KeyError("a rule")

    monkeypatch.setattr("glassnet.diagnostics.diagnosis.LOOKS", (failing,))
    with pytest.raises(KeyError, match="a rule"):
        diagnose(fitted(epochs=1), X, Y)


@pytest.mark.parametrize(
    ("rows", "targets", "says"),
    [(X[:, :1], Y, "X has 1 columns"), (X, Y[:3], "y has 3 rows"), (X * np.nan, Y, "NaN")],
)
def test_watch_refuses_rows_that_do_not_fit_before_anything_is_trained(
    rows: Any, targets: Any, says: str
) -> None:
    network = Network([2, 8, 1], loss="logistic", seed=0)
    before = network.parameters.copy()
    with pytest.raises(ValueError, match=says):
        network.fit(X, Y, epochs=20, callbacks=[Watch(rows, targets)])
    assert np.array_equal(network.parameters, before)
    assert not len(network.history)


def test_watch_speaks_anew_of_another_network() -> None:
    told: list[Finding] = []
    watch = Watch(X, Y, say=told.append)
    for _ in range(2):
        network = Network([2, 8, 1], activation="identity", loss="logistic", seed=0)
        network.fit(X, Y, epochs=5, callbacks=[watch])
    assert [finding.code for finding in told] == ["no_nonlinearity"] * 2
    assert len(watch.findings) == 1


def test_watch_tries_other_starts_once_in_a_training(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def counted(case: Any, starts: int, steps: int) -> list[float]:
        asked.append(steps)
        return [10.0] * starts

    monkeypatch.setattr("glassnet.diagnostics.watch.errors_after", counted)
    network = Network([2, 8, 1], loss="logistic", seed=0)
    network.fit(X, Y, epochs=550, learning_rate=1e-9, callbacks=[Watch(X, Y, say=ignore)])
    assert asked == [500]


def test_watch_can_try_other_starts_of_a_schedule_that_is_for_one() -> None:
    x, y = sine(64, seed=0)
    network = Network([1, 8, 1], loss="squared_error", seed=0)
    watch = Watch(x, y, say=ignore)
    options = {"schedule": "reduce_on_plateau", "learning_rate": 1e-6}
    network.fit(x, y, epochs=260, validation_split=0.2, callbacks=[watch], **options)
    assert len(network.history) == 260


def test_features_are_decomposed_once_for_all_shuffles(monkeypatch: pytest.MonkeyPatch) -> None:
    svd, asked = np.linalg.svd, list[tuple[int, ...]]()

    def counted(matrix: Any, **options: Any) -> Any:
        asked.append(matrix.shape)
        return svd(matrix, **options)

    labels = np.random.default_rng(0).normal(size=len(X))
    network = Network([2, 8, 1], loss="squared_error", seed=0)
    network.fit(X, labels, epochs=5)
    monkeypatch.setattr(np.linalg, "svd", counted)
    assert "shuffled_labels" in diagnose(network, X, labels, trials=False).codes
    assert len(asked) == 2


def test_many_more_columns_than_rows_are_decomposed_by_their_products() -> None:
    draw = np.random.default_rng(0)
    features, targets = draw.normal(size=(30, 61)), draw.normal(size=(30, 2))
    wide = Ridge(features).fit(targets)
    padded = Ridge(features)
    centred = features - features.mean(axis=0)
    padded.left, padded.sizes, _ = np.linalg.svd(centred, full_matrices=False)
    assert np.allclose(wide.left_out, padded.fit(targets).left_out, rtol=1e-6)
    assert wide.error == pytest.approx(padded.fit(targets).error, rel=1e-6)


@pytest.mark.parametrize("value", [1e200, np.inf, np.nan])
def test_settings_are_plain_whatever_the_parameters_begin_with(value: float) -> None:
    network = Network([2, 4, 1], loss="squared_error", dtype="float64", seed=0)
    network.parameters[:] = value
    with pytest.raises(DivergenceError):
        network.fit(X, Y, epochs=1)
    json.dumps(network.history.settings, allow_nan=False)
    assert network.history.settings["start"]["weights"][0] > 1e199


@pytest.mark.parametrize("solver", ["levenberg_marquardt", "bayesian_regularization"])
def test_no_larger_network_is_tried_with_a_solver_that_needs_matrices(solver: str) -> None:
    draw = np.random.default_rng(0)
    inputs = draw.normal(size=(40, 3))
    network = Network([3, 4, 1], activation="tanh", loss="squared_error", seed=0)
    network.fit(inputs, inputs[:, 0] + draw.normal(size=40), epochs=5, optimizer=solver)
    report = diagnose(network, inputs, inputs[:, 0] + draw.normal(size=40))
    assert report.trials
    assert not [name for name in report.trials if "layers" in name]
