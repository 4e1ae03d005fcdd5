"""Network.constrain: what is fixed stays, what is bounded stays within, and wrong calls teach."""

import copy
import pickle
from typing import Any

import numpy as np
import pytest
import small_problems
from hypothesis import given, settings
from hypothesis import strategies as st
from refusals import refused

from glassnet import SGD, Callback, Fleet, Network, OwnActivation, OwnLoss, cross_validate, search
from glassnet.callbacks import ClipNorm
from glassnet.losses import SquaredError
from glassnet.optimizers import OPTIMIZERS

X, Y = small_problems.amounts(rows=60)


def network(layers: Any = (3, 4, 1), **options: Any) -> Network:
    return Network(layers, **{"activation": "tanh", "seed": 3, **options})


def bound(**options: Any) -> Network:
    """Some parameters fixed, some with a range, some free."""
    net = network(**options).constrain("weights[0][2, 1]", 0.5).constrain("biases[0]", -0.25)
    return net.constrain("weights[1]", (0.1, None)).constrain("weights[0][:, 3]", (-0.2, 0.2))


def holds(net: Any) -> None:
    """That parameters are where `bound` wants them."""
    assert np.all(net.weights[0][..., 2, 1] == np.float32(0.5))
    assert np.all(net.biases[0] == np.float32(-0.25))
    assert np.all(net.weights[1] >= 0.1)
    assert np.all(np.abs(net.weights[0][..., 3]) <= 0.2 + 1e-8)  # as float32 rounds it


# What is meant


@pytest.mark.parametrize(
    ("where", "count"),
    [
        ("all", 21),
        ("weights", 16),
        ("biases", 5),
        ("weights[0]", 12),
        ("biases[1]", 1),
        ("weights[0][2, 1]", 1),
        ("weights[0][2,1]", 1),
        ("weights[0][:, 1]", 3),
        ("weights[0][2]", 4),
        ("biases[0][3]", 1),
        (["weights[1]", "biases[1]"], 5),
        (np.arange(21) > 18, 2),
    ],
)
def test_names_and_masks_mean_so_many_parameters(where: Any, count: int) -> None:
    net = network()
    before = net.parameters.copy()
    assert net.constrain(where) is net
    assert net.bounds is not None
    assert np.sum(net.bounds[0] == net.bounds[1]) == count
    np.testing.assert_array_equal(net.parameters, before)


def test_names_mean_the_parameters_that_summaries_and_views_have_by_them() -> None:
    net = network().constrain("weights[0][2, 1]", 7.0).constrain("biases[0][1]", 8.0)
    net.constrain("weights[1]", [[1.0], [2.0], [3.0], [4.0]])
    assert net.weights[0][2, 1] == 7.0
    assert net.biases[0][1] == 8.0
    assert net.weights[1][:, 0].tolist() == [1.0, 2.0, 3.0, 4.0]


def test_calls_add_up_and_the_last_word_about_a_parameter_holds() -> None:
    net = network().constrain("weights[0]", 1.0).constrain("weights[0][0, 0]", (None, 2.0))
    net.constrain("biases", (-1, 1)).constrain("biases[1]", "free")
    found = net.constraints
    assert found["weights[0][0, 0]"] == (None, 2.0)
    assert found["weights[0][2, 3]"] == 1.0
    assert found["biases[0]"] == (-1.0, 1.0)
    assert "biases[1]" not in found
    again = network()
    for name, what in found.items():
        again.constrain(name, what)
    np.testing.assert_array_equal(again.bounds, net.bounds)
    assert net.constrain("all", "free").bounds is None
    assert net.constraints == {}


def test_biases_that_a_layer_has_not_are_left_out() -> None:
    net = network(bias=[False, True]).constrain("all", (1.0, 2.0))
    assert set(net.constraints) == {"weights[0]", "weights[1]", "biases[1]"}
    net.constrain(np.ones(21, bool), "fixed").constrain("biases", (3.0, None))
    assert net.biases[0].tolist() == [0.0] * 4
    refused(lambda: net.constrain("biases[0]"), ValueError, "biases[0]", "no biases")


def test_values_outside_are_mirrored_into_their_bounds() -> None:
    net = network()
    before = net.weights[1].copy()
    net.constrain("weights[1]", (0.0, None))
    np.testing.assert_array_equal(net.weights[1], np.abs(before))
    net.weights[0][:] = 0.3
    net.constrain("weights[0]", (-0.1, 0.2))
    np.testing.assert_allclose(net.weights[0], 0.1, rtol=1e-6)
    assert np.all(net.constrain("biases", (None, -1.0)).biases[0] == -2.0)


@pytest.mark.parametrize(
    ("where", "to", "words"),
    [
        ("weight", 1, ["'weight'", "weights[0]"]),
        ("all[0]", 1, ["'all[0]'"]),
        ("weights[2]", 1, ["layer 2", "2, counted from 0"]),
        ("weights[0][3, 0]", 1, ["weights[0][3, 0]", "(3, 4)"]),
        ("weights[0][1:2]", 1, ["weights[0][1:2]"]),
        ("biases[0][0, 0]", 1, ["biases[0][0, 0]", "(4,)"]),
        (np.ones(3, bool), 1, ["(21,)", "(3,)"]),
        ("all", (1, 0), ["lowest at most highest", "(1, 0)"]),
        ("all", np.nan, ["finite", "nan"]),
        ("all", np.inf, ["finite", "inf"]),
        ("all", (np.inf, None), ["finite"]),
        ("all", "frozen", ["'frozen'", "fixed, free"]),
        ("all", 1e300, ["float32"]),
        ("weights[0]", [1.0, 2.0], ["(3, 4)", "[1.0, 2.0]"]),
        ("weights[0][0, 0]", [1.0], ["()"]),
    ],
)
def test_wrong_values_are_refused_and_change_nothing(where: Any, to: Any, words: list[str]) -> None:
    net = bound()
    before, bounds = net.parameters.copy(), net.bounds.copy()  # type: ignore[union-attr]  # has some
    refused(lambda: net.constrain(where, to), ValueError, *words)
    np.testing.assert_array_equal(net.parameters, before)
    np.testing.assert_array_equal(net.bounds, bounds)


@pytest.mark.parametrize(
    ("where", "to"),
    [
        ((), 1),
        (3, 1),
        ({0: 1}, 1),
        (["weights[0]", 1], 1),
        ("all", True),
        ("all", 1j),
        ("all", None),
        ("all", (1, 2, 3)),
        ("all", ("a", None)),
        ("all", ((1,), 2)),
        ("all", [[1], [2, 3]]),
        ("all", {"low": 1}),
    ],
)
def test_wrong_types_are_refused(where: Any, to: Any) -> None:
    refused(lambda: network().constrain(where, to), TypeError)


# Training


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_every_optimizer_keeps_what_is_fixed_and_stays_within_bounds(
    name: str, decay: float
) -> None:
    net = bound()
    free = net.weights[0][0, 0].copy()
    takes = decay and "weight_decay" in OPTIMIZERS[name].__dataclass_fields__
    optimizer = OPTIMIZERS[name](weight_decay=decay) if takes else OPTIMIZERS[name]()
    net.fit(X, Y, epochs=4, optimizer=optimizer)
    holds(net)
    assert net.weights[0][0, 0] != free


def test_a_step_is_the_free_networks_step_put_back_into_the_bounds() -> None:
    one, other = bound(dtype="float64"), bound(dtype="float64")
    other.bounds = None
    for net in (one, other):
        net.fit(X, Y, epochs=1, batch_size=60, optimizer=SGD(0.5), schedule="constant")
    other.bounds = one.bounds
    low, high = one.bounds  # type: ignore[misc]  # has some
    np.testing.assert_array_equal(one.parameters, np.clip(other.parameters, low, high))


def test_hooks_see_no_slope_of_what_is_fixed_and_break_no_bound() -> None:
    seen = []

    class Look(Callback):
        def on_gradients(self, training: Any) -> None:
            seen.append(training.gradients.copy())
            training.gradients += 1.0

        def after_step(self, training: Any) -> None:
            holds(training.network)
            training.parameters *= 5.0

        def on_epoch_end(self, training: Any) -> None:
            training.parameters *= 0.001

    net = bound()
    net.fit(X, Y, epochs=2, callbacks=[Look()])
    holds(net)
    still = net.bounds[0] == net.bounds[1]  # type: ignore[index]  # has some
    assert np.all(np.array(seen)[:, still] == 0.0)
    assert np.all(np.array(seen)[:, ~still] != 0.0)


def test_clipping_measures_the_slopes_of_free_parameters_alone() -> None:
    steps = []
    for fixed in (False, True):
        net = Network([3, 1], loss="squared_error", seed=0, dtype="float64")
        net.constrain("weights[0]", 0.0)
        if not fixed:
            net.constrain("all", "free")
        before = net.biases[0].copy()
        options: dict[str, Any] = {"schedule": "constant", "batch_size": 60}
        net.fit(X, Y + 9, epochs=1, optimizer=SGD(1.0), callbacks=[ClipNorm(0.5)], **options)
        steps.append(abs(float((net.biases[0] - before)[0])))
    assert steps[0] < 0.5
    np.testing.assert_allclose(steps[1], 0.5)


def test_bounds_are_kept_by_reset_copies_pickles_and_float64() -> None:
    net = bound()
    holds(net.reset())
    for other in (copy.copy(net), copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert other.constraints == net.constraints
        holds(other.reset())
    net = network().constrain("weights[0][0, 0]", 0.1)
    net.fit(X, Y, epochs=2, optimizer="levenberg_marquardt")
    assert net.weights[0][0, 0] == 0.1  # not what float32 makes of it


def test_restarts_and_members_have_the_bounds_of_the_network() -> None:
    net = bound()
    fleet = Fleet.starts(net, 5)
    holds(fleet)
    assert fleet.constraints == net.constraints
    assert len(set(fleet.weights[0][:, 0, 0].tolist())) == 5
    alone = fleet[3]
    fleet.fit(X, Y, epochs=3)
    alone.fit(X, Y, epochs=3)
    holds(fleet)
    np.testing.assert_array_equal(fleet.parameters[3], alone.parameters)
    net.fit(X, Y, epochs=3, restarts=4)
    holds(net)
    net.fit(X, Y, epochs=3, restarts=3, optimizer="levenberg_marquardt")
    holds(net)


def test_networks_made_by_a_recipe_have_its_bounds() -> None:
    net = bound()
    for each in cross_validate(net, X, Y, epochs=2, folds=3).networks:
        holds(each)
    for each in cross_validate(net, X, Y, epochs=2, folds=3, standardize=True).networks:
        holds(each)
    holds(search(net, X, Y, settings={"weight_decay": [0.0, 0.1]}, epochs=2, folds=2).network)


def test_without_bounds_not_a_bit_changes() -> None:
    one, other = network(), network().constrain("all", 1.0).constrain("all", "free").reset()
    for net in (one, other):
        net.fit(X, Y, epochs=3)
    np.testing.assert_array_equal(one.parameters, other.parameters)


def test_fit_refuses_parameters_that_were_moved_out_of_their_bounds() -> None:
    net = bound()
    net.weights[0][2, 1] = 0.75
    refused(lambda: net.fit(X, Y, epochs=1), ValueError, "weights[0][2, 1]", "0.75", "0.5")
    fleet = Fleet.starts(bound(), 3)
    fleet.parameters[1] = -1.0
    refused(lambda: fleet.fit(X, Y, epochs=1), ValueError, "weights[0][0, 3]", "(-0.2, 0.2)")


def test_fit_refuses_a_network_without_a_free_parameter() -> None:
    net = network(bias=False).constrain("weights")
    refused(lambda: net.fit(X, Y, epochs=1), ValueError, "nothing to fit")


# Monotone inputs: signs


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_monotone_signs_make_every_path_lead_one_way(data: Any) -> None:
    sizes = data.draw(st.lists(st.integers(1, 4), min_size=2, max_size=5))
    toward = data.draw(
        st.dictionaries(st.integers(0, sizes[0] - 1), st.sampled_from(["increasing", "decreasing"]))
    )
    net = Network(sizes, activation="relu", loss="squared_error", seed=0)
    net.constrain(monotone=toward)
    product = np.linalg.multi_dot([np.eye(sizes[0]), *net.weights, np.eye(sizes[-1])])
    sizes_of = np.linalg.multi_dot([np.eye(sizes[0]), *map(np.abs, net.weights), np.eye(sizes[-1])])
    for column, direction in toward.items():
        sign = 1.0 if direction == "increasing" else -1.0
        np.testing.assert_allclose(sign * product[column], sizes_of[column], rtol=1e-6)


def test_monotone_leaves_other_inputs_biases_and_earlier_bounds() -> None:
    net = network([3, 4, 1], loss="squared_error").constrain("weights[0][0, 0]", 0.5)
    net.constrain(monotone={0: "increasing"}).constrain(monotone={2: "decreasing"})
    found = net.constraints
    assert found["weights[0][0, 0]"] == 0.5
    assert found["weights[0][0, 1]"] == (None, 0.0)
    assert found["weights[0][2, 0]"] == (None, 0.0)
    assert not any(name.startswith(("weights[0][1", "biases")) for name in found)


def test_monotone_may_be_convex_and_concave() -> None:
    x = np.linspace(-2, 2, 80)[:, None]
    for y in (np.exp(x[:, 0]), -np.exp(-x[:, 0])):
        net = Network([1, 12, 1], activation="relu", seed=0).constrain(monotone={0: "increasing"})
        net.fit(x, y, epochs=300, batch_size=8, standardize=True)
        assert net.evaluate(x, y)["r2"] > 0.98


def test_monotone_takes_the_names_of_a_data_frame() -> None:
    class Frame:
        columns = ("age", "size", "price")

        def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
            return np.array(X, dtype=dtype)

        def __len__(self) -> int:
            return len(X)

    net = network()
    words = "names are known after a fit"
    refused(lambda: net.constrain(monotone={"age": "increasing"}), ValueError, "'age'", words)
    net.fit(Frame(), Y, epochs=1)
    net.constrain(monotone={"age": "increasing"})
    assert net.constraints["weights[0][0, 0]"] == (0.0, None)
    refused(lambda: net.constrain(monotone={"agee": "increasing"}), ValueError, "'agee'", "price")
    net.columns = {"names": ["age", "price", "size", "more"]}  # as a file may have it
    refused(lambda: net.constrain(monotone={"more": "increasing"}), ValueError, "0 .. 2", "'more'")


def test_monotone_of_means_and_variances_is_about_the_means() -> None:
    net = network([2, 4, 2], loss="gaussian").constrain(monotone={0: "increasing"})
    assert net.constraints["weights[1][0, 0]"] == (0.0, None)
    assert "weights[1][0, 1]" not in net.constraints


def cube() -> OwnActivation:
    return OwnActivation("cube", np.copy, np.ones_like)


@pytest.mark.parametrize(
    ("options", "monotone", "words"),
    [
        ({"activation": "gelu"}, {0: "increasing"}, ["'gelu'", "rises here", "tanh"]),
        ({"activation": "sine"}, {0: "increasing"}, ["'sine'"]),
        ({"activation": cube()}, {0: "increasing"}, ["'cube'", "your own", "prove_monotone"]),
        ({"loss": SquaredError("sine")}, {0: "increasing"}, ["'sine'"]),
        ({"layers": [3, 4, 3]}, {0: "increasing"}, ["several outputs"]),
        (
            {"layers": [3, 4, 3], "loss": "softmax_cross_entropy"},
            {0: "increasing"},
            ["add up to 1", "logistic"],
        ),
        (
            {"loss": OwnLoss("own", np.copy, np.copy, np.copy)},
            {0: "increasing"},
            ["loss of your own"],
        ),
        ({}, {3: "increasing"}, ["0 .. 2", "3"]),
        ({}, {True: "increasing"}, ["0 .. 2"]),
        ({}, {0: "up"}, ["monotone[0]", "'up'", "increasing"]),
    ],
)
def test_monotone_refuses_what_it_cannot_do(
    options: dict[str, Any], monotone: Any, words: list[str]
) -> None:
    net = network(**options)
    refused(lambda: net.constrain(monotone=monotone), ValueError, *words)
    assert net.bounds is None


def test_monotone_refuses_a_fixed_parameter_of_the_other_sign() -> None:
    net = network().constrain("weights[0][0, 1]", 0.5)
    words = ("weights[0][0, 1]", "at most 0", "0.5", "'free'")
    refused(lambda: net.constrain(monotone={0: "increasing"}), ValueError, *words)
    net.constrain("weights[0][0, 1]", (None, -0.5))
    words = ("weights[0][0, 1]", "at least 0", "(None, -0.5)")
    refused(lambda: net.constrain(monotone={0: "decreasing"}), ValueError, *words)
    refused(lambda: net.constrain(monotone=[0]), TypeError, "dict", "[0]")


def test_monotone_refuses_to_leave_nothing_but_0() -> None:
    net = network().constrain(monotone={0: "increasing", 1: "increasing"})
    before = net.bounds
    words = ("weights[0][0, 0]", "at most 0", "(0.0, None)", "'free'")
    refused(lambda: net.constrain(monotone={0: "decreasing"}), ValueError, *words)
    net.constrain(monotone={0: "increasing"})
    np.testing.assert_array_equal(net.bounds, before)
    net.constrain("weights[0][0]", 0.0).constrain(monotone={0: "decreasing"})  # wanted so
    net = network().constrain("weights", (None, 0.0))
    words = ("weights[0][0, 0]", "at least 0", "(None, 0.0)")
    refused(lambda: net.constrain(monotone={0: "increasing"}), ValueError, *words)


def test_the_summary_counts_what_is_fixed_and_bounded() -> None:
    assert "constraints: 5 parameters fixed, 7 within bounds" in bound().summary()
    assert "constraints" not in network().summary()
