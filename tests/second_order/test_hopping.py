"""Hops lead to lower minima, and a fit with hops ends with the best parameters that it met."""

from typing import Any

import numpy as np
import pytest
from killing import Kill
from numpy.typing import NDArray

from glassnet import Callback, DivergenceError, Fleet, Network, OwnActivation
from glassnet.callbacks import Checkpoint, EarlyStopping
from glassnet.second_order import LevenbergMarquardt

Array = NDArray[Any]


def waves(rows: int = 120, seed: int = 5) -> tuple[Array, Array]:
    """What five units can follow in many ways, one better than the other; half the columns idle."""
    draw = np.random.default_rng(seed)
    X = draw.uniform(-1.5, 1.5, (rows, 6))
    y = np.sin(2.0 * X[:, :2]).sum(axis=1) * X[:, 2]
    return X, y + 0.1 * draw.normal(size=rows)


X, Y = waves()


def network(layers: Any = (6, 5, 1), **options: Any) -> Network:
    return Network(layers, **{"activation": "tanh", "dtype": "float64", "seed": 1, **options})


def trained(hops: int, net: Network | None = None, **options: Any) -> Network:
    net = network() if net is None else net
    settings = options.pop("settings", {})
    optimizer = LevenbergMarquardt(hops=hops, **settings)
    net.fit(X, Y, **{"epochs": 400, "optimizer": optimizer, **options})
    return net


def loss_of(net: Network, X: Array = X, y: Array = Y) -> float:
    return net.evaluate(X, y)["loss"]


def test_hops_lead_far_below_one_descent() -> None:
    alone, hopping = (
        [loss_of(trained(hops, network(seed=seed), epochs=400)) for seed in range(5)]
        for hops in (0, 8)
    )
    assert np.mean(hopping) < 0.5 * np.mean(alone)  # 0.028
    assert 0.105
    assert all(mine <= other for mine, other in zip(hopping, alone, strict=True))


@pytest.mark.parametrize("epochs", [1, 7, 40, 90, 150, 2000])
@pytest.mark.parametrize("decay", [0.0, 1e-3])
def test_the_network_ends_with_the_lowest_objective_met_and_the_last_record_is_of_it(
    epochs: int, decay: float
) -> None:
    met = []

    class Note(Callback):
        def on_batch_end(self, training: Any) -> None:
            weights = training.parameters[: training.passes.weight_count]
            met.append(training.loss + 0.5 * decay * float(weights @ weights))

    net = trained(6, epochs=epochs, callbacks=[Note()], settings={"weight_decay": decay})
    weights = np.concatenate([each.ravel() for each in net.weights])
    last = net.history[-1]["loss"]
    assert last == pytest.approx(loss_of(net), rel=1e-12)
    assert last + 0.5 * decay * float(weights @ weights) == pytest.approx(min(met), rel=1e-12)


def test_it_ends_by_itself_after_all_hops_with_a_descent_to_the_very_bottom() -> None:
    net = trained(8, network(seed=0), epochs=5000)
    assert net.history[-1]["hops"] == 8
    assert len(net.history) < 5000
    assert "all epochs" not in net.history.stopped
    assert net.history[-1]["largest_slope"] < 1e-6
    assert net.history.column("hops") == sorted(net.history.column("hops"))


def test_without_hops_all_is_as_ever() -> None:
    named, plain = network(), network()
    named.fit(X, Y, epochs=100, optimizer="levenberg_marquardt")
    plain.fit(X, Y, epochs=100, optimizer=LevenbergMarquardt(hops=0))
    np.testing.assert_array_equal(named.parameters, plain.parameters)
    assert "hops" not in named.history[-1]


def test_the_same_seed_hops_the_same_way() -> None:
    np.testing.assert_array_equal(trained(5).parameters, trained(5).parameters)


def test_a_network_without_hidden_layer_has_one_minimum_and_nothing_to_hop_with() -> None:
    net = trained(5, network((6, 1)))
    assert "hops" not in net.history[-1]
    assert len(net.history) < 10


@pytest.mark.parametrize("layers", [(6, 1, 1), (6, 3, 3, 1), (6, 4, 2, 2, 1)])
def test_units_of_every_hidden_layer_take_part(layers: tuple[int, ...]) -> None:
    hidden = range(1, len(layers) - 1)
    silent = dict.fromkeys(hidden, False)

    class Look(Callback):
        def on_gradients(self, training: Any) -> None:
            for place in hidden:  # a unit just made says nothing yet
                silent[place] |= bool((training.network.weights[place] == 0.0).all(axis=1).any())

    net = trained(30, network(layers), epochs=800, callbacks=[Look()])
    assert all(silent.values())
    assert loss_of(net) <= loss_of(trained(0, network(layers), epochs=800))


def test_classes_and_counts_hop_too() -> None:
    draw = np.random.default_rng(2)
    labels = (np.hypot(X[:, 0], X[:, 1]) > 1.0).astype(int) + (X[:, 0] > 1.0)
    counts = draw.poisson(np.exp(np.sin(2.0 * X[:, 0])))
    for y, loss in [(labels, "softmax_cross_entropy"), (counts, "poisson")]:
        layers = (6, 2, 3 if loss.startswith("soft") else 1)
        nets = [network(layers, loss=loss) for _ in range(2)]
        for net, hops in zip(nets, (0, 6), strict=True):
            optimizer = LevenbergMarquardt(hops=hops, weight_decay=1e-4)
            net.fit(X, y, epochs=1000, optimizer=optimizer)
        losses = [loss_of(net, X, y) for net in nets]
        assert losses[1] <= losses[0] * (1 + 1e-6)


def test_fixed_parameters_and_bounds_hold_in_every_start() -> None:
    net = network().constrain("biases[0][1]", 0.25).constrain("weights[0][0]", (0.0, None))
    seen = []

    class Look(Callback):
        def on_gradients(self, training: Any) -> None:
            seen.append((training.network.biases[0][1], training.network.weights[0][0].min()))

    trained(8, net, epochs=600, callbacks=[Look()])
    assert net.history[-1]["hops"] == 8
    assert {bias for bias, _ in seen} == {0.25}
    assert min(low for _, low in seen) >= 0.0


@pytest.mark.parametrize("step", [5, 60, 61, 62, 63, 64, 65, 120, 200])
def test_a_broken_run_goes_on_to_the_last_bit(tmp_path: Any, step: int) -> None:
    whole = trained(6, epochs=250)
    with pytest.raises(SystemExit):
        trained(6, epochs=250, callbacks=[Checkpoint(tmp_path, every_batches=1), Kill(step)])
    found = trained(6, epochs=250, resume=tmp_path)
    np.testing.assert_array_equal(found.parameters, whole.parameters)
    assert list(found.history) == list(whole.history)


def test_restarts_keep_the_best_of_all_hops_of_all_starts() -> None:
    best = trained(4, epochs=150, restarts=3)
    assert best.history[-1]["loss"] == pytest.approx(loss_of(best), rel=1e-12)
    fleet = Fleet.starts(network(), 3)
    fleet.fit(X, Y, epochs=150, optimizer=LevenbergMarquardt(hops=4))
    assert loss_of(best) == min(loss_of(fleet[number]) for number in range(3))


def test_what_early_stopping_restores_stays() -> None:
    stop = EarlyStopping(patience=30, monitor="val_loss")
    net = trained(20, epochs=2000, early_stopping=stop, validation_data=waves(60, seed=6))
    assert net.history.stopped.startswith("no lower") or "val_loss" in net.history.stopped
    held = loss_of(net, *waves(60, seed=6))
    assert held == pytest.approx(min(net.history.column("val_loss")), rel=1e-9)


def hops_of(net: Network) -> list[int]:
    """The places in the history of the first records after a hop."""
    return [int(place) + 1 for place in np.flatnonzero(np.diff(net.history.column("hops")))]


@pytest.mark.parametrize("held", [None, waves(60, seed=6)])
def test_where_a_callback_stops_it_the_record_is_of_the_network_too(held: Any) -> None:
    place = hops_of(trained(6, epochs=150))[0]

    class Stop(Callback):
        def on_epoch_end(self, training: Any) -> None:
            if training.epoch == place + 1:
                training.stop("enough")

    net = trained(6, epochs=150, callbacks=[Stop()], validation_data=held)
    assert net.history.stopped == "enough"
    last = net.history[-1]
    assert last["loss"] == pytest.approx(loss_of(net), rel=1e-12)
    assert held is None or last["val_loss"] == pytest.approx(loss_of(net, *held), rel=1e-12)
    assert last["loss"] == min(net.history.column("loss"))
    assert last["largest_slope"] == pytest.approx(np.abs(slopes_of(net)).max(), rel=1e-6)


def slopes_of(net: Network) -> Array:
    """d loss / d parameters, by central differences."""
    base, found, step = net.parameters.copy(), [], 1e-6
    for way in np.eye(len(base)) * step:
        losses = []
        for place in (base + way, base - way):
            net.parameters = place
            losses.append(loss_of(net))
        found.append((losses[0] - losses[1]) / (2.0 * step))
    net.parameters = base
    return np.array(found)


def test_what_reached_the_target_stays_though_another_has_the_lower_objective() -> None:
    held = waves(60, seed=6)
    options: dict[str, Any] = {"epochs": 400, "validation_data": held}
    history = trained(30, **options).history
    values, losses = np.array(history.column("val_loss")), np.array(history.column("loss"))
    news = 1 + np.flatnonzero(values[1:] < np.minimum.accumulate(values)[:-1])
    worse = losses > 1.0001 * np.minimum.accumulate(losses)
    first = next(int(place) for place in news if worse[place])
    net = trained(30, **options, target_loss=float(values[first]))
    assert len(net.history) == first + 1
    assert "target loss" in net.history.stopped
    assert loss_of(net, *held) == pytest.approx(values[first], rel=1e-12)


class Spoilt:
    """tanh, that from some call on does something else."""

    def __init__(self, calls: float, then: Any) -> None:
        self.left, self.then = calls, then

    def __call__(self, scores: Array) -> Array:
        self.left -= 1
        return np.tanh(scores) if self.left >= 0 else np.asarray(self.then(self, scores))

    def network(self) -> Network:
        return network(activation=OwnActivation("spoilt", self, lambda s: 1.0 - np.tanh(s) ** 2))


def raises(spoilt: Spoilt, scores: Array) -> Array:
    spoilt.left = np.inf
    raise InterruptedError


def gives_nan(spoilt: Spoilt, scores: Array) -> Array:
    assert spoilt.left > -1000, "it goes on for ever"
    return scores * np.nan


@pytest.mark.parametrize("then", [raises, gives_nan])
def test_what_goes_wrong_between_two_descents_leaves_the_best(then: Any) -> None:
    calls = []

    class Count(Callback):
        def on_epoch_end(self, training: Any) -> None:
            calls.append(spoilt.left)

    spoilt = Spoilt(1e9, then)
    net = trained(6, spoilt.network(), epochs=150, callbacks=[Count()])
    place = hops_of(net)[0]  # its first evaluation is of the new start
    best = min(net.history.column("loss")[:place])
    spoilt = Spoilt(1e9 - calls[place - 1], then)
    net = spoilt.network()
    with pytest.raises((InterruptedError, DivergenceError)):
        trained(6, net, epochs=150)
    spoilt.left = np.inf
    assert loss_of(net) == best
    assert np.isfinite(net.history.column("loss")).all()


def test_a_start_that_is_not_finite_is_left_for_the_next() -> None:
    draw = np.random.default_rng(0)
    rows = draw.uniform(-1.0, 1.0, (40, 1)) * 600.0
    y = np.tanh(rows[:, 0] / 200.0)
    net = network((1, 3, 1), activation="exp", initializer="glorot_uniform")
    net.weights[0][:] *= 1e-3
    net.fit(rows, y, epochs=300, optimizer=LevenbergMarquardt(hops=20))
    assert np.isfinite(net.parameters).all()
    assert np.isfinite(net.history[-1]["loss"])


@pytest.mark.parametrize("given", [-1, 1.5, True, "3", None, np.nan])
def test_hops_are_a_whole_number_of_at_least_0(given: Any) -> None:
    with pytest.raises((ValueError, TypeError), match="hops"):
        LevenbergMarquardt(hops=given)
