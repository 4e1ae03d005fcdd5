"""Fitted curves, and predictions against the truth."""

import numpy as np
import pytest

from glassnet import plots

pytest.importorskip("matplotlib", reason="pictures need matplotlib")


def test_a_curve_runs_through_the_data_and_a_little_beyond(stand_in, drawn, words):
    network = stand_in([1, 5, 1])
    ax = drawn(plots.fitted_curve(network, [[0.0], [2.0], [1.0]], [0.0, 1.0, 4.0]))
    (curve,) = ax.get_lines()
    assert words(ax) == ["", "x", "y", "data", "network"]
    assert curve.get_xdata()[0] < 0
    assert curve.get_xdata()[-1] > 2
    place = np.array([[curve.get_xdata()[7]]])
    np.testing.assert_allclose(curve.get_ydata()[7], network.predict(place)[0, 0])
    np.testing.assert_array_equal(ax.collections[0].get_offsets()[:, 1], [0, 1, 4])


def test_several_targets_get_a_colour_each(stand_in, drawn, words):
    ax = drawn(plots.fitted_curve(stand_in([1, 3, 2]), [0.0, 1.0], [[0.0, 1.0], [1.0, 2.0]]))
    assert words(ax)[3:] == ["data 1", "data 2", "output 1", "output 2"]


def test_quantiles_are_named(stand_in, drawn, words):
    network = stand_in([1, 3, 2], "pinball", quantiles=(0.1, 0.9), statistics=2)
    ax = drawn(plots.fitted_curve(network, [0.0, 1.0], [0.0, 1.0]))
    assert words(ax)[3:] == ["data", "quantile 0.1", "quantile 0.9"]


def test_mean_and_variance_are_a_curve_and_a_band(stand_in, drawn, words):
    network = stand_in([1, 3, 2], "gaussian", statistics=2)
    ax = drawn(plots.fitted_curve(network, [0.0, 1.0], [0.0, 1.0]))
    assert words(ax)[3:] == ["data", "network", "± 2 standard deviations"]
    assert len(ax.get_lines()) == 1


def test_a_single_point_is_drawn(stand_in, drawn):
    ax = drawn(plots.fitted_curve(stand_in([1, 1]), [3.0], [1.0]))
    low, high = ax.get_xlim()
    assert low < 3 < high


@pytest.mark.parametrize(
    ("layers", "X", "y", "message"),
    [
        ([2, 1], [1.0], [1.0], "network must have 1 input for this picture"),
        ([1, 1], [[1.0, 2.0]], [1.0], r"X must have shape \(rows, 1\)"),
        ([1, 1], [1.0, 2.0], [1.0], "y has 1 rows where 2 are expected"),
        ([1, 1], [1.0], [np.nan], "y contains NaN"),
    ],
)
def test_a_curve_refuses_what_does_not_fit(stand_in, layers, X, y, message):
    with pytest.raises(ValueError, match=message):
        plots.fitted_curve(stand_in(layers), X, y)


def test_predictions_are_drawn_over_the_truth_with_the_diagonal(drawn):
    ax = drawn(plots.predicted_against_true([1.0, 2.0, 3.0], [1.5, 2.0, 2.5]))
    np.testing.assert_array_equal(
        ax.collections[0].get_offsets(), [[1.0, 1.5], [2.0, 2.0], [3.0, 2.5]]
    )
    assert ax.get_xlim() == ax.get_ylim()
    assert ax.get_aspect() == 1
    assert ax.get_title(loc="left") == "R² 0.750, mean absolute error 0.333"


def test_several_targets_are_told_apart(drawn, words):
    true = np.array([[1.0, 10.0], [2.0, 20.0]])
    ax = drawn(plots.predicted_against_true(true, true))
    assert words(ax)[3:] == ["target 1", "target 2"]
    assert ax.get_title(loc="left") == "R² 1.000, mean absolute error 0"


def test_equal_values_still_have_an_axis(drawn):
    ax = drawn(plots.predicted_against_true([3.0, 3.0], [3.0, 3.0]))
    assert ax.get_xlim() == (2.5, 3.5)


@pytest.mark.parametrize("rows", [10, 1000, 5000])
def test_many_points_are_small_and_see_through(rows, drawn, stream):
    true = stream.normal(size=rows)
    dots = drawn(plots.predicted_against_true(true, true)).collections[0]
    assert (dots.get_sizes()[0], dots.get_alpha()) == {
        10: (22, 0.85),
        1000: (5, 0.5),
        5000: (5, 0.2),
    }[rows]


def test_targets_and_outputs_of_other_shapes_are_refused():
    with pytest.raises(ValueError, match=r"targets has shape \(2, 1\), outputs has shape \(1, 1\)"):
        plots.predicted_against_true([1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="targets is None"):
        plots.predicted_against_true(None, [1.0])
