"""Conformal intervals: the right order statistic, coverage without assumptions, and refusals."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from glassnet import LBFGS, Network
from glassnet.inference import conformal, cross_conformal
from glassnet.inference.conformal import place_of
from glassnet.losses import Pinball

Array = NDArray[Any]
QUICK: dict[str, Any] = {"epochs": 60, "optimizer": LBFGS()}


def skewed(count: int, seed: int) -> tuple[Array, Array]:
    """Curved, with noise that is skewed and grows: nothing that a line with normal noise is."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(0, 1, size=(count, 1))
    return X, np.sin(6 * X[:, 0]) + (0.1 + X[:, 0]) * (rng.exponential(size=count) - 1)


def line(X: Array, y: Array, loss: Any = "squared_error", outputs: int = 1) -> Network:
    net = Network([1, outputs], loss=loss, dtype="float64", seed=0)
    net.fit(X, y, **QUICK)
    return net


def test_the_margin_is_the_order_statistic_of_the_residuals() -> None:
    X, y = skewed(50, 0)
    net = line(X, y)
    found = conformal(net, X[:39], y[:39], level=0.9)
    residuals = np.sort(np.abs(y[:39] - net.predict(X[:39])[:, 0]))
    assert found.margin == residuals[35]  # ceil(40 x 0.9) = 36, counted from 1
    band = found.predict(X[39:])
    np.testing.assert_allclose(band.upper - band.mean, residuals[35])
    np.testing.assert_allclose(band.mean - band.lower, residuals[35])
    np.testing.assert_array_equal(band.mean, net.predict(X[39:]))


def test_the_place_is_exact_where_rounding_could_miss_it() -> None:
    for rows in range(5, 400):
        for level in (0.5, 0.8, 0.9, 0.95, 0.99):
            exact = math.ceil((rows + 1) * Fraction(str(level)))
            if exact <= rows:
                assert place_of(rows, level) == exact
            else:
                with pytest.raises(ValueError, match="needs at least"):
                    place_of(rows, level)


@pytest.mark.parametrize(("level", "rows"), [(0.95, 19), (0.9, 9), (0.5, 1), (0.99, 99)])
def test_the_fewest_rows_that_are_asked_for_are_enough(level: float, rows: int) -> None:
    assert place_of(rows, level) == rows
    with pytest.raises(ValueError, match=f"level={level:g} needs at least {rows} rows; got"):
        place_of(rows - 1, level)


def test_split_intervals_cover_a_misspecified_problem_as_often_as_they_say() -> None:
    """Over 300 calibrations; the mean of the share covered has a deviation of 0.0032 at most."""
    X, y = skewed(200, 1)
    net = line(X, y)
    shares = []
    for seed in range(300):
        X, y = skewed(99 + 50, 100 + seed)
        found = conformal(net, X[:99], y[:99], level=0.9)
        shares.append(found.predict(X[99:]).covered(y[99:]))
    assert abs(np.mean(shares) - 0.9) < 2.6 * np.std(shares) / math.sqrt(300)


def test_a_gaussian_likelihood_makes_intervals_as_wide_as_the_noise() -> None:
    X, y = skewed(400, 2)
    net = line(X, y, "gaussian", 2)
    found = conformal(net, *skewed(199, 3), level=0.9).predict(X)
    width = (found.upper - found.lower)[:, 0] / np.sqrt(net.predict(X)[:, 1])
    np.testing.assert_allclose(width, width[0], rtol=1e-9)
    np.testing.assert_allclose(found.mean[:, 0], net.predict(X)[:, 0])


def test_quantiles_are_widened_or_narrowed_alike() -> None:
    X, y = skewed(400, 4)
    net = line(X, y, Pinball((0.1, 0.5, 0.9)), 3)
    new, targets = skewed(199, 5)
    found = conformal(net, new, targets, level=0.8)
    low, middle, high = net.predict(new).T
    scores = np.sort(np.maximum(low - targets, targets - high))
    assert found.margin == scores[159]
    band = found.predict(new)
    np.testing.assert_allclose(band.lower[:, 0], low - scores[159])
    np.testing.assert_allclose(band.mean[:, 0], middle)
    np.testing.assert_allclose(band.upper[:, 0], high + scores[159])


def test_each_of_several_targets_has_a_margin_of_its_own() -> None:
    X, y = skewed(100, 6)
    Y = np.column_stack([y, 100 * y])
    net = Network([1, 2], dtype="float64", seed=0)
    net.fit(X, Y, standardize=True, **QUICK)
    margin = conformal(net, X, Y).margin
    assert margin[1] == pytest.approx(100 * margin[0], rel=1e-2)


@pytest.mark.parametrize("folds", [5, 12])
def test_cross_intervals_are_those_of_barber_and_others_worked_out_one_by_one(folds: int) -> None:
    X, y = skewed(12, 7)
    found = cross_conformal(
        Network([1, 1], loss="squared_error", dtype="float64"),
        X,
        y,
        level=0.8,
        folds=folds,
        **QUICK,
    )
    new = np.array([[0.2], [0.9]])
    band = found.predict(new)
    out = [net.predict(X)[:, 0] for net in found.networks]
    at = [net.predict(new)[:, 0] for net in found.networks]
    residuals = [abs(y[i] - out[fold][i]) for i, fold in enumerate(found.folds)]
    for row in range(2):
        each = [at[fold][row] for fold in found.folds]
        below = sorted(m - r for m, r in zip(each, residuals, strict=True))
        above = sorted(m + r for m, r in zip(each, residuals, strict=True))
        assert band.lower[row, 0] == pytest.approx(below[math.floor(0.2 * 13) - 1])
        assert band.upper[row, 0] == pytest.approx(above[math.ceil(0.8 * 13) - 1])
    assert found.scores.shape == (12, 1)


def test_each_row_is_left_out_by_the_network_of_its_fold() -> None:
    X, y = skewed(30, 8)
    moved = y.copy()
    moved[4] += 100.0
    recipe = Network([1, 1], loss="squared_error", dtype="float64", seed=0)
    one, other = (cross_conformal(recipe, X, t, folds=30, **QUICK) for t in (y, moved))
    np.testing.assert_allclose(
        one.networks[one.folds[4]].parameters, other.networks[one.folds[4]].parameters
    )
    assert len(recipe.history) == 0


def test_standardised_networks_and_gaussian_ones_are_crossed_too() -> None:
    X, y = skewed(60, 9)
    recipe = Network([1, 2], loss="gaussian", dtype="float64", seed=0)
    found = cross_conformal(recipe, X, 1000 * y, folds=4, level=0.9, standardize=True, **QUICK)
    assert isinstance(found.networks, list)
    assert 0.8 <= found.predict(X).covered(1000 * y) <= 1.0


def test_many_rows_are_predicted_a_few_at_a_time() -> None:
    X, y = skewed(40, 10)
    recipe = Network([1, 1], loss="squared_error", dtype="float64", seed=0)
    found = cross_conformal(recipe, X, y, folds=4, **QUICK)
    new = np.linspace(0, 1, 60_000)[:, None]
    band, part = found.predict(new), found.predict(new[-2:])
    np.testing.assert_allclose(band.lower[-2:], part.lower)
    np.testing.assert_allclose(band.upper[-2:], part.upper)


def test_cross_intervals_cover_a_misspecified_problem() -> None:
    """Promised are 2 x 0.9 - 1 = 0.8, in practice 0.9; 60 data sets."""
    shares = []
    for seed in range(60):
        X, y = skewed(40 + 50, 300 + seed)
        recipe = Network([1, 1], loss="squared_error", dtype="float64", seed=0)
        found = cross_conformal(recipe, X[:40], y[:40], level=0.9, folds=8, epochs=30, **ONLY)
        shares.append(found.predict(X[40:]).covered(y[40:]))
    assert 0.87 < np.mean(shares) < 0.95


ONLY: dict[str, Any] = {"optimizer": LBFGS()}

# Refusals


def test_bad_arguments_of_split_intervals_are_refused() -> None:
    X, y = skewed(30, 11)
    net = line(X, y)
    for message, given in [
        ("network must be a Network; got 'net'", ("net", X, y)),
        ("X has 2 columns", (net, np.ones((30, 2)), y)),
        ("y has 29 rows", (net, X, y[:29])),
        ("y contains NaN", (net, X, np.where(y > 1, np.nan, y))),
        ("makes intervals of numbers.*'logistic'", (Network([1, 1], loss="logistic"), X, y > 0)),
        ("settled by the first fit", (Network([1, 1]), X, y)),
    ]:
        with pytest.raises((ValueError, TypeError), match=message):
            conformal(*given)
    with pytest.raises(ValueError, match=r"level must be a number in \(0, 1\); got 0"):
        conformal(net, X, y, level=0)


def test_bad_arguments_of_cross_intervals_are_refused() -> None:
    X, y = skewed(30, 12)
    recipe = Network([1, 1], loss="squared_error")
    for message, given in [
        ("level=0.99 needs at least 99 rows; got 30", {"level": 0.99}),
        ("takes no sample_weight", {"sample_weight": np.ones(30)}),
        ("folds=31 needs at least 31 rows", {"folds": 31}),
        ("unexpected keyword argument 'epoch'.*epochs", {"epoch": 3}),
    ]:
        with pytest.raises((ValueError, TypeError), match=message):
            cross_conformal(recipe, X, y, **given)
    with pytest.raises(ValueError, match="makes intervals of numbers"):
        cross_conformal(Network([1, 1], loss="logistic"), X, y > 0)
    gaps = np.where(y > 1, np.nan, y)
    with pytest.raises(ValueError, match="y contains NaN"):
        cross_conformal(recipe, X, gaps)
    with pytest.raises(ValueError, match="y contains NaN"):
        cross_conformal(recipe, X, gaps, missing="mask")


def test_a_network_that_diverges_is_named() -> None:
    X, y = skewed(30, 13)
    X, y = np.append(X, [[1e18]], axis=0), np.append(y, 1.0)
    recipe = Network([1, 1], loss="squared_error", seed=0)
    folds = [0] * 30 + [1]
    with pytest.raises(ValueError, match=r"the network without fold 0 diverged .*no interval"):
        cross_conformal(recipe, X, y, folds=folds, optimizer="sgd", learning_rate=0.1, epochs=3)
