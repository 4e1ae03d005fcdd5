"""Partial dependence, and what each input adds."""

import numpy as np
import pytest

from glassnet import plots

pytest.importorskip("matplotlib", reason="pictures need matplotlib")


def test_a_curve_is_drawn_over_its_grid_from_left_to_right(drawn, words):
    ax = drawn(plots.partial_dependence([2.0, 0.0, 1.0], [4.0, 0.0, 1.0], "wind", "power"))
    (curve,) = ax.get_lines()
    np.testing.assert_array_equal(curve.get_xydata(), [[0, 0], [1, 1], [2, 4]])
    assert words(ax) == ["", "wind", "output", "power"]


def test_the_curves_of_rows_are_thin_below_their_mean(drawn):
    ax = drawn(plots.partial_dependence([0.0, 1.0], [[0.0, 2.0], [2.0, 4.0], [4.0, 6.0]]))
    *rows, mean = ax.get_lines()
    np.testing.assert_array_equal([row.get_ydata() for row in rows], [[0, 2], [2, 4], [4, 6]])
    np.testing.assert_array_equal(mean.get_ydata(), [2, 4])
    assert mean.get_linewidth() > 3 * rows[0].get_linewidth()


def test_a_second_output_on_the_same_axes_has_another_colour(drawn, words):
    ax = plots.partial_dependence([0.0, 1.0], [[0.0, 2.0], [0.0, 1.0]], label="first")
    drawn(plots.partial_dependence([0.0, 1.0], [2.0, 1.0], label="second", ax=ax))
    assert words(ax)[3:] == ["first", "second"]
    assert ax.get_lines()[-1].get_color() != ax.get_lines()[0].get_color()


def test_one_row_is_drawn_as_bars_the_largest_on_top(drawn):
    ax = drawn(plots.attributions([0.5, -2.0, 1.0], ["a", "b", "c"]))
    assert [one.get_text() for one in ax.get_yticklabels()] == ["b", "c", "a"]
    assert [bar.get_width() for bar in ax.patches] == [-2, 1, 0.5]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    colours = [bar.get_facecolor() for bar in ax.patches]
    assert colours[0] != colours[1] == colours[2]


def test_many_rows_are_dots_of_the_most_important_inputs(drawn, stream):
    values = stream.normal(size=(500, 20)) * np.arange(20)
    ax = drawn(plots.attributions(values, most=3))
    assert [one.get_text() for one in ax.get_yticklabels()] == ["input 19", "input 18", "input 17"]
    places = ax.collections[0].get_offsets()
    np.testing.assert_array_equal(np.sort(places[:, 0]), np.sort(values[:, 17:].ravel()))
    assert np.abs(places[:, 1] - np.round(places[:, 1])).max() <= 0.4


def test_dots_have_the_colour_of_the_inputs_value(drawn):
    values, X = np.array([[1.0, 0.0], [2.0, 0.0], [3.0, 0.0]]), [[5.0, 7.0], [6.0, 7.0], [9.0, 7.0]]
    ax = drawn(plots.attributions(values, ["a", "b"], X))
    np.testing.assert_array_equal(
        ax.collections[0].get_array().reshape(3, 2), [[0, 0], [0.25, 0], [1, 0]]
    )
    assert [one.get_text() for one in ax.figure.axes[1].get_yticklabels()] == ["low", "high"]


def test_names_of_a_data_frame_are_taken(drawn):
    pandas = pytest.importorskip("pandas")
    X = pandas.DataFrame({"wind": [1.0, 2.0], "rain": [0.0, 1.0]})
    ax = drawn(plots.attributions([[0.0, 1.0], [0.0, 2.0]], X=X))
    assert [one.get_text() for one in ax.get_yticklabels()] == ["rain", "wind"]


def test_values_that_are_all_zero_are_drawn(drawn):
    drawn(plots.attributions(np.zeros((30, 2))))
    drawn(plots.attributions([0.0]))


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: plots.partial_dependence([[1.0]], [1.0]), r"grid must have shape \(points,\)"),
        (lambda: plots.partial_dependence([1.0], [1.0, 2.0]), "each of the 1 points of grid"),
        (lambda: plots.partial_dependence([1.0], [np.nan]), "values contains NaN"),
        (lambda: plots.attributions(1.0), r"values must have shape \(inputs,\)"),
        (lambda: plots.attributions([1.0], ["a", "b"]), "names holds 2 names; 1 are expected"),
        (lambda: plots.attributions([1.0], most=0), "most must be an integer of at least 1"),
        (lambda: plots.attributions([1.0], X=[[1.0, 2.0]]), r"X must have the shape of values"),
    ],
)
def test_a_picture_of_sensitivities_refuses_what_does_not_fit(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
