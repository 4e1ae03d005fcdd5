"""What `diagnose` promises: nothing is changed, words for every call, and no more than is known."""

import json
from typing import Any

import numpy as np
import pytest

from glassnet import SGD, DivergenceError, Fleet, Network, OwnLoss, diagnose
from glassnet.core.progress import Progress
from glassnet.datasets import load_digits, moons, sine, xor
from glassnet.diagnostics import Report


def fitted(rows: int = 200, **changes: Any) -> tuple[Network, Any, Any]:
    X, y = moons(rows, noise=0.2, seed=0)
    network = Network([2, 16, 16, 1], loss="logistic", seed=0)
    network.fit(X, y, **{"epochs": 30, **changes})
    return network, X, y


def test_of_a_sound_training_it_says_that_nothing_is_wrong_and_what_it_looked_at() -> None:
    network, X, y = fitted(epochs=100, learning_rate=0.02)
    report = diagnose(network, X, y)
    assert report.codes == []
    assert "Nothing is wrong that could be found" in str(report)
    assert "200 rows" in str(report)
    assert "no rows for validation" in str(report)
    assert f"{len(report.trials)} trials" in str(report)


def test_nothing_of_the_network_is_changed() -> None:
    network, X, y = fitted()
    before, order = network.parameters.copy(), network.streams.order.state
    history = [dict(record) for record in network.history]
    diagnose(network, X, y)
    assert np.array_equal(network.parameters, before)
    assert network.streams.order.state == order
    assert list(network.history) == history


def test_the_same_question_has_the_same_answer() -> None:
    network, X, y = fitted(learning_rate=1e-5)
    assert diagnose(network, X, y).as_data() == diagnose(network, X, y).as_data()


def test_a_report_is_plain_data_and_a_sequence_of_findings() -> None:
    network, X, y = fitted(learning_rate=1e-5)
    report = diagnose(network, X, y)
    assert json.loads(json.dumps(report.as_data())) == report.as_data()
    assert report[0].code == report.codes[0] == "learning_rate_too_low"
    assert len(report) == len(list(report))
    assert report[0].level in str(report)
    assert report[0].page in str(report)


def test_a_remedy_is_the_call_to_make() -> None:
    network, X, y = fitted(learning_rate=1e-5)
    remedy = diagnose(network, X, y)[0].remedy
    assert remedy.settable
    assert remedy.call.startswith("net.fit(X, y, ..., learning_rate=")
    better = Network([2, 16, 16, 1], loss="logistic", seed=0)
    better.fit(X, y, epochs=30, **remedy.fit)
    assert better.evaluate(X, y)["loss"] < 0.5 * network.evaluate(X, y)["loss"]


def test_without_trials_it_says_only_what_can_be_seen() -> None:
    network, X, y = fitted(learning_rate=1e-5)
    report = diagnose(network, X, y, trials=False)
    assert report.trials == {}
    assert "learning_rate_too_low" not in report.codes
    assert "no trials" in str(report)


def test_validation_rows_judge_trials() -> None:
    network, X, y = fitted()
    report = diagnose(network, X, y, validation_data=moons(100, noise=0.2, seed=1))
    assert "100 rows for validation" in str(report)


def test_a_network_never_trained_is_looked_at_without_trials() -> None:
    X, y = moons(100, seed=0)
    network = Network([2, 8, 1], seed=0)
    report = diagnose(network, X, y)
    assert "never trained" in str(report)
    assert report.trials == {}
    assert network.loss is None


def test_a_single_row_is_enough_to_say_little() -> None:
    network = Network([2, 4, 1], loss="squared_error", seed=0)
    report = diagnose(network, [[1.0, 2.0]], [3.0])
    assert isinstance(report, Report)
    assert "1 row" in str(report)


def test_the_four_rows_of_xor_can_be_diagnosed() -> None:
    X, y = xor()
    network = Network([2, 4, 1], activation="identity", loss="logistic", seed=0)
    network.fit(X, y, epochs=300, learning_rate=0.05)
    assert diagnose(network, X, y).codes[0] == "no_nonlinearity"


def test_of_many_rows_some_are_drawn_and_it_is_said() -> None:
    X, y = moons(5000, seed=0)
    network = Network([2, 8, 1], seed=0)
    network.fit(X, y, epochs=2)
    assert "2000 of 5000 rows" in str(diagnose(network, X, y, trials=False))


def test_labels_of_several_classes_and_text_are_understood() -> None:
    X, y = load_digits()
    names = np.array(list("abcdefghij"))
    network = Network([64, 16, 10], classes=list(names), seed=0)
    network.fit(X[:300], names[y[:300]], epochs=10)
    report = diagnose(network, X[:300], names[y[:300]], trials=False)
    assert report.codes == []


@pytest.mark.parametrize("loss", ["gaussian", "huber", "absolute_error", "poisson"])
def test_losses_of_numbers_are_understood(loss: str) -> None:
    X, y = sine(100, seed=0)
    outputs = 2 if loss == "gaussian" else 1
    network = Network([1, 8, outputs], loss=loss, seed=0)
    network.fit(X, np.abs(y), epochs=150, learning_rate=1e-6)
    report = diagnose(network, X, np.abs(y))
    assert report.codes[0] == "learning_rate_too_low"
    assert all(np.isfinite(error) for error in report.trials.values())


def test_rows_without_a_known_target_are_left_out() -> None:
    X, y = sine(100, seed=0)
    y = y.copy()
    y[::10] = np.nan
    network = Network([1, 8, 1], loss="squared_error", seed=0)
    network.fit(X, y, epochs=30, missing="mask")
    assert "90 of 100 rows" in str(diagnose(network, X, y))


def test_several_labels_a_row_are_understood() -> None:
    X, y = moons(100, seed=0)
    both = np.stack([y, 1 - y], axis=1)
    network = Network([2, 8, 2], loss="logistic", seed=0)
    network.fit(X, both, epochs=20, learning_rate=1e-6)
    assert diagnose(network, X, both).codes[0] == "learning_rate_too_low"


def test_a_solver_and_restarts_can_be_diagnosed() -> None:
    X, y = sine(100, seed=0)
    for options in ({"optimizer": "levenberg_marquardt"}, {"restarts": 2}):
        network = Network([1, 6, 1], loss="squared_error", seed=0)
        network.fit(X, y, epochs=20, **options)
        report = diagnose(network, X, y)
        assert report.trials
        assert ("learning_rate" in str(report.trials)) == ("restarts" in options)


def half(progress: Progress) -> float:
    return 0.01


def test_a_learning_rate_that_is_a_function_is_not_guessed_at() -> None:
    network, X, y = fitted(learning_rate=half)
    assert not [code for code in diagnose(network, X, y).codes if "learning_rate" in code]


def test_a_network_that_diverged_is_told_why() -> None:
    X, y = sine(200, seed=0)
    network = Network([1, 16, 1], activation="relu", loss="squared_error", seed=0)
    with pytest.raises(DivergenceError):
        network.fit(X, y, epochs=50, optimizer=SGD(learning_rate=1e6))
    assert "learning_rate_too_high" in diagnose(network, X, y).codes


def squares(scores: Any, targets: Any) -> Any:
    return (scores - targets) ** 2


def uphill(scores: Any, targets: Any) -> Any:
    return -2.0 * (scores - targets)


def test_with_a_wrong_gradient_nothing_is_tried() -> None:
    X, y = sine(100, seed=0)
    network = Network([1, 6, 1], loss=OwnLoss("mine", squares, uphill), seed=0)
    network.fit(X, y, epochs=2, learning_rate=1e-4)
    report = diagnose(network, X, y)
    assert report.codes[0] == "gradient_ascent"
    assert report[0].level == "certain"
    assert report.trials == {}
    assert not report[0].remedy.settable


def test_what_does_no_harm_is_a_note() -> None:
    X, y = moons(200, noise=0.2, seed=0)
    X = np.column_stack([X, np.ones(len(X)), X[:, 0]])
    network = Network([4, 16, 16, 1], loss="logistic", seed=0)
    network.fit(X, y, epochs=100, learning_rate=0.02)
    report = diagnose(network, X, y)
    assert {"constant_column", "duplicate_column"} <= {note.code for note in report.notes}
    assert not {"constant_column", "duplicate_column"} & set(report.codes)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        ({"network": "net"}, TypeError, "network must be a Network"),
        ({"network": Fleet([2, 4, 1], 2)}, TypeError, "fleet"),
        ({"X": np.zeros((5, 3))}, ValueError, "X"),
        ({"y": [1, 2]}, ValueError, "rows"),
        ({"X": np.zeros((0, 2)), "y": []}, ValueError, "X"),
        ({"history": "last"}, TypeError, "history must be"),
        ({"history": [{"accuracy": 1.0}]}, TypeError, "history must be"),
        ({"history": 3}, TypeError, "history must be"),
        ({"validation_data": 3}, ValueError, "validation_data"),
        ({"validation_data": (np.zeros((4, 3)), [0, 1, 0, 1])}, ValueError, "X_val"),
        ({"trials": "yes"}, (TypeError, ValueError), "trials"),
    ],
)
def test_bad_arguments_are_told(call: dict[str, Any], error: Any, words: str) -> None:
    network, X, y = fitted(epochs=1)
    given = {"network": network, "X": X, "y": y, **call}
    with pytest.raises(error, match=words):
        diagnose(**given)


def test_targets_that_are_all_unknown_are_told() -> None:
    network = Network([1, 2, 2], loss="squared_error", seed=0)
    with pytest.raises(ValueError, match="no row with known targets"):
        diagnose(network, [[1.0], [2.0]], [[np.nan, 1.0], [2.0, np.nan]])


def test_a_history_of_records_alone_is_enough_to_look() -> None:
    network, X, y = fitted()
    report = diagnose(network, X, y, [{"loss": 1.0}])
    assert report.trials == {}
    assert "does not say how it was trained" in str(report)
