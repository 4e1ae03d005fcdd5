"""A line with a band around it."""

from types import SimpleNamespace

import numpy as np
import pytest

from glassnet import plots

pytest.importorskip("matplotlib", reason="pictures need matplotlib")


def interval(mean, reach=1.0, level=0.95):
    mean = np.asarray(mean, dtype=float)
    return SimpleNamespace(lower=mean - reach, mean=mean, upper=mean + reach, level=level)


def test_a_line_runs_from_left_to_right_inside_its_band(drawn, words):
    ax = drawn(plots.band([2.0, 0.0, 1.0], interval([[4.0], [0.0], [1.0]], 0.5)))
    (line,) = ax.get_lines()
    np.testing.assert_array_equal(line.get_xydata(), [[0, 0], [1, 1], [2, 4]])
    (shade,) = ax.collections
    corners = {tuple(point) for point in shade.get_paths()[0].vertices}
    assert {(0, -0.5), (0, 0.5), (2, 3.5), (2, 4.5)} <= corners
    assert words(ax) == ["", "x", "y", "mean", "95 % interval"]


def test_the_points_lie_beside_it(drawn, words):
    data = ([[0.0], [1.0]], [0.5, 1.5])
    ax = drawn(plots.band([[0.0], [1.0]], interval([0.0, 1.0], level=0.5), data=data, name="fit"))
    np.testing.assert_array_equal(ax.collections[0].get_offsets(), [[0, 0.5], [1, 1.5]])
    assert words(ax)[3:] == ["data", "fit", "50 % interval"]


def test_several_targets_and_several_calls_have_a_colour_each(drawn, words):
    two = interval([[0.0, 1.0], [1.0, 2.0]])
    ax = plots.band([0.0, 1.0], two, data=([0.0, 1.0], two.mean))
    drawn(plots.band([0.0, 1.0], interval([5.0, 5.0]), ax=ax))
    assert len({line.get_color() for line in ax.get_lines()}) == 3
    assert words(ax)[3:5] == ["data 1", "data 2"]
    assert "mean 2" in words(ax)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (([[1.0, 2.0]], interval([1.0])), r"x must have shape \(rows, 1\); got shape \(1, 2\)"),
        (([1.0, 2.0], interval([1.0])), "interval.lower has 1 rows where 2 are expected"),
        (([1.0], interval([np.nan])), "interval.lower contains NaN"),
        (([1.0], [1.0]), "interval must be what glassnet.inference.predict_interval"),
        (([1.0], interval([1.0]), [1.0]), r"data must be \(X, y\), the points to draw"),
        (([1.0], interval([1.0]), ([1.0], [1.0, 2.0])), "data's y has 2 rows where 1 are expected"),
    ],
)
def test_what_does_not_fit_is_refused(given, message):
    with pytest.raises((ValueError, TypeError), match=message):
        plots.band(*given)
