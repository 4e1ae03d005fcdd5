"""Fleets of any shape and settings: each member equals its solo run bit for bit.

Hypothesis draws what may be combined; a new option of `fit` belongs into `drawn_options`.
"""

from typing import Any

import numpy as np
import pytest
from fleet_and_alone import assert_same, trained, trained_alone
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet import Fleet
from glassnet.activations import ACTIVATIONS
from glassnet.callbacks import ClipNorm, ClipValue
from glassnet.losses import LOSSES
from glassnet.optimizers import OPTIMIZERS

ROWS = 30
RANDOM = np.random.default_rng(1)
WEIGHTS = RANDOM.uniform(size=(4, ROWS)) * (RANDOM.uniform(size=(4, ROWS)) < 0.4)
WEIGHTS[:, :3] = 1.0


def per_member(numbers: list[float], members: int) -> st.SearchStrategy[Any]:
    """One number for all, or a list with one for each member."""
    one = st.sampled_from(numbers)
    return one | st.lists(one, min_size=members, max_size=members)


@st.composite
def drawn_fleets(draw: Any) -> Fleet:
    members, sizes = draw(st.integers(1, 4)), st.integers(1, 5)
    hidden = draw(st.lists(sizes, max_size=2))
    loss = draw(st.sampled_from(["auto", *LOSSES]))
    statistics = 1 if loss == "auto" else LOSSES[loss].statistics
    rates = [draw(st.sampled_from([0.0, 0.3])) for _ in hidden]
    own_rates = np.array([draw(st.sampled_from([0.0, 0.2, 0.5])) for _ in range(members)])
    return Fleet(
        [draw(sizes), *hidden, statistics * (draw(sizes) + (loss == "softmax_cross_entropy"))],
        members,
        loss=loss,
        activation=[draw(st.sampled_from(sorted(ACTIVATIONS))) for _ in hidden],
        dropout=draw(st.sampled_from([0.0, own_rates, rates])),
        bias=[draw(st.booleans()) for _ in range(len(hidden) + 1)],
        initializer_scale=draw(per_member([0.5, 1.0, 3.0], members)),
        dtype=draw(st.sampled_from(["float32", "float64"])),
        own_order=draw(st.booleans()),
        seed=draw(st.integers(0, 1000)),
    )


@st.composite
def drawn_data(draw: Any, fleet: Fleet) -> tuple[Any, Any]:
    random = np.random.default_rng(draw(st.integers(0, 99)))
    X = random.normal(size=(ROWS, fleet.layers[0]))
    X = draw(st.sampled_from([X, X.astype("f4"), np.abs(X * 60).astype("u1")]))
    loss, outputs = fleet.loss, fleet.layers[-1]
    labels = outputs > 1 if loss is None else loss.targets == "labels"
    if labels:
        return X, np.arange(ROWS) % outputs
    if loss is None or loss.targets == "flags":
        return X, (random.uniform(size=(ROWS, outputs)) < 0.5).astype(int)
    y = random.exponential(size=(ROWS, outputs // loss.statistics)) + 0.1
    y[1:][random.uniform(size=y[1:].shape) < draw(st.sampled_from([0.0, 0.3]))] = np.nan
    return X, y


@st.composite
def drawn_options(draw: Any, fleet: Fleet, X: Any, y: Any) -> dict[str, Any]:
    members, weights = len(fleet), WEIGHTS[: len(fleet)]
    name = draw(st.sampled_from(sorted(OPTIMIZERS)))
    found: dict[str, Any] = {
        "epochs": draw(st.integers(1, 6)),
        "optimizer": name,
        "learning_rate": draw(per_member([0.001, 0.1, 3.0, 1e12], members)),
        "weight_decay": draw(per_member([0.0, 0.01], members)),
        "sample_weight": draw(st.sampled_from([None, weights[0], weights])),
        "schedule": draw(st.sampled_from(["constant", "one_cycle", "warm_up"])),
        "shuffle": draw(st.booleans()),
        "missing": "mask",
        "early_stopping": draw(st.sampled_from([None, 1])),
        "target_loss": draw(st.sampled_from([None, 0.5])),
        "callbacks": draw(st.sampled_from([(), [ClipNorm(0.5)], [ClipValue(0.1)]])),
    }
    if not OPTIMIZERS[name].full_batch:
        found["batch_size"] = draw(st.sampled_from([1, 4, 7, 29, 30, 99]))
    if np.ndim(found["sample_weight"]) < 2:
        found["standardize"] = draw(st.booleans())
    if fleet.loss is None:
        found["class_weight"] = draw(st.sampled_from([None, "balanced"]))
    part = [] if fleet.own_order else ["a part"]  # which is the same for all, from one stream
    held = draw(st.sampled_from(["nothing", "rows", "weighted rows", *part]))
    if held == "a part":
        found["validation_split"] = 0.3
    elif held != "nothing":
        found["validation_data"] = (X, y) if held == "rows" else (X, y, weights)
    return found


@given(st.data())
@settings(max_examples=100)
def test_each_member_equals_its_solo_run(drawn: Any) -> None:
    fleet = drawn.draw(drawn_fleets())
    X, y = drawn.draw(drawn_data(fleet))
    options = drawn.draw(drawn_options(fleet, X, y))
    cache = drawn.draw(st.sampled_from([1, 20_000, 1 << 30]))
    singles = trained_alone(fleet, X, y, options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("glassnet.intake.fleets.CACHE", cache)
        assert_same(trained(fleet, X, y, options), singles)
