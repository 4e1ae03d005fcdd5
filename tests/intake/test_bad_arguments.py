"""Wrong arguments of Network and of fit: each refused with the right error, in words that teach,
without a trace on the network. To add a case: a line in a table."""

import math
from functools import partial
from typing import Any

import numpy as np
import pytest
from refusals import refused, refused_unchanged
from small_problems import state, three_classes

from glassnet import SGD, Callback, Network
from glassnet.callbacks import ClipNorm, EarlyStopping
from glassnet.core.activation import Activation
from glassnet.core.loss import Loss
from glassnet.intake.architecture import check_memory
from glassnet.schedules import Cosine

X, Y = three_classes(20)
NAN, INF = math.nan, math.inf

SIZES = "[784, 32, 16, 10]"


class LSTM:
    """As a layer of another library."""


# Network(...)

BAD_LAYERS: list[tuple[Any, type[Exception], tuple[str, ...]]] = [
    (None, TypeError, ("layers must be a list of integers", "None", SIZES)),
    (3, TypeError, ("layers must be a list of integers", "got 3")),
    ("784,10", TypeError, ("layers must be a list of integers", "'784,10'")),
    (b"ab", TypeError, ("layers must be a list of integers", "b'ab'")),
    ({3: 1, 4: 2}, TypeError, ("layers must be a list of integers", "{3: 1, 4: 2}")),
    ({3, 4}, TypeError, ("layers must be a list of integers", "{3, 4}")),
    (np.array(3), TypeError, ("layers must be a list of integers", "shape ()")),
    ([], ValueError, ("layers must have at least 2 sizes", "got []", SIZES)),
    ([3], ValueError, ("layers must have at least 2 sizes", "got [3]")),
    ([[3, 4]], ValueError, ("layers must have at least 2 sizes",)),
    ([3, [4, 5]], TypeError, ("layers[1] must be an integer", "[4, 5]")),
    ([3, 0, 2], ValueError, ("layers[1] must be an integer of at least 1", "got 0")),
    ([3, -3, 2], ValueError, ("layers[1]", "at least 1", "got -3")),
    ([3, 2.5, 2], ValueError, ("layers[1]", "an integer", "got 2.5")),
    ([3, 4.0, 2], ValueError, ("layers[1]", "an integer", "got 4.0")),
    (np.array([3.0, 4.0]), ValueError, ("layers[0]", "an integer", "got 3.0")),
    ([3, NAN], ValueError, ("layers[1]", "an integer", "nan")),
    ([3, "4", 2], TypeError, ("layers[1]", "an integer", "'4'")),
    ([3, None, 2], TypeError, ("layers[1]", "an integer", "None")),
    ([3, "Conv2D", 2], ValueError, ("layers[1]", "'Conv2D'", "no convolution")),
    ([3, LSTM(), 2], ValueError, ("layers[1]", "LSTM", "no convolution, recurrence")),
    ([3, True, 2], TypeError, ("layers[1]", "an integer", "True")),
    ([3, np.True_, 2], TypeError, ("layers[1]", "an integer", "True")),
    ([3, 10**9, 10**9], ValueError, ("layers=[3, 1000000000, 1000000000] needs", "GiB", "has")),
    ([10**30, 2], ValueError, ("layers[0] must be at most 2**48",)),
]

BAD_SETTINGS: list[tuple[str, Any, type[Exception], tuple[str, ...]]] = [
    ("activation", "reluu", ValueError, ("one of identity, relu", "'reluu'", "mean 'relu'?")),
    ("activation", "softmax", ValueError, ("'softmax'", "loss='softmax_cross_entropy'")),
    ("activation", "swish", ValueError, ("'swish'", "use 'silu'")),
    ("activation", "batch_norm", ValueError, ("'batch_norm'", "dense layers and dropout only")),
    ("activation", np.tanh, TypeError, ("activation", "OwnActivation(name, function, deriv")),
    ("loss", abs, TypeError, ("loss", "OwnLoss(name, values, gradient)")),
    ("activation", None, TypeError, ("one of the names", "class Activation", "None")),
    ("activation", Activation, TypeError, ("an object of class Activation", "<class")),
    ("activation", ["relu", "relu"], ValueError, ("one value or a list of 1", "got 2")),
    ("activation", [], ValueError, ("one value or a list of 1", "got 0")),
    ("activation", [3], TypeError, ("one of the names", "got 3")),
    ("loss", "mse", ValueError, ("'mse'", "use 'squared_error'")),
    ("loss", None, TypeError, ("one of the names", "None")),
    ("loss", Loss, TypeError, ("an object of class Loss", "<class")),
    ("dropout", 1, ValueError, ("[0, 1)", "got 1")),
    ("dropout", -0.1, ValueError, ("[0, 1)", "got -0.1")),
    ("dropout", NAN, ValueError, ("[0, 1)", "nan")),
    ("dropout", True, TypeError, ("[0, 1)", "True")),
    ("dropout", "a", TypeError, ("[0, 1)", "'a'")),
    ("dropout", None, TypeError, ("[0, 1)", "None")),
    ("dropout", [0.1, 0.2], ValueError, ("a list of 1", "got 2: [0.1, 0.2]")),
    ("dropout", [[0.1, 0.2]], TypeError, ("[0, 1)", "[0.1, 0.2]")),
    ("dropout", np.array(0.5), TypeError, ("[0, 1)", "shape ()")),
    ("initializer", "he", ValueError, ("one of auto, he_normal", "'he'")),
    ("initializer", None, TypeError, ("one of the names auto", "None")),
    ("bias", 1, TypeError, ("True or False", "got 1")),
    ("bias", None, TypeError, ("True or False", "None")),
    ("bias", "yes", TypeError, ("True or False", "'yes'")),
    ("bias", [True], ValueError, ("a list of 2", "got 1")),
    ("classes", "ab", TypeError, ("a list of labels", "'ab'")),
    ("classes", 3, TypeError, ("a list of labels", "got 3")),
    ("classes", {"a", "b"}, TypeError, ("a list of labels", "{")),
    ("classes", {"a": 1, "b": 2}, TypeError, ("a list of labels", "{'a': 1")),
    ("classes", ["a"], ValueError, ("3 different labels for 3 output(s)", "['a']")),
    ("classes", ["a", "a", "b"], ValueError, ("3 different labels", "['a', 'a', 'b']")),
    ("classes", [1, True, 2], ValueError, ("3 different labels", "True")),
    ("classes", [1, NAN, 2], ValueError, ("3 different labels", "nan")),
    ("classes", ["a", "a\0", "b"], ValueError, ("got 'a\\x00'", "back as 'a'. Rename")),
    ("classes", [2**53, 2**53 + 1, 0.5], ValueError, ("9007199254740993", "Rename it")),
    ("classes", ["a", 1, 2], TypeError, ("all text or all numbers", "['a', 1, 2]")),
    ("classes", [None, 1, 2], TypeError, ("all text or all numbers", "None")),
    ("classes", [[1], [2], [3]], TypeError, ("all text or all numbers",)),
    ("input_scale", 0, ValueError, ("above 0", "got 0")),
    ("input_scale", -1.0, ValueError, ("above 0", "got -1.0")),
    ("input_scale", INF, ValueError, ("finite", "inf")),
    ("input_scale", True, TypeError, ("above 0", "True")),
    ("input_scale", "1/255", TypeError, ("above 0", "'1/255'")),
    ("dtype", "float16", ValueError, ("'float32' or 'float64'", "'float16'")),
    ("dtype", ">f4", ValueError, ("'float32' or 'float64'", "'>f4'")),
    ("dtype", None, ValueError, ("'float32' or 'float64'", "None")),
    ("dtype", int, ValueError, ("'float32' or 'float64'", "int")),
    ("dtype", np.zeros(3), ValueError, ("'float32' or 'float64'", "shape (3,)")),
    ("dtype", {"names": 1}, ValueError, ("'float32' or 'float64'", "{'names': 1}")),
    ("seed", -1, ValueError, ("at least 0", "-1", "None for a random start")),
    ("seed", 1.5, ValueError, ("an integer", "1.5")),
    ("seed", "abc", TypeError, ("an integer", "'abc'")),
    ("seed", True, TypeError, ("an integer", "True")),
    ("seed", [1], TypeError, ("an integer", "[1]")),
]


@pytest.mark.parametrize(("layers", "error", "words"), BAD_LAYERS)
def test_network_refuses_wrong_layers(layers: Any, error: type[Exception], words: Any) -> None:
    refused(lambda: Network(layers), error, *words)


@pytest.mark.parametrize(("name", "value", "error", "words"), BAD_SETTINGS)
def test_network_refuses_wrong_settings(
    name: str, value: Any, error: type[Exception], words: tuple[str, ...]
) -> None:
    refused(lambda: Network([3, 4, 3], **{name: value}), error, f"{name} must be", *words)


@pytest.mark.parametrize("name", ["activation", "dropout"])
def test_settings_of_hidden_layers_are_checked_where_there_are_none(name: str) -> None:
    for value in ("reluu", -1, ["relu"]):
        with pytest.raises((ValueError, TypeError), match=name):
            Network([3, 3], **{name: value})
    assert Network([3, 3], activation=[], dropout=[]).activations == ()


def test_one_output_has_two_classes() -> None:
    refused(lambda: Network([3, 1], classes=["a"]), ValueError, "2 different labels for 1 output")


@pytest.mark.parametrize("name", ["batch_norm", "kernel_size", "hidden_layers", "residual"])
def test_unknown_settings_are_refused_by_name(name: str) -> None:
    refused(lambda: Network([3, 3], **{name: True}), TypeError, "unexpected keyword", f"'{name}'")
    refused(lambda: Network([3, 3]).fit(X, Y, **{name: 1}), TypeError, f"'{name}'")


def test_memory_is_looked_at_before_anything_is_allocated(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    pages = {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 1280}  # 5 MiB
    monkeypatch.setattr(os, "sysconf", pages.get, raising=False)
    check_memory((100, 1000), np.dtype("f4"))
    refused(lambda: Network([100, 2000]), ValueError, "layers=[100, 2000] needs 0.0 GiB")
    monkeypatch.delattr(os, "sysconf")  # as on Windows: then 64 GiB are taken for granted
    check_memory((100, 2000), np.dtype("f4"))
    refused(lambda: Network([3, 10**9, 10**9]), ValueError, "this machine has 64.0 GiB")


# fit(...)

COUNT = ("an integer of at least 1",)
RATE = ("a finite number above 0",)
PAIR = ("(X_val, y_val) or (X_val, y_val, weights)",)
HOOK = ("an object with one of the hooks on_fit_begin",)

BAD_OPTIONS: list[tuple[str, Any, type[Exception], tuple[str, ...]]] = [
    *[
        (name, value, error, (f"{name} must be", *COUNT, repr(value)))
        for name in ("epochs", "batch_size")
        for value, error in [
            (0, ValueError),
            (-1, ValueError),
            (2.5, ValueError),
            (NAN, ValueError),
            (True, TypeError),
            ("10", TypeError),
        ]
    ],
    ("epochs", None, TypeError, ("epochs must be", *COUNT, "None")),
    *[
        ("learning_rate", value, error, ("learning_rate must be", *RATE, repr(value)))
        for value, error in [
            (0, ValueError),
            (-0.1, ValueError),
            (NAN, ValueError),
            (INF, ValueError),
            (True, TypeError),
            ("0.1", TypeError),
        ]
    ],
    ("learning_rate", [0.1], TypeError, ("must be one number; got [0.1]", "is for a Fleet")),
    ("learning_rate", 10**400, ValueError, ("learning_rate must be", "finite")),
    ("learning_rate", lambda progress: -1.0, ValueError, ("function learning_rate", "-1.0")),
    ("learning_rate", lambda progress: None, TypeError, ("function learning_rate", "None")),
    ("optimizer", "sgdd", ValueError, ("optimizer must be one of sgd", "Did you mean 'sgd'?")),
    ("optimizer", SGD, TypeError, ("optimizer is a class; pass an object: SGD()",)),
    ("optimizer", 3, TypeError, ("optimizer must be one of the names sgd", "got 3")),
    ("optimizer", Callback(), TypeError, ("optimizer must be", "an object of class Optimizer")),
    ("schedule", "cosin", ValueError, ("schedule must be one of constant", "mean 'cosine'?")),
    ("schedule", Cosine, TypeError, ("schedule is a class; pass an object: Cosine()",)),
    ("schedule", 3, TypeError, ("schedule must be", "or a function of a Progress", "got 3")),
    ("schedule", None, TypeError, ("schedule must be", "or a function", "None")),
    ("schedule", lambda progress: NAN, ValueError, ("function schedule gives", "nan")),
    ("schedule", lambda progress: "a", TypeError, ("function schedule gives", "'a'")),
    ("weight_decay", -0.1, ValueError, ("weight_decay must be", "at least 0", "-0.1")),
    ("weight_decay", True, TypeError, ("weight_decay must be", "True")),
    ("validation_data", X, ValueError, (*PAIR, "shape (20, 3)")),
    ("validation_data", (X,), ValueError, PAIR),
    ("validation_data", (X, Y, Y, Y), ValueError, PAIR),
    ("validation_data", "ab", ValueError, (*PAIR, "'ab'")),
    ("validation_data", (X, Y[:3]), ValueError, ("y_val has 3 rows", "X has 20")),
    ("validation_data", (X[:, :2], Y), ValueError, ("X_val has 2 columns",)),
    ("validation_data", (X, None), ValueError, ("y_val is None",)),
    ("validation_data", (X, Y + 7), ValueError, ("y_val must be integer labels",)),
    ("validation_split", 1, ValueError, ("validation_split must be", "[0, 1)", "got 1")),
    ("validation_split", -0.1, ValueError, ("validation_split must be", "-0.1")),
    ("validation_split", "a", TypeError, ("validation_split must be", "'a'")),
    ("validation_split", None, TypeError, ("validation_split must be", "None")),
    ("validation_split", 0.99, ValueError, ("validation_split=0.99 of 20 rows", "0 to train")),
    ("validation_split", 0.001, ValueError, ("validation_split=0.001", "0 to validate")),
    ("class_weight", "balance", ValueError, ("class_weight must be 'balanced'", "'balance'")),
    ("class_weight", 3, TypeError, ("class_weight must be 'balanced' or a dictionary", "3")),
    ("class_weight", {5: 1.0}, ValueError, ("class_weight has the label 5", "[0, 1, 2]")),
    ("class_weight", {"a": 1.0}, ValueError, ("class_weight has the label 'a'",)),
    ("class_weight", {0: -1.0}, ValueError, ("class_weight must be", "at least 0", "-1.0")),
    ("class_weight", {0: "a"}, TypeError, ("class_weight must be", "'a'")),
    ("class_weight", {0: 0, 1: 0, 2: 0}, ValueError, ("class_weight gives every row",)),
    ("metrics", ["accuracy"], ValueError, ("metrics are computed on validation rows",)),
    ("callbacks", None, TypeError, ("callbacks must be a list", "None")),
    ("callbacks", ClipNorm(1.0), TypeError, ("callbacks must be a list", "ClipNorm")),
    ("callbacks", [ClipNorm], TypeError, (*HOOK, "class")),
    ("callbacks", [3], TypeError, (*HOOK, "got 3")),
    ("early_stopping", 0, ValueError, ("early_stopping must be", *COUNT, "0")),
    ("early_stopping", 2.5, ValueError, ("early_stopping must be", "2.5")),
    ("early_stopping", "yes", TypeError, ("early_stopping must be", "'yes'")),
    ("early_stopping", EarlyStopping, TypeError, ("early_stopping must be", "class")),
    *[
        (name, value, TypeError, (f"{name} must be True or False", repr(value)))
        for name in ("standardize", "shuffle", "verbose")
        for value in (1, None, "yes")
    ],
    ("missing", "ignore", ValueError, ("missing must be one of error, mask", "'ignore'")),
    ("missing", True, TypeError, ("missing must be", "True")),
    ("target_loss", NAN, ValueError, ("target_loss must be a finite number", "nan")),
    ("target_loss", "low", TypeError, ("target_loss must be", "'low'")),
    ("time_limit", 0, ValueError, ("time_limit must be", "above 0", "got 0")),
    ("time_limit", "1 h", TypeError, ("time_limit must be", "'1 h'")),
]


@pytest.mark.parametrize(("name", "value", "error", "words"), BAD_OPTIONS)
def test_fit_refuses_wrong_options(
    name: str, value: Any, error: type[Exception], words: tuple[str, ...]
) -> None:
    net = Network([3, 4, 3], seed=0)
    refused_unchanged(net, lambda: net.fit(X, Y, **{name: value}), error, *words)


BAD_METRICS: list[tuple[Any, type[Exception], tuple[str, ...]]] = [
    ("acuracy", ValueError, ("metrics must be names of accuracy", "Did you mean 'accuracy'?")),
    (["accuracy", "acc"], ValueError, ("metrics must be names", "'acc'")),
    (5, TypeError, ("metrics must be names", "or functions", "got 5")),
    ([[1]], TypeError, ("metrics must be names", "[1]")),
    ({"miss": 3}, TypeError, ("metrics must be names", "got 3")),
    ([Callback], TypeError, ("metrics must be names", "class")),
]


@pytest.mark.parametrize(("metrics", "error", "words"), BAD_METRICS)
def test_fit_and_evaluate_refuse_wrong_metrics(
    metrics: Any, error: type[Exception], words: tuple[str, ...]
) -> None:
    net = Network([3, 4, 3], loss="softmax_cross_entropy", seed=0)
    options: dict[str, Any] = {"metrics": metrics, "validation_split": 0.2}
    refused_unchanged(net, lambda: net.fit(X, Y, **options), error, *words)
    refused_unchanged(net, lambda: net.evaluate(X, Y, metrics=metrics), error, *words)


@pytest.mark.parametrize("metric", ["mean_squared_error", "r2"])
def test_a_metric_that_does_not_suit_the_targets_is_refused_before_training(metric: str) -> None:
    net = Network([3, 4, 3], seed=0)
    options: dict[str, Any] = {"metrics": [metric], "validation_split": 0.3}
    refused_unchanged(net, lambda: net.fit(X, Y, **options), ValueError)


def test_two_ways_to_say_one_thing_are_refused() -> None:
    net = Network([3, 4, 3], seed=0)
    both: dict[str, Any] = {"validation_data": (X, Y), "validation_split": 0.2}
    words = ("validation_data or validation_split, not both",)
    refused_unchanged(net, lambda: net.fit(X, Y, **both), ValueError, *words)
    both = {"learning_rate": lambda progress: 0.1, "schedule": "cosine"}
    words = ("a function as learning_rate or a schedule, not both",)
    refused_unchanged(net, lambda: net.fit(X, Y, **both), ValueError, *words)


def test_a_learner_of_the_whole_batch_refuses_batches() -> None:
    net = Network([3, 4, 3], seed=0)
    options: dict[str, Any] = {"optimizer": "rprop", "batch_size": 5, "validation_split": 0.2}
    words = ("Rprop needs all rows in one batch", "batch_size=5 for 16 rows")
    refused_unchanged(net, lambda: net.fit(X, Y, **options), ValueError, *words)
    net.fit(X, Y, optimizer="rprop", batch_size=20, epochs=1)


@pytest.mark.parametrize("y", [X, np.where(Y == 0, 0.5, 1.0), np.maximum(np.eye(3)[Y], [0, 0, 1])])
def test_class_weight_needs_one_label_a_row(y: Any) -> None:
    net = Network([3, 3 if y.ndim == 2 else 1], seed=0)
    words = ("class_weight needs one label for each row", "Use sample_weight")
    refused_unchanged(net, lambda: net.fit(X, y, class_weight="balanced"), ValueError, *words)


def test_an_unknown_name_to_monitor_is_refused_and_says_what_there_is() -> None:
    net = Network([3, 4, 3], seed=0)
    stopper = EarlyStopping(monitor="val_f1")
    call = partial(net.fit, X, Y, early_stopping=stopper)
    refused_unchanged(net, call, ValueError, "'val_f1', which will not be in the history", "loss")


def test_beside_an_own_callback_any_name_may_be_monitored() -> None:
    class Adds(Callback):
        def on_epoch_end(self, training: Any) -> None:
            training.history[-1]["own"] = 1.0

    history = Network([3, 4, 3], seed=0).fit(
        X, Y, epochs=9, callbacks=[Adds(), EarlyStopping(2, monitor="own")]
    )
    assert len(history) == 3


def test_more_epochs_than_a_float_can_count_are_for_ever() -> None:
    net = Network([3, 4, 3], seed=0)
    net.fit(X, Y, epochs=10**400, target_loss=1e9)
    assert len(net.history) == 1


def test_weights_that_no_sum_can_hold_are_refused_where_nothing_is_trained_too() -> None:
    net = Network([3, 4, 3], loss="softmax_cross_entropy", seed=0)
    weights = np.full(len(X), 3e38)
    words = ("weights of the evaluated rows", "add up to inf")
    refused_unchanged(net, partial(net.evaluate, X, Y, sample_weight=weights), ValueError, *words)
    words = ("weights of the validation rows", "add up to inf")
    call = partial(net.fit, X, Y, validation_data=(X, Y, weights))
    refused_unchanged(net, call, ValueError, *words)


# Batches of the user's own

HALVES = [(X[:10], Y[:10]), (X[10:], Y[10:])]

BAD_BATCHES: list[tuple[Any, dict[str, Any], type[Exception], tuple[str, ...]]] = [
    (
        (half for half in HALVES),
        {"epochs": 2},
        ValueError,
        ("a generator", "epochs=2"),
    ),
    (iter(()), {"epochs": 1}, ValueError, ("X gives no batch",)),
    (set(), {}, ValueError, ("X gives no batch",)),
    ([(X,)], {}, ValueError, ("each batch must be (X, y) or (X, y, weights)",)),
    ([(X, Y, Y, Y)], {}, ValueError, ("each batch must be (X, y) or (X, y, weights)",)),
    ([{"X": X}], {}, TypeError, ("X", "dict at index 0")),
    (iter([{"X": X}]), {"epochs": 1}, ValueError, ("each batch must be (X, y)",)),
    (iter([X]), {"epochs": 1}, ValueError, ("each batch must be (X, y)", "shape (20, 3)")),
    ([(X[:, :2], Y)], {}, ValueError, ("X has 2 columns",)),
    ([(X, Y[:3])], {}, ValueError, ("y has 3 rows",)),
    ([(X, None)], {}, ValueError, ("y is None",)),
    ([(X, Y, -np.ones(20))], {}, ValueError, ("sample_weight must be at least 0",)),
    (X.tolist(), {}, ValueError, ("y is None",)),
    (X, {}, ValueError, ("y is None",)),
    ([], {}, ValueError, ("X is empty",)),
    ("ab", {}, TypeError, ("X must be an array of numbers",)),
    *[
        (HALVES, {name: value}, ValueError, (f"for which {name} cannot be used", "(X, y, weights)"))
        for name, value in [
            ("batch_size", 5),
            ("sample_weight", np.ones(20)),
            ("class_weight", "balanced"),
            ("standardize", True),
            ("validation_split", 0.2),
        ]
    ],
]


@pytest.mark.parametrize(("batches", "options", "error", "words"), BAD_BATCHES)
def test_fit_refuses_wrong_batches_before_training(
    batches: Any, options: dict[str, Any], error: type[Exception], words: tuple[str, ...]
) -> None:
    net = Network([3, 4, 3], seed=0)
    refused_unchanged(net, lambda: net.fit(batches, **options), error, *words)


@pytest.mark.parametrize(
    ("second", "error", "words"),
    [
        ((X[:, :2], Y), ValueError, ("batch 2: X has 2 columns",)),
        ((X, Y + 5), ValueError, ("batch 2: y must be integer labels",)),
        ((X * np.nan, Y), ValueError, ("batch 2: X contains NaN",)),
        ((X,), ValueError, ("batch 2: each batch must be",)),
        (({1}, Y), TypeError, ("batch 2: X must be an array",)),
        ((X.astype("u1"), Y), ValueError, ("batch 2: X holds bytes",)),
    ],
)
def test_a_wrong_batch_half_way_is_named_and_leaves_a_consistent_network(
    second: Any, error: type[Exception], words: tuple[str, ...]
) -> None:
    net, twin = Network([3, 4, 3], seed=0), Network([3, 4, 3], seed=0)
    refused(lambda: net.fit([HALVES[0], second], schedule="constant"), error, *words)
    twin.fit([HALVES[0]], epochs=1, schedule="constant")
    assert state(net)["parameters"] == state(twin)["parameters"]
    assert list(net.history) == []
    assert net.history.stopped == f"broken off by {error.__name__}"
