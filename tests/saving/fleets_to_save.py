"""Fleets to be saved, drawn by Hypothesis or of own making, and what makes two of them equal."""

import numpy as np
from hypothesis import strategies as st
from networks_to_save import SETTINGS, SOURCES, activations, labels, losses, recipes, scalings

from glassnet import Fleet
from glassnet.core.scaling import Scaling
from glassnet.initializers import INITIALIZERS

seeds = st.none() | st.integers(0, 2**200)
rates = st.floats(0, 0.99)


@st.composite
def fleets(draw):
    """Untrained, with everything that a file may hold."""
    layers = draw(st.lists(st.integers(1, 4), min_size=2, max_size=4))
    members, hidden = draw(st.integers(1, 5)), len(layers) - 2
    wanted = 2 if layers[-1] == 1 else layers[-1]
    fleet = Fleet(
        layers,
        members,
        activation=[draw(activations) for _ in range(hidden)],
        loss=draw(losses),
        initializer=draw(st.sampled_from(["auto", *INITIALIZERS])),
        bias=[draw(st.booleans()) for _ in range(hidden + 1)],
        classes=draw(st.none() | st.lists(labels, min_size=wanted, max_size=wanted, unique=True)),
        input_scale=draw(st.none() | st.floats(0.125, 8, width=32)),
        dtype=draw(st.sampled_from(["float32", "float64"])),
        seed=draw(seeds | st.lists(seeds, min_size=members, max_size=members)),
        own_order=draw(st.booleans()),
    )
    each = st.lists(rates, min_size=members, max_size=members).map(np.array)
    fleet.dropout = tuple(draw(rates | each) for _ in range(hidden))
    fleet.input_scaling = draw(st.none() | scalings(layers[0], draw(st.sampled_from(SOURCES))))
    fleet.target_scaling = draw(st.none() | scalings(layers[-1]))
    fleet.columns = draw(st.none() | recipes)
    fleet.history.environment = draw(recipes)
    return fleet


def trained_fleet(members=5, **options):
    """A fleet with everything that a file may hold, in float64 so that sums are the same
    anywhere."""
    fleet = Fleet([3, 4, 2], members, loss="huber", dtype="float64", seed=5, **options)
    fleet.input_scaling = Scaling(np.array([1.0, 2.0, 3.0]), np.array([0.5, 1.5, 2.5]))
    fleet.target_scaling = Scaling(np.array([10.0, 20.0]), np.array([2.0, 4.0]))
    fleet.columns = {"inputs": [{"name": "größe", "values": ["S", "M"]}]}
    fleet.history.environment = {"numpy": "2.0.2"}
    return fleet


def same_fleet(one, other):
    """Equal in all that is saved, to the bit."""
    assert type(other) is type(one) is Fleet
    for name in (*SETTINGS, "seeds", "own_order", "lead"):
        if name != "dropout":
            assert getattr(one, name) == getattr(other, name), name
            assert type(getattr(one, name)) is type(getattr(other, name)), name
    assert [type(each) for each in one.dropout] == [type(each) for each in other.dropout]
    for mine, theirs in zip(one.dropout, other.dropout, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    for name in ("input_scaling", "target_scaling"):
        a, b = getattr(one, name), getattr(other, name)
        assert (a is None) == (b is None), name
        if a is not None:
            assert (a.offset.tobytes(), a.scale.tobytes(), a.source, a.offset.shape) == (
                (b.offset.tobytes(), b.scale.tobytes(), b.source, b.offset.shape)
            )
    assert one.parameters.dtype == other.parameters.dtype
    assert one.parameters.shape == other.parameters.shape
    assert one.parameters.tobytes() == other.parameters.tobytes()
    assert one.history.environment == other.history.environment
    return True
