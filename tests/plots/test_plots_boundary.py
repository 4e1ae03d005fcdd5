"""Decision grids and decision boundaries of two-input networks."""

import numpy as np
import pytest

from glassnet import plots


@pytest.fixture
def points(stream):
    return stream.uniform(-2, 2, (30, 2))


def scattered(ax):
    """How many points each scatter holds."""
    from matplotlib.collections import PathCollection

    return [len(one.get_offsets()) for one in ax.collections if isinstance(one, PathCollection)]


def test_a_grid_covers_the_points_with_a_margin(stand_in):
    network = stand_in([2, 4, 3])
    grid = plots.decision_grid(network, [[0, 10], [1, 30]], resolution=5, margin=0.5)
    np.testing.assert_allclose(grid.x, [-0.5, 0, 0.5, 1, 1.5])
    np.testing.assert_allclose(grid.y, [0, 10, 20, 30, 40])
    assert grid.outputs.shape == (5, 5, 3)
    np.testing.assert_allclose(grid.outputs[1, 4], network.predict([[1.5, 10]])[0])


def test_a_single_point_still_gets_a_plane_around_it(stand_in):
    grid = plots.decision_grid(stand_in([2, 1]), [[3.0, 4.0]], resolution=2)
    assert grid.x[0] < 3 < grid.x[1]
    assert grid.y[0] < 4 < grid.y[1]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"X": [[1, 2, 3]]}, ValueError, r"X must have shape \(rows, 2\); got shape \(1, 3\)"),
        ({"X": [1, 2]}, ValueError, r"X must have shape \(rows, 2\)"),
        ({"X": [[1, np.nan]]}, ValueError, "X contains NaN"),
        ({"X": [["a", "b"]]}, ValueError, "X holds text"),
        ({"resolution": 1}, ValueError, "resolution must be .* at least 2"),
        ({"margin": -0.1}, ValueError, "margin must be"),
        ({"network": "net"}, TypeError, "network must be a glassnet Network; got 'net'"),
    ],
)
def test_a_grid_refuses_what_does_not_fit(stand_in, arguments, error, message):
    with pytest.raises(error, match=message):
        plots.decision_grid(**{"network": stand_in([2, 1]), "X": [[0, 0], [1, 1]], **arguments})


def test_a_network_of_other_inputs_is_refused(stand_in):
    with pytest.raises(ValueError, match=r"network must have 2 inputs .*; got layers \[3, 1\]"):
        plots.decision_grid(stand_in([3, 1]), [[0, 0]])


def test_a_network_that_diverged_is_refused(stand_in):
    network = stand_in([2, 1])
    network.weights[0][:] = np.nan
    with pytest.raises(ValueError, match="not finite: its training diverged"):
        plots.decision_grid(network, [[0, 0]])


class TestDrawn:
    @pytest.fixture(autouse=True)
    def _needs_matplotlib(self):
        pytest.importorskip("matplotlib", reason="pictures need matplotlib")

    def test_two_classes_are_two_regions_with_a_line_between(self, stand_in, points, drawn, words):
        network = stand_in([2, 8, 1], "logistic", seed=3)
        y = (points[:, 0] > 0).astype(int)
        ax = drawn(plots.decision_boundary(network, points, y, resolution=40))
        assert words(ax) == ["", "x1", "x2", "0", "1"]
        assert sorted(scattered(ax)) == sorted([int((y == 0).sum()), int(y.sum())])
        picture = ax.get_images()[0].get_array()
        assert picture.shape == (40, 40, 3)
        assert picture.min() >= 0
        assert picture.max() <= 1
        assert ax.get_xlim() == pytest.approx(tuple(ax.get_images()[0].get_extent()[:2]))

    def test_shade_is_certainty(self, stand_in, points, drawn):
        network = stand_in([2, 1], "logistic")
        network.weights[0][:], network.biases[0][:] = [[3.0], [0.0]], 0.0
        ax = drawn(plots.decision_boundary(network, points, points[:, 0] > 0, resolution=41))
        row = ax.get_images()[0].get_array()[20]
        paleness = row.min(axis=1)
        middle = int(np.abs(np.linspace(*ax.get_xlim(), 41)).argmin())
        assert abs(int(paleness.argmax()) - middle) <= 1
        assert row[0, 2] > row[0, 0]
        assert row[-1, 0] > row[-1, 2]

    def test_several_classes_are_all_named_even_those_without_points(
        self, stand_in, points, drawn, words
    ):
        network = stand_in([2, 8, 3], "softmax_cross_entropy")
        y = np.where(points[:, 0] > 0, 2, 0)
        ax = drawn(plots.decision_boundary(network, points, y, resolution=30))
        assert words(ax)[3:] == ["0", "1", "2"]
        assert 0 in scattered(ax)

    def test_one_hot_rows_draw_what_labels_draw(self, stand_in, points, drawn):
        network, y = stand_in([2, 8, 3], "softmax_cross_entropy"), np.arange(30) % 3
        first = drawn(plots.decision_boundary(network, points, y, resolution=10))
        second = drawn(plots.decision_boundary(network, points, np.eye(3)[y], resolution=10))
        assert scattered(first) == scattered(second) == [10, 10, 10]

    def test_text_labels_take_their_places_from_the_network(self, stand_in, points, drawn, words):
        network = stand_in([2, 4, 2], "softmax_cross_entropy", classes=["cat", "dog"])
        y = np.where(points[:, 1] > 0, "dog", "cat")
        ax = drawn(plots.decision_boundary(network, points, y, resolution=10))
        assert words(ax)[3:] == ["cat", "dog"]
        assert int((y == "cat").sum()) in scattered(ax)

    def test_a_name_that_begins_with_an_underscore_is_in_the_legend(
        self, stand_in, points, drawn, words
    ):
        network = stand_in([2, 1], "logistic", classes=["_no", "yes"])
        ax = drawn(plots.decision_boundary(network, points, ["_no", "yes"] * 15, resolution=5))
        assert [word.strip() for word in words(ax)[3:]] == ["_no", "yes"]

    def test_the_columns_of_a_data_frame_name_the_axes(self, stand_in, points, drawn, words):
        frame = pytest.importorskip("pandas").DataFrame(points, columns=["height", "width"])
        ax = drawn(plots.decision_boundary(stand_in([2, 1]), frame, points[:, 0], resolution=5))
        assert words(ax)[1:3] == ["height", "width"]

    def test_a_network_that_decides_one_way_has_no_line(self, stand_in, points, drawn):
        network = stand_in([2, 1], "logistic")
        network.weights[0][:], network.biases[0][:] = 0.0, 2.0
        ax = drawn(plots.decision_boundary(network, points, np.ones(30), resolution=10))
        assert len(ax.collections) == 2  # the points of both classes, no contour

    def test_real_targets_are_contours_on_one_scale_with_the_points(self, stand_in, points, drawn):
        y = points.sum(axis=1)
        ax = drawn(plots.decision_boundary(stand_in([2, 4, 1]), points, y, resolution=20))
        bar = ax.figure.axes[1]
        assert bar.get_ylabel() == "output; points: target"
        assert scattered(ax) == [30]
        clims = {one.get_clim() for one in ax.collections}
        assert len(clims) == 1
        low, high = clims.pop()
        assert low <= y.min()
        assert high >= y.max()

    def test_of_means_and_variances_the_means_are_drawn(self, stand_in, points, drawn):
        network = stand_in([2, 4, 2], "gaussian", statistics=2)
        ax = drawn(plots.decision_boundary(network, points, points[:, 0], resolution=10))
        assert len(ax.figure.axes) == 2

    def test_of_quantiles_the_middle_one_is_drawn(self, stand_in, points, drawn):
        network = stand_in([2, 3], "pinball", quantiles=(0.1, 0.5, 0.9), statistics=3)
        network.weights[0][:], network.biases[0][:] = 0.0, [-1.0, 0.0, 1.0]
        ax = drawn(plots.decision_boundary(network, points, points[:, 0] / 99, resolution=10))
        filled = ax.collections[0]
        assert abs(filled.get_clim()[0]) < 0.1

    @pytest.mark.parametrize(
        ("layers", "classes", "y", "error", "message"),
        [
            ([2, 3], None, [0, 3], ValueError, r"labels 0 .. 2 .* from 0 to 3"),
            ([2, 3], None, [0.5, 1], ValueError, "labels 0 .. 2"),
            ([2, 3], None, [-1, 1], ValueError, "labels 0 .. 2"),
            ([2, 3], None, [[0.5, 0.5, 0], [1, 0, 0]], ValueError, "one-hot rows"),
            ([2, 3], None, ["a", "b"], TypeError, "network.classes is None"),
            ([2, 2], ["a", "b"], ["a", "c"], ValueError, "'c', which is not in network.classes"),
            ([2, 3], None, [0, 1, 2], ValueError, "y has 3 rows where 2 are expected"),
            ([2, 3], None, np.eye(3), ValueError, "y has 3 rows where 2 are expected"),
            ([2, 3], None, None, TypeError, "y must be a list or an array"),
        ],
    )
    def test_targets_that_do_not_fit_are_refused(
        self, stand_in, layers, classes, y, error, message
    ):
        network = stand_in(layers, classes=classes)
        with pytest.raises(error, match=message):
            plots.decision_boundary(network, [[0, 0], [1, 1]], y, resolution=3)
