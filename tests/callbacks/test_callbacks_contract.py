"""What every ready-made callback holds to: each name of glassnet.callbacks is covered by being in
its list. A callback that needs arguments gets them in MADE."""

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from small_problems import state, three_classes

import glassnet.callbacks
from glassnet import Callback, Network
from glassnet.core.callback import HOOKS

X, Y = three_classes()
NAMES = glassnet.callbacks.__all__
MADE: dict[str, tuple[Any, ...]] = {"ClipNorm": (0.5,), "ClipValue": (0.01,)}
"""The arguments of those that have no default."""

RUN = [name for name in NAMES if name != "Checkpoint"]
"""Checkpoint has a folder for each training: see test_checkpoint.py."""


def make(name: str) -> Callback:
    made: Callback = getattr(glassnet.callbacks, name)(*MADE.get(name, ()))
    return made


def trained(*callbacks: Callback, **options: Any) -> Network:
    net = Network([3, 4, 3], seed=0)
    net.fit(X, Y, **{"epochs": 3, "batch_size": 15, **options}, callbacks=callbacks)
    return net


def test_names_are_sorted() -> None:
    assert sorted(NAMES) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_it_is_a_documented_callback_that_overrides_a_hook(name: str) -> None:
    kind = getattr(glassnet.callbacks, name)
    assert issubclass(kind, Callback)
    assert kind.__doc__
    assert [hook for hook in HOOKS if getattr(kind, hook) is not getattr(Callback, hook)]


@pytest.mark.parametrize("name", RUN)
def test_it_runs_through_a_fit_and_again_through_another(name: str) -> None:
    callback = make(name)
    first, second = trained(callback), trained(callback)
    assert state(first) == state(second)
    assert len(first.history) == 3


@pytest.mark.parametrize("name", RUN)
def test_it_works_with_batches_whose_number_nobody_knows(name: str) -> None:
    net = Network([3, 4, 3], seed=0)
    batches = ((X[i : i + 15], Y[i : i + 15]) for i in range(0, 45, 15))
    assert len(net.fit(batches, epochs=1, callbacks=[make(name)])) == 1


@pytest.mark.parametrize("name", RUN)
def test_it_pickles_before_and_after_training(name: str) -> None:
    callback = make(name)
    for _ in range(2):
        twin = pickle.loads(pickle.dumps(callback))
        assert type(twin) is type(callback)
        assert state(trained(twin)) == state(trained(callback))


@pytest.mark.parametrize("name", ["EarlyStopping", "Progress"])
def test_watching_changes_nothing_that_is_learned(name: str) -> None:
    assert state(trained(make(name))) == state(trained())


WRONG: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: glassnet.callbacks.ClipNorm(0), ValueError, "limit must be .* above 0; got 0"),
    (lambda: glassnet.callbacks.ClipValue(-1.0), ValueError, "limit must be .* got -1.0"),
    (lambda: glassnet.callbacks.ClipNorm("a"), TypeError, "limit must be .* got 'a'"),
    (lambda: glassnet.callbacks.EarlyStopping(0), ValueError, "patience must be .* got 0"),
    (lambda: glassnet.callbacks.EarlyStopping(rise="no"), TypeError, "rise must be True or"),
    (lambda: glassnet.callbacks.EarlyStopping(monitor=3), TypeError, "monitor must be .* got 3"),
    (lambda: glassnet.callbacks.EarlyStopping(restore=1), TypeError, "restore must be True or"),
    (lambda: glassnet.callbacks.EarlyStopping(min_change=-1), ValueError, "min_change must be"),
    (lambda: glassnet.callbacks.Progress(interval=-1), ValueError, "interval must be .* got -1"),
    (lambda: glassnet.callbacks.Progress("log.txt"), TypeError, "stream must be .* 'log.txt'"),
]


@pytest.mark.parametrize(("make", "error", "words"), WRONG)
def test_wrong_settings_are_refused(
    make: Callable[[], Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words) as caught:
        make()
    assert type(caught.value) is error


# Clipping


def gradients_with(*callbacks: Callback) -> list[np.ndarray[Any, Any]]:
    seen: list[np.ndarray[Any, Any]] = []

    class Look(Callback):
        def on_gradients(self, training: Any) -> None:
            seen.append(training.gradients.copy())

    trained(*callbacks, Look(), epochs=1)
    return seen


def test_clip_norm_keeps_the_direction_and_the_limit() -> None:
    clip = glassnet.callbacks.ClipNorm(0.05)
    plain, clipped = gradients_with(), gradients_with(clip)
    assert clip.clipped == 3
    for each in clipped:
        assert np.linalg.norm(each) == pytest.approx(0.05, rel=1e-5)
    np.testing.assert_allclose(clipped[0], plain[0] * (0.05 / np.linalg.norm(plain[0])), rtol=1e-5)


def test_clip_norm_leaves_short_gradients_alone() -> None:
    clip = glassnet.callbacks.ClipNorm(1e6)
    np.testing.assert_array_equal(gradients_with(clip), gradients_with())
    assert clip.clipped == 0


def test_clip_value_cuts_each_number() -> None:
    plain, clipped = gradients_with(), gradients_with(glassnet.callbacks.ClipValue(0.01))
    np.testing.assert_array_equal(clipped[0], np.clip(plain[0], -0.01, 0.01))
    assert all(np.abs(each).max() <= np.float32(0.01) for each in clipped)


def test_clipping_saves_a_training_that_would_diverge() -> None:
    X, y = three_classes()
    options: dict[str, Any] = {"optimizer": "sgd", "learning_rate": 20.0, "epochs": 30}
    net = Network([3, 8, 1], activation="identity", seed=0)
    with pytest.raises(glassnet.DivergenceError):
        net.fit(X, y, **options)
    saved = Network([3, 8, 1], activation="identity", seed=0)
    saved.fit(X, y, **options, callbacks=[glassnet.callbacks.ClipNorm(0.01)])
    assert np.isfinite(saved.parameters).all()
