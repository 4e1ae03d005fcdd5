"""The network as circles and lines."""

import numpy as np
import pytest

from glassnet import plots
from glassnet.plots import style

pytest.importorskip("matplotlib", reason="pictures need matplotlib")


def lines(ax):
    from matplotlib.collections import LineCollection

    return next(one for one in ax.collections if isinstance(one, LineCollection))


def test_units_are_circles_and_weights_lines(stand_in, drawn):
    ax = drawn(plots.diagram(stand_in([3, 5, 2])))
    assert len(ax.patches) == 10
    assert len(lines(ax).get_segments()) == 3 * 5 + 5 * 2


def test_colour_is_the_sign_and_width_the_size(stand_in, drawn):
    from matplotlib.colors import to_hex

    network = stand_in([4, 1])
    network.weights[0][:, 0] = [-4.0, 1.0, 2.0, 0.0]
    made = lines(drawn(plots.diagram(network)))
    widths = np.array(made.get_linewidths())
    colours = [to_hex(colour) for colour in made.get_colors()]
    assert (np.diff(widths) > 0).all()  # drawn from the smallest to the largest
    assert colours[-1] == style.NEGATIVE.lower()
    assert set(colours[:-1]) == {style.POSITIVE.lower()}


def test_the_fill_of_a_unit_is_its_bias(stand_in, drawn):
    network = stand_in([4, 3, 1])
    network.biases[0][:], network.biases[1][:] = [0.0, 2.0, -2.0], 0.0
    circles = drawn(plots.diagram(network)).patches
    white, blue, orange = (np.array(circle.get_facecolor()[:3]) for circle in circles[4:7])
    np.testing.assert_allclose(white, 1, atol=0.02)
    assert blue[2] > blue[0]
    assert orange[0] > orange[2]


def test_the_smallest_networks_have_their_numbers_written_in(stand_in, drawn, words):
    network = stand_in([2, 2, 1])
    found = words(drawn(plots.diagram(network)))
    for part in (*network.weights, *network.biases):
        for value in part.ravel():
            assert f"{value:.2f}" in found


def test_layers_are_named_with_their_activation_loss_and_dropout(stand_in, drawn, words):
    network = stand_in([1, 6, 7, 1], "softmax_cross_entropy", dropout=(0.0, 0.25))
    found = words(drawn(plots.diagram(network)))
    assert "1 input" in found
    assert "6 units\nleaky relu" in found
    assert "7 units\nleaky relu\ndropout 0.25" in found
    assert "1 output\nloss: softmax\ncross entropy" in found
    assert "x" in found
    assert "y" in found


def test_without_a_loss_the_output_layer_is_named_all_the_same(stand_in, drawn, words):
    found = words(drawn(plots.diagram(stand_in([4, 2], None))))
    assert "2 outputs" in found
    assert {"x1", "x4", "y1", "y2"} <= set(found)


def test_a_wide_layer_is_shown_by_its_ends(stand_in, drawn, words):
    ax = drawn(plots.diagram(stand_in([8, 64, 3])))
    assert len(ax.patches) == 8 + 10 + 3
    assert len(lines(ax).get_segments()) == 8 * 10 + 10 * 3
    assert "64 units\nleaky relu" in words(ax)
    dots = [one for one in ax.collections if len(one.get_offsets()) == 3]
    assert len(dots) == 1


def test_a_layer_of_sixteen_units_is_shown_whole(stand_in, drawn):
    assert len(drawn(plots.diagram(stand_in([16, 17]))).patches) == 16 + 10


def test_names_come_from_the_call_from_the_classes_or_from_the_loss(stand_in, drawn, words):
    network = stand_in([2, 5, 2], "softmax_cross_entropy", classes=["no", "yes"], targets="labels")
    assert {"no", "yes"} <= set(words(drawn(plots.diagram(network))))
    given = words(drawn(plots.diagram(network, inputs=["height", "width"], outputs=["a", "b"])))
    assert {"height", "width", "a", "b"} <= set(given)
    network.classes = None
    assert {"0", "1"} <= set(words(drawn(plots.diagram(network))))


def test_a_network_without_dropout_is_drawn(stand_in, drawn):
    network = stand_in([2, 4, 1])
    del network.dropout
    drawn(plots.diagram(network))


def test_zero_weights_and_biases_are_drawn(stand_in, drawn):
    network = stand_in([2, 4, 1])
    for part in (*network.weights, *network.biases):
        part[:] = 0
    widths = lines(drawn(plots.diagram(network))).get_linewidths()
    np.testing.assert_allclose(widths, 0.3)


@pytest.mark.parametrize("layers", [[1, 1], [784, 32, 16, 10], [5, *[4] * 15, 2]])
def test_words_lie_inside_the_picture(stand_in, drawn, layers):
    ax = drawn(plots.diagram(stand_in(layers)))
    page = ax.figure.bbox
    for text in ax.texts:
        box = text.get_window_extent()
        assert page.x0 <= box.x0
        assert box.x1 <= page.x1
        assert page.y0 <= box.y0
        assert box.y1 <= page.y1


def test_a_network_that_diverged_is_refused(stand_in):
    network = stand_in([2, 2])
    network.biases[0][1] = np.inf
    with pytest.raises(ValueError, match="not finite: its training diverged"):
        plots.diagram(network)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"network": None}, TypeError, "network must be a glassnet Network; got None"),
        ({"inputs": ["a"]}, ValueError, "inputs holds 1 names; 2 are expected"),
        ({"outputs": "ab"}, TypeError, "outputs must be a list or an array of names"),
        ({"ax": 1}, TypeError, "ax must be a matplotlib Axes"),
    ],
)
def test_what_cannot_be_drawn_is_refused(stand_in, arguments, error, message):
    with pytest.raises(error, match=message):
        plots.diagram(**{"network": stand_in([2, 1]), **arguments})


def test_the_class_itself_is_no_network(stand_in):
    with pytest.raises(TypeError, match="network must be a glassnet Network"):
        plots.diagram(stand_in)


def test_words_stay_above_the_legend_on_axes_of_any_size(stand_in, drawn):
    from matplotlib.figure import Figure

    network = stand_in([4, 8, 3], "softmax_cross_entropy")
    for size in ((2, 2), (4, 3), (12, 9)):
        ax = drawn(plots.diagram(network, ax=Figure(figsize=size).add_subplot()))
        legend = ax.get_legend().get_window_extent()
        assert min(text.get_window_extent().y0 for text in ax.texts) > legend.y1 - 3
