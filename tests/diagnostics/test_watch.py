"""Watch speaks up once for each trouble, in time, and changes nothing."""

from typing import Any

import numpy as np
import pytest

from glassnet import Fleet, Network
from glassnet.datasets import circles, moons, sine, xor
from glassnet.diagnostics import Finding, Watch


def test_no_bit_of_the_training_is_changed() -> None:
    X, y = moons(200, seed=0)
    found = []
    for callbacks in ([], [Watch(X, y, say=ignore)]):
        network = Network([2, 2, 1], dropout=0.1, seed=0)
        network.fit(X, y, epochs=60, callbacks=callbacks)
        found.append(network.parameters.copy())
    assert np.array_equal(*found)


def ignore(finding: Finding) -> None:
    pass


def test_each_trouble_is_told_once_with_the_step() -> None:
    X, y = moons(200, seed=0)
    told: list[Finding] = []
    watch = Watch(X, y, say=told.append)
    network = Network([2, 8, 1], activation="identity", seed=0)
    network.fit(X, y, epochs=30, callbacks=[watch])
    codes = [finding.code for finding in told]
    assert codes == ["no_nonlinearity"]
    assert told[0].evidence["step"] == 10
    assert watch.findings == told


def test_it_writes_to_standard_error_by_itself(capsys: pytest.CaptureFixture[str]) -> None:
    X, y = moons(200, seed=0)
    network = Network([2, 8, 1], activation="identity", seed=0)
    network.fit(X, y, epochs=3, callbacks=[Watch(X, y)])
    shown = capsys.readouterr()
    assert "linear in effect" in shown.err
    assert not shown.out


@pytest.mark.parametrize("trials", [True, False])
def test_a_bad_start_is_told_by_step_500_where_others_may_be_tried(trials: bool) -> None:
    X, y = xor(400, noise=0.1, seed=0)
    watch = Watch(X, y, say=ignore, trials=trials)
    network = Network([2, 2, 1], activation="tanh", loss="logistic", seed=3)
    network.weights[0][:] = [[3.0, 3.0], [3.0, -3.0]]
    network.biases[0][:] = [9.0, 9.0]
    network.fit(X, y, epochs=60, learning_rate=0.05, callbacks=[watch])
    bad = [each for each in watch.findings if each.code == "poor_start"]
    assert len(bad) == trials
    if not trials:
        return
    assert bad[0].evidence["step"] <= 500
    assert bad[0].remedy.fit == {"restarts": 8}


def test_a_sound_training_is_left_in_peace() -> None:
    X, y = sine(200, seed=0)
    watch = Watch(X, y, say=ignore)
    Network([1, 16, 1], loss="squared_error", seed=0).fit(X, y, epochs=100, callbacks=[watch])
    assert watch.findings == []


def test_a_second_fit_is_watched_from_its_first_steps() -> None:
    X, y = moons(200, seed=0)
    watch = Watch(X, y, say=ignore)
    network = Network([2, 8, 1], activation="identity", seed=0)
    for _ in range(2):
        network.fit(X, y, epochs=2, callbacks=[watch])
    assert len(watch.findings) == 1


@pytest.mark.parametrize("options", [{"say": "loud"}, {"trials": 2}])
def test_bad_arguments_are_told(options: dict[str, Any]) -> None:
    X, y = moons(20, seed=0)
    with pytest.raises((TypeError, ValueError), match=next(iter(options))):
        Watch(X, y, **options)


def test_a_fleet_refuses_it() -> None:
    X, y = moons(40, seed=0)
    with pytest.raises((TypeError, ValueError), match="Watch"):
        Fleet([2, 4, 1], 3).fit(X, y, epochs=1, callbacks=[Watch(X, y)])


@pytest.mark.parametrize("trials", [True, False])
def test_a_missing_bias_is_told_with_what_a_short_training_gains(trials: bool) -> None:
    X, y = circles(300, noise=0.1, seed=0)
    X = X + 1.0  # measurements that lie on one side of 0
    watch = Watch(X, y, say=ignore, trials=trials)
    network = Network([2, 16, 1], bias=False, seed=0)
    network.fit(X, y, epochs=80, learning_rate=0.03, callbacks=[watch])
    (bias,) = (each for each in watch.findings if each.code == "missing_bias")
    assert bias.evidence["step"] == 10
    assert (bias.evidence.get("error_falls_by_factor", 0.0) > 2.0) == trials
