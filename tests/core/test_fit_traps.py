"""What was once accepted and silently wrong in `fit`, each with the call that showed it."""

import contextlib
import copy
from typing import Any

import numpy as np
import pytest

from glassnet import SGD, Callback, DivergenceError, Network
from glassnet.losses import SquaredError

RANDOM = np.random.default_rng(0)
X = RANDOM.standard_normal((60, 3)).astype(np.float32)
Y = X @ np.array([2.0, 1.0, 0.0])
BYTES = RANDOM.integers(0, 256, (60, 4), dtype=np.uint8)
LABELS = (BYTES[:, 0] > 128).astype(int)


def test_validation_data_of_another_kind_than_the_rows_are_refused_in_the_first_fit() -> None:
    for first, second in ((BYTES, BYTES / 255.0), (BYTES / 255.0, BYTES)):
        net = Network([4, 2], seed=0)
        with pytest.raises(ValueError, match="X_val"):
            net.fit(first, LABELS, epochs=1, validation_data=(second, LABELS))
        assert net.loss is None


def test_validation_frame_with_its_columns_in_another_order_is_refused_in_the_first_fit() -> None:
    frame = pytest.importorskip("pandas").DataFrame(X, columns=["a", "b", "c"])
    with pytest.raises(ValueError, match="X_val has the columns"):
        Network([3, 1]).fit(frame, Y, validation_data=(frame[["c", "b", "a"]], Y))


def fitted(X: Any, y: Any, **options: Any) -> Network:
    net = Network([3, 4, 1], activation="tanh", loss="squared_error", dtype="float64", seed=0)
    net.fit(X, y, epochs=5, batch_size=1000, standardize=True, shuffle=False, **options)
    return net


def test_standardising_leaves_out_rows_of_weight_zero() -> None:
    more, less = np.vstack([X, [[1e6, 0, 0]]]), np.append(Y, 1e9)
    weights = np.append(np.ones(60), 0.0)
    found = fitted(more, less, sample_weight=weights).predict(X)
    np.testing.assert_allclose(found, fitted(X, Y).predict(X), rtol=1e-9)


def test_standardising_counts_a_row_of_weight_two_twice() -> None:
    weights = np.ones(60)
    weights[:5] = 2.0
    twice = np.vstack([X, X[:5]]), np.append(Y, Y[:5])
    found = fitted(X, Y, sample_weight=weights).predict(X)
    np.testing.assert_allclose(found, fitted(*twice).predict(X), rtol=1e-9)


def test_standardising_does_not_look_at_rows_held_back() -> None:
    net, other = Network([3, 1], seed=0), Network([3, 1], seed=0)
    net.fit(X, Y, epochs=1, validation_split=0.5, standardize=True)
    held = other.streams.order.permutation(60)[:30]
    kept = np.setdiff1d(np.arange(60), held)
    np.testing.assert_allclose(net.input_scaling.offset, X[kept].mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(net.target_scaling.offset, Y[kept].mean(), rtol=1e-5)


@pytest.mark.parametrize("rate", [1e15, 1e30])
def test_rates_that_blow_up_are_told(rate: float) -> None:
    net = Network([3, 8, 1], seed=0)
    with pytest.raises(DivergenceError, match="Training diverged in epoch"):
        net.fit(X, Y, epochs=50, learning_rate=rate, schedule="constant")
    assert np.isfinite(net.parameters).all()


def test_the_parameters_before_the_bad_step_are_kept() -> None:
    def jump(progress: Any) -> float:
        return 0.01 if progress.step < 3 else 1e38

    seen = []

    class Keep(Callback):
        def after_step(self, training: Any) -> None:
            seen.append(training.parameters.copy())

    net = Network([3, 4, 1], seed=0)
    with pytest.raises(DivergenceError, match="batch 4"):
        net.fit(
            X,
            Y,
            epochs=1,
            batch_size=10,
            optimizer=SGD(0.01),
            learning_rate=jump,
            callbacks=[Keep()],
        )
    assert len(seen) == 3
    assert (net.parameters == seen[-1]).all()


def test_parameters_that_a_last_hook_spoils_are_told_and_put_back() -> None:
    class Spoil(Callback):
        def on_epoch_end(self, training: Any) -> None:
            training.parameters[0] = np.nan

    net = Network([3, 1], seed=0)
    with pytest.raises(DivergenceError, match="a hook"):
        net.fit(X, Y, epochs=1, callbacks=[Spoil()])
    assert net.history.stopped == "diverged"
    assert np.isfinite(net.parameters).all()


@pytest.mark.parametrize("hook", ["after_step", "on_batch_end", "on_epoch_end", "on_fit_end"])
@pytest.mark.parametrize("options", [{}, {"early_stopping": 3}, {"validation_split": 0.2}])
def test_a_hook_that_spoils_the_parameters_leaves_none_that_are_not_finite(
    hook: str, options: dict[str, Any]
) -> None:
    class Spoil(Callback):
        pass

    def spoil(self: Callback, training: Any) -> None:
        training.parameters[...] = np.nan

    setattr(Spoil, hook, spoil)
    net = Network([3, 1], seed=0)
    with contextlib.suppress(ValueError):  # the best parameters may be restored after the hook
        net.fit(X, Y, epochs=3, batch_size=60, callbacks=[Spoil()], **options)
    assert np.isfinite(net.parameters).all()


@pytest.mark.parametrize("weight", [1e-50, 1e38])
def test_weights_that_vanish_or_overflow_are_refused(weight: float) -> None:
    with pytest.raises(ValueError, match=r"weights of the training rows .* add up to"):
        Network([3, 1]).fit(X, Y, sample_weight=np.full(60, weight))


def test_weights_and_class_weights_that_leave_nothing_are_refused() -> None:
    weights = (LABELS == 0).astype(float)
    with pytest.raises(ValueError, match="add up to 0"):
        Network([4, 2]).fit(BYTES, LABELS, sample_weight=weights, class_weight={0: 0})


def test_targets_keep_their_decimals_when_they_are_standardised() -> None:
    net = Network([3, 1], loss="squared_error", dtype="float64", seed=0)
    net.fit(X, 1.7e9 + 10.0 * Y, epochs=200, standardize=True, learning_rate=0.05)
    assert net.evaluate(X, 1.7e9 + 10.0 * Y)["r2"] > 0.99
    with pytest.raises(ValueError, match="float32 cannot tell apart: use dtype='float64'"):
        Network([3, 1]).fit(X, 1.7e9 + 10.0 * Y, standardize=True)


def test_targets_of_a_loss_with_an_activation_are_not_standardised() -> None:
    net = Network([3, 8, 1], loss=SquaredError("softplus"), seed=0)
    net.fit(X, np.exp(Y), epochs=60, standardize=True)
    assert net.target_scaling is None
    assert net.predict(X).min() < np.exp(Y).mean() / 2


@pytest.mark.parametrize("later", [-0.01, None, float("nan"), "fast"])
def test_a_rate_that_turns_wrong_later_is_told(later: Any) -> None:
    def rate(progress: Any) -> Any:
        return 0.01 if progress.epoch < 1 else later

    with pytest.raises((ValueError, TypeError), match="learning rate's function in epoch 2"):
        Network([3, 1], seed=0).fit(X, Y, epochs=3, learning_rate=rate)


def test_accuracy_of_several_labels_does_not_depend_on_other_rows() -> None:
    net = Network([2, 3], loss="logistic", seed=0)
    net.parameters = np.zeros(9)
    net.biases[0][:] = [2.0, 1.0, -3.0]
    y = [[1, 0, 0], [1, 1, 0]]
    assert net.test_accuracy(np.zeros((2, 2)), y) == 0.5
    assert net.test_accuracy(np.zeros((1, 2)), y[:1]) == 0.0


def test_parameters_are_written_into_and_never_bound_anew() -> None:
    net = Network([2, 1], loss="squared_error", seed=0)
    net.parameters = [1.0, 2.0, 3.0]
    assert net.predict([[1.0, 1.0]]) == 6.0
    with pytest.raises(ValueError, match=r"parameters must have shape \(3,\); got shape \(2,\)"):
        net.parameters = [1.0, 2.0]
    with pytest.raises(TypeError):
        net.weights[0] = np.zeros((2, 1))  # type: ignore[index]  # a tuple, on purpose


def test_a_shallow_copy_is_a_network_of_its_own() -> None:
    net = Network([2, 1], loss="squared_error", seed=0)
    before = net.parameters.copy()
    copy.copy(net).parameters[:] = 0.0
    assert (net.parameters == before).all()
    assert net.predict([[1.0, 1.0]]) == pytest.approx(before.sum(), rel=1e-6)


def test_batches_of_ever_other_sizes_do_not_fill_the_memory() -> None:
    kept = []

    class Count(Callback):
        def on_batch_end(self, training: Any) -> None:
            kept.append(len(training.workspaces))

    batches = [(X[:n], Y[:n]) for n in range(1, 40)]
    Network([3, 1], seed=0).fit(batches, epochs=1, callbacks=[Count()])
    assert max(kept) <= 8
