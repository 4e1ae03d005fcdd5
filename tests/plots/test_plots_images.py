"""Misread images and the weights of the first layer."""

import numpy as np
import pytest

from glassnet import plots

pytest.importorskip("matplotlib", reason="pictures need matplotlib")

LABELS = np.array([0, 1, 2, 3, 4, 5])
GUESSES = np.array([0, 2, 2, 1, 4, 0])  # rows 1, 3 and 5 are wrong
OUTPUTS = np.array(
    [
        [0.9, 0.1, 0, 0, 0, 0],
        [0.2, 0.2, 0.6, 0, 0, 0],
        [0, 0, 1, 0, 0, 0],
        [0, 0.9996, 0, 0.0004, 0, 0],
        [0, 0, 0, 0, 1, 0],
        [0.7, 0, 0, 0, 0, 0.3],
    ]
)


@pytest.fixture
def images(stream):
    return stream.integers(0, 256, (6, 28, 28)).astype(np.uint8)


def captions(ax):
    return [text.get_text() for text in ax.texts]


def test_the_most_certain_mistakes_come_first(images, drawn):
    ax = drawn(plots.misread(images, LABELS, GUESSES, OUTPUTS))
    assert captions(ax) == ["3 → 1 (99.9 %)", "5 → 0 (70 %)", "1 → 2 (60 %)"]
    np.testing.assert_array_equal(ax.get_images()[0].get_array(), images[3])
    assert ax.get_title(loc="left") == "3 of 6 misread\ntrue → read (certainty)"


def test_without_outputs_the_order_is_that_of_the_rows(images, drawn):
    ax = drawn(plots.misread(images.reshape(6, 784), LABELS, GUESSES, count=2))
    assert captions(ax) == ["1 → 2", "3 → 1"]
    assert ax.get_title(loc="left") == "3 of 6 misread; the first 2\ntrue → read"


def test_some_of_the_mistakes_are_called_the_most_certain(images, drawn):
    ax = drawn(plots.misread(images, LABELS, GUESSES, OUTPUTS, count=1))
    assert captions(ax) == ["3 → 1 (99.9 %)"]
    assert ax.get_title(loc="left") == "3 of 6 misread; the 1 most certain\ntrue → read (certainty)"


def test_all_images_share_one_scale_of_grey(images, drawn):
    ax = drawn(plots.misread(images, LABELS, GUESSES))
    assert len({image.get_clim() for image in ax.get_images()}) == 1


def test_one_output_is_as_certain_as_it_is_far_from_a_half(drawn, images):
    outputs = np.array([[0.9], [0.1], [0.3]])
    ax = drawn(plots.misread(images[:3], [0, 1, 1], [1, 0, 0], outputs))
    assert captions(ax) == ["0 → 1 (90 %)", "1 → 0 (90 %)", "1 → 0 (70 %)"]


def test_outputs_that_are_no_shares_are_written_as_they_are(drawn, images):
    ax = drawn(plots.misread(images[:2], [0, 1], [1, 0], [1.25, -0.5]))
    assert captions(ax) == ["0 → 1 (1.25)", "1 → 0 (-0.50)"]


def test_nothing_misread_is_a_picture_that_says_so(images, drawn):
    ax = drawn(plots.misread(images, LABELS, LABELS, OUTPUTS))
    assert captions(ax) == ["All predictions are right:\nthere is nothing to show."]
    assert ax.get_title(loc="left") == "0 of 6 misread"
    assert not ax.get_images()


def test_long_names_put_the_probability_on_a_line_of_its_own(images, drawn):
    names = np.array(["shirt", "ankle boot", "pullover of fine wool", "bag", "coat", "dress"])
    ax = drawn(plots.misread(images, names[LABELS], names[GUESSES], OUTPUTS))
    assert captions(ax)[2] == "ankle boot → pullove…e wool\n(60 %)"
    widths = [text.get_window_extent().width for text in ax.texts]
    assert max(widths) < 1.12 * ax.get_images()[0].get_window_extent().width


def test_labels_that_are_whole_floats_lose_their_point(images, drawn):
    ax = drawn(plots.misread(images[:1], [[1.0]], [0.5]))
    assert captions(ax) == ["1 → 0.5"]


def test_images_of_other_shapes_keep_them(drawn, stream):
    flat = stream.random((4, 12))
    ax = drawn(plots.misread(flat, [0, 0, 0, 0], [1, 1, 1, 1], shape=(2, 6)))
    assert {image.get_array().shape for image in ax.get_images()} == {(2, 6)}


def test_tiles_fit_the_axes_they_are_given(images, drawn):
    from matplotlib.figure import Figure

    ax = Figure(figsize=(3, 2)).add_subplot()
    assert drawn(plots.misread(images, LABELS, GUESSES, OUTPUTS, ax=ax)) is ax
    assert len(ax.get_images()) == 3


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"images": np.zeros((6, 10))}, ValueError, r"no square; give shape=\(height, width\)"),
        ({"images": np.zeros((6, 4, 4, 3))}, ValueError, r"\(rows, pixels\) or \(rows, height"),
        ({"images": None}, ValueError, "images is None"),
        ({"shape": (28, 27)}, ValueError, "got 28 x 27 = 756"),
        ({"shape": 28}, TypeError, r"shape must be \(height, width\); got 28"),
        ({"shape": (28.0, 28)}, ValueError, "shape must be an integer"),
        ({"labels": LABELS[:5]}, ValueError, "labels has 5 rows where 6 are expected"),
        ({"labels": np.eye(6)}, ValueError, r"labels.argmax\(axis=1\)"),
        ({"labels": []}, ValueError, "labels is empty"),
        ({"labels": [0, [1, 2], 3]}, ValueError, "labels must hold one label a row"),
        ({"labels": np.full(6, 1j)}, TypeError, "labels must hold numbers or text"),
        ({"labels": [0, 1, 2, 3, 4, np.nan]}, ValueError, "labels contains NaN"),
        ({"labels": np.ma.masked_equal(LABELS, 3)}, ValueError, "labels is a masked array"),
        ({"predicted": list("012345")}, TypeError, "must be of one kind"),
        ({"predicted": "012345"}, TypeError, "predicted must be a list or an array"),
        ({"outputs": OUTPUTS[:2]}, ValueError, "outputs has 2 rows where 6"),
        ({"count": 0}, ValueError, "count must be .* at least 1"),
        ({"count": True}, TypeError, "count must be an integer"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(images, change, error, message):
    given = {"images": images, "labels": LABELS, "predicted": GUESSES, "outputs": OUTPUTS}
    with pytest.raises(error, match=message):
        plots.misread(**{**given, **change})


def test_each_unit_of_the_first_layer_is_an_image_of_its_weights(drawn, stream):
    weights = stream.normal(size=(16, 5)).astype(np.float32)
    ax = drawn(plots.first_layer(weights))
    assert captions(ax) == ["1", "2", "3", "4", "5"]
    np.testing.assert_array_equal(ax.get_images()[2].get_array(), weights[:, 2].reshape(4, 4))
    assert ax.get_title(loc="left") == "weights of the first layer"


def test_weights_share_one_scale_that_is_symmetric_about_zero(drawn, stream):
    ax = drawn(plots.first_layer(stream.normal(size=(16, 40)) + 1, count=9))
    limits = {image.get_clim() for image in ax.get_images()}
    assert len(limits) == 1
    low, high = limits.pop()
    assert low == -high
    assert ax.get_title(loc="left") == "weights of the first layer, 9 of 40 units"


def test_weights_that_are_all_zero_are_drawn_white(drawn):
    ax = drawn(plots.first_layer(np.zeros((6, 1)), shape=(2, 3)))
    assert ax.get_images()[0].get_clim() == (-1, 1)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"weights": np.zeros(4)}, ValueError, r"shape \(inputs, units\)"),
        ({"weights": np.zeros((5, 2))}, ValueError, "5 pixels an image, which is no square"),
        ({"weights": np.full((4, 2), np.inf)}, ValueError, "weights contains infinity"),
        ({"weights": np.zeros((4, 2)), "count": 1.5}, ValueError, "count must be an integer"),
    ],
)
def test_what_is_no_layer_of_weights_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        plots.first_layer(**arguments)
