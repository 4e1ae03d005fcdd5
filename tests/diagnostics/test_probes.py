"""The learners beside which a network is judged: their errors on rows left out are true ones."""

import numpy as np
import pytest

from glassnet.diagnostics import probes


def rows(count: int = 40, columns: int = 3) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(0)
    X = draw.standard_normal((count, columns))
    return X, X[:, :1] ** 2 + X[:, 1:2] + 0.1 * draw.standard_normal((count, 1))


@pytest.mark.parametrize("bias", [True, False])
def test_predictions_of_rows_left_out_are_those_of_a_ridge_without_them(bias: bool) -> None:
    X, y = rows()
    sizes = np.linalg.svd(X - X.mean(axis=0) if bias else X, compute_uv=False)
    found = probes.Ridge(X, bias).fit(y)
    wrong = []
    for share in np.logspace(-9, 1, 11):
        penalty = share * sizes[0] ** 2
        each = []
        for i in range(len(X)):
            rest = np.delete(np.arange(len(X)), i)
            A = np.column_stack([X[rest], np.ones(len(rest))]) if bias else X[rest]
            D = penalty * np.diag([1.0] * 3 + [0.0] * bias)
            weights = np.linalg.solve(A.T @ A + D, A.T @ y[rest])
            each.append((np.append(X[i], 1.0) if bias else X[i]) @ weights)
        wrong.append(np.abs(found.left_out - np.array(each)).max())
    assert min(wrong) < 1e-3  # the mean subtracted is that of all rows


def test_a_curved_probe_learns_what_a_linear_one_cannot() -> None:
    X, y = rows(300)
    assert probes.linear(X, y).error > 0.5
    assert probes.curved(X, y).error < 0.1


def test_a_probe_without_bias_misses_what_does_not_go_through_zero() -> None:
    draw = np.random.default_rng(1)
    X = draw.uniform(1.0, 3.0, (200, 1))
    y = (X - 2.0) ** 2 + 3.0
    assert probes.curved(X, y, bias=False).error > 2.0 * probes.curved(X, y).error


def test_relative_error_is_one_for_the_means_and_zero_for_the_targets() -> None:
    _, y = rows()
    means = y.mean(axis=0)
    assert probes.relative_error(np.broadcast_to(means, y.shape), y, means) == pytest.approx(1.0)
    assert probes.relative_error(y, y, means) == 0.0


def test_relative_error_leaves_out_columns_that_are_all_the_same() -> None:
    y = np.array([[0.0, 5.0], [2.0, 5.0]])
    assert probes.relative_error(y + 1.0, y, y.mean(axis=0)) == 1.0


def test_relative_error_of_what_is_not_finite_is_infinite() -> None:
    y = np.array([[0.0], [2.0]])
    assert probes.relative_error(np.array([[np.nan], [0.0]]), y, y.mean(axis=0)) == np.inf


def test_few_rows_are_fitted_not_left_out() -> None:
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    y = np.array([[0.0], [1.0], [1.0], [0.0]])
    assert probes.linear(X, y).error == pytest.approx(1.0, abs=1e-6)
    assert probes.curved(X, y).error < 0.2


def test_constant_columns_are_zero_and_outliers_cut_off() -> None:
    X = np.column_stack([np.ones(100), np.append(np.zeros(99), 1e9)])
    scaled = probes.standardised(X)
    assert (scaled[:, 0] == 0.0).all()
    assert scaled.max() == 6.0
