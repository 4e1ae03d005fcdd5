"""What a fleet is given wrongly is refused in words, and nothing has changed.

To add a case: a line in one of the tables.
"""

from typing import Any

import numpy as np
import pytest
from fleet_and_alone import X_DEFAULT as X
from fleet_and_alone import Y_DEFAULT as Y
from fleet_and_alone import refused_unchanged

from glassnet import SGD, Fleet, Network
from glassnet.diagnostics import Recorder
from glassnet.schedules import ReduceOnPlateau, WarmUp

WEIGHTS = np.random.default_rng(0).uniform(size=(3, 45))
LAYERS = [3, 4, 3]
NAN = float("nan")


@pytest.mark.parametrize(
    ("name", "value", "error", "words"),
    [
        ("members", 0, ValueError, "at least 1; got 0"),
        ("members", -1, ValueError, "got -1"),
        ("members", True, TypeError, "members must be an integer of at least 1; got True"),
        ("members", 2.5, ValueError, "got 2.5"),
        ("members", "3", TypeError, "got '3'"),
        ("members", None, TypeError, "got None"),
        ("members", 10**12, ValueError, "members=1000000000000 needs 1,"),
        ("members", 10**40, ValueError, "members must be at most 2**48; got 1000"),
        ("seed", [1, 2], ValueError, "seed must be one, or 3 of them; got 2"),
        ("seed", [1, 2, "a"], TypeError, "seed must be an integer of at least 0; got 'a'"),
        ("seed", [1, [2], 3], TypeError, "got [2]"),
        ("seed", [1, -1, 2], ValueError, "got -1"),
        ("seed", [True, 1, 2], TypeError, "got True"),
        ("seed", {1, 2, 3}, TypeError, "got {1, 2, 3}"),
        ("dropout", np.array([0.1, 0.2]), ValueError, "one for each of 3 member(s); got 2"),
        ("dropout", np.array([0.1, 0.2, 1]), ValueError, "dropout[2] must be a number in [0, 1)"),
        ("dropout", np.array([0.1, NAN, 0]), ValueError, "dropout[1] must be"),
        ("dropout", [np.zeros(3)], TypeError, "dropout must be a number in [0, 1)"),
        ("initializer_scale", [1, 2], ValueError, "one for each of 3 member(s); got 2"),
        ("initializer_scale", [1, 2, 0], ValueError, "initializer_scale[2] must be"),
        ("initializer_scale", [1, [2], 3], TypeError, "initializer_scale[1] must be"),
        ("initializer_scale", "a", TypeError, "got 'a'"),
        ("own_order", 1, TypeError, "own_order must be True or False; got 1"),
    ],
)
def test_a_fleet_refuses_wrong_arguments(
    name: str, value: Any, error: type[Exception], words: str
) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        Fleet(LAYERS, **{"members": 3, name: value})
    assert type(caught.value) is error
    assert words in str(caught.value)


def test_the_members_are_checked_before_what_depends_on_them() -> None:
    with pytest.raises(ValueError, match="members must be an integer of at least 1; got 2"):
        Fleet(LAYERS, 2.5, dropout=np.zeros(2))  # type: ignore[arg-type]  # that is the point


def test_without_hidden_layers_there_is_nothing_to_drop() -> None:
    assert Fleet([3, 2], 2, dropout=np.array([0.1, 0.2])).dropout == ()


@pytest.mark.parametrize(
    "which", [3, -4, "a", 1.0, None, [], slice(2, 2), [0, 9], [[0, 1]], True, (0, 1), [0.5]]
)
def test_what_is_no_member_is_refused(which: Any) -> None:
    with pytest.raises(IndexError, match="is no member of a fleet of 3: give a number below"):
        Fleet(LAYERS, 3)[which]


@pytest.mark.parametrize(
    ("which", "numbers"),
    [
        (slice(None, None, 2), [0, 2, 4]),
        ([3, 0], [3, 0]),
        ([1, 1], [1, 1]),
        (np.array([True, False, False, False, True]), [0, 4]),
        (..., [0, 1, 2, 3, 4]),
        (slice(-2, 10**30), [3, 4]),
    ],
)
def test_parts_of_a_fleet_are_fleets_of_copies(which: Any, numbers: list[int]) -> None:
    fleet = Fleet(LAYERS, 5, dropout=0.2, seed=1)
    fleet.fit(X, Y, epochs=2)
    part, parameters = fleet[which], fleet.parameters.copy()
    assert len(part) == len(numbers)
    for mine, number in zip(part, numbers, strict=True):
        theirs = fleet[number]
        assert list(mine.history) == list(theirs.history)
        assert mine.streams.states() == theirs.streams.states()
        assert mine.seed == theirs.seed
        np.testing.assert_array_equal(mine.parameters, theirs.parameters)
    part.fit(X, Y, epochs=1)
    np.testing.assert_array_equal(fleet.parameters, parameters)
    np.testing.assert_array_equal(fleet[-1].parameters, fleet.parameters[4])


OPTIONS: list[tuple[str, Any, type[Exception], tuple[str, ...]]] = [
    ("learning_rate", [0.1], ValueError, ("one for each of 3 members; got 1",)),
    ("learning_rate", [0.1, NAN, 0.1], ValueError, ("learning_rate[1] must be", "nan")),
    ("learning_rate", (0.1, -1, 0.1), ValueError, ("learning_rate[1] must be", "-1")),
    ("learning_rate", ["a"] * 3, TypeError, ("learning_rate[0] must be", "'a'")),
    ("learning_rate", [0.1, [0.1], 0.1], TypeError, ("learning_rate[1] must be", "[0.1]")),
    ("learning_rate", "0.1", TypeError, ("learning_rate must be", "'0.1'")),
    ("learning_rate", {0.1}, TypeError, ("learning_rate must be", "{0.1}")),
    ("learning_rate", np.full((3, 1), 0.1), TypeError, ("learning_rate must be", "(3, 1)")),
    ("weight_decay", [0.1, 0.1, True], TypeError, ("weight_decay[2] must be", "True")),
    ("optimizer", SGD(momentum=[0.1, 0.2]), ValueError, ("momentum must be one number", "got 2")),
    ("epochs", [1, 2, 3], TypeError, ("epochs must be",)),
    ("batch_size", [1, 2, 3], TypeError, ("batch_size must be",)),
    ("early_stopping", [1, 2, 3], TypeError, ("early_stopping must be",)),
    ("schedule", "reduce_on_plateau", ValueError, ("history of one network",)),
    ("schedule", WarmUp(1, ReduceOnPlateau()), ValueError, ("history of one network",)),
    ("callbacks", [Recorder()], ValueError, ("Recorder looks at one network",)),
    ("restarts", 2, TypeError, ("Fleet.fit got an unexpected keyword argument 'restarts'",)),
    ("epoch", 2, TypeError, ("Fleet.fit got an unexpected keyword argument 'epoch'", "epochs,")),
    ("sample_weight", WEIGHTS[:2], ValueError, ("(45,), or (3, 45); got shape (2, 45)",)),
    ("sample_weight", np.ones((4, 45)), ValueError, ("got shape (4, 45)",)),
    ("sample_weight", WEIGHTS.T, ValueError, ("got shape (45, 3)",)),
    ("sample_weight", -WEIGHTS, ValueError, ("at least 0; got -", "at member")),
    ("sample_weight", WEIGHTS * [[1], [0], [1]], ValueError, ("add up to 0", "for member 1")),
    ("sample_weight", WEIGHTS * [[1], [1], [1e38]], ValueError, ("up to inf", "for member 2")),
    ("validation_data", (X, Y, WEIGHTS[:2]), ValueError, ("sample_weight_val", "(2, 45)")),
    ("validation_data", (X, Y, WEIGHTS * [[1], [0], [1]]), ValueError, ("for member 1",)),
    ("X", X[:, :2], ValueError, ("X has 2 columns",)),
    ("y", None, ValueError, ("y is None",)),
    ("X", [(X, Y, WEIGHTS[:2])], ValueError, ("sample_weight", "(2, 45)")),
]


@pytest.mark.parametrize(("name", "value", "error", "words"), OPTIONS)
def test_fit_of_a_fleet_refuses_wrong_options(
    name: str, value: Any, error: type[Exception], words: tuple[str, ...]
) -> None:
    options = {name: value}
    if name == "X" and isinstance(value, list):
        options["y"] = None
    refused_unchanged(Fleet(LAYERS, 3, seed=0), error, *words, **options)


def test_a_failed_fit_does_not_move_the_streams() -> None:
    """The rows held back were drawn already when the metric turned out to be of no use."""
    fleet = Fleet(LAYERS, 3, dropout=0.1, own_order=True, seed=0)
    options = {"validation_split": 0.2, "metrics": lambda targets, outputs, weights: "a"}
    refused_unchanged(fleet, TypeError, "must give one number", **options)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"restarts": 0}, ValueError, "restarts must be an integer of at least 1; got 0"),
        ({"restarts": True}, TypeError, "got True"),
        ({"restarts": 2.5}, ValueError, "got 2.5"),
        ({"restarts": "3"}, TypeError, "got '3'"),
        ({"restarts": 10**12}, ValueError, "restarts=1000000000000 needs"),
        ({"restarts": 10**30}, ValueError, "restarts must be at most 2**48"),
        ({"restarts": 3, "learning_rate": [0.1] * 3}, TypeError, "is for a Fleet"),
        ({"optimizer": SGD(momentum=[0.1, 0.2])}, TypeError, "momentum must be one number"),
        ({"restarts": 3, "sample_weight": WEIGHTS}, ValueError, "got shape (3, 45)"),
        ({"restarts": 3, "callbacks": [Recorder()]}, ValueError, "looks at one network"),
        (
            {"restarts": 3, "schedule": "reduce_on_plateau", "validation_split": 0.2},
            ValueError,
            "with restarts, all share the schedule",
        ),
    ],
)
def test_a_network_refuses_what_is_for_fleets_and_wrong_restarts(
    options: dict[str, Any], error: type[Exception], words: str
) -> None:
    refused_unchanged(Network(LAYERS, dropout=0.1, seed=0), error, words, **options)


def test_the_finder_of_rates_tries_one_network() -> None:
    with pytest.raises(ValueError, match="leave restarts out"):
        Network(LAYERS, seed=0).find_learning_rate(X, Y, restarts=2)
