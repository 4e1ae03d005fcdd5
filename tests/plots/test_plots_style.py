"""Figures, axes, words and colours that all pictures share."""

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet import plots
from glassnet.plots import style

matplotlib = pytest.importorskip("matplotlib", reason="pictures need matplotlib")


@pytest.fixture
def plt():
    return pytest.importorskip("matplotlib.pyplot")


def test_without_ax_the_figure_is_the_one_that_pyplot_shows(plt, training):
    ax = plots.history(training(3, accuracy=False))
    assert plt.gcf() is ax.figure


def test_with_ax_no_figure_is_made(plt, training):
    from matplotlib.figure import Figure

    ax = Figure().add_subplot()
    assert plots.history(training(3), ax=ax) is ax
    assert plt.get_fignums() == []


def test_outside_the_main_thread_pyplot_is_left_alone(plt):
    drawn = []
    thread = threading.Thread(target=lambda: drawn.append(plots.confusion_matrix([[1]])))
    thread.start()
    thread.join()
    assert len(drawn) == 1
    assert plt.get_fignums() == []


def test_a_backend_without_its_screen_still_gives_a_picture(plt, monkeypatch):
    def no_screen(**_):
        raise ImportError("Cannot load backend 'TkAgg'")

    monkeypatch.setattr(plt, "figure", no_screen)
    ax = plots.confusion_matrix([[1]])
    ax.figure.draw_without_rendering()
    assert plt.get_fignums() == []


def test_a_refused_call_makes_no_figure(plt, stand_in):
    for call in (
        lambda: plots.history([]),
        lambda: plots.confusion_matrix([[1, 2]]),
        lambda: plots.misread(np.eye(3), [1], [1]),
        lambda: plots.decision_boundary(stand_in([3, 1]), np.zeros((2, 2)), [0, 1]),
        lambda: plots.diagram("net"),
    ):
        with pytest.raises((TypeError, ValueError)):
            call()
    assert plt.get_fignums() == []


def test_pictures_leave_the_settings_of_matplotlib_alone(training):
    before = dict(matplotlib.rcParams)
    plots.history(training(3))
    plots.confusion_matrix([[1, 0], [0, 2]])
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("wrong", ["ax", 3, [None]])
def test_what_is_no_axes_is_refused(wrong):
    with pytest.raises(TypeError, match="ax must be a matplotlib Axes"):
        plots.confusion_matrix([[1]], ax=wrong)


def test_several_axes_must_be_as_many_as_the_panels(plt, training):
    axes = plt.subplots(1, 3)[1]
    with pytest.raises(ValueError, match="3 Axes, this picture needs 2"):
        plots.history(training(2), ax=axes)
    with pytest.raises(TypeError, match="ax must hold matplotlib Axes"):
        plots.history(training(2), ax=["left", "right"])


def test_the_palette_has_a_colour_and_a_marker_for_ten_classes():
    assert len(set(style.PALETTE)) == len(set(style.MARKERS)) == 10


@pytest.mark.parametrize(("colour", "ink"), [((1, 1, 1), "black"), ((0, 0, 0.4, 1), "white")])
def test_ink_is_chosen_to_be_read(colour, ink):
    assert style.ink_on(colour) == ink


def test_a_long_name_keeps_its_two_ends():
    assert style.shorten("a class\nname") == "a class name"
    short = style.shorten("class of a very long name 17")
    assert len(short) == 20
    assert short.startswith("class of a")
    assert short.endswith("name 17")


@given(st.text(), st.integers(3, 40))
def test_no_name_is_longer_than_its_place(text, most):
    assert len(style.shorten(text, most).replace(r"\$", "$")) <= most


@given(st.tuples(*[st.floats(0, 1)] * 3))
def test_ink_has_a_contrast_of_four_and_a_half_on_any_colour(colour):
    # WCAG 2.2, contrast ratio; sRGB to linear light.
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    contrast = (light + 0.05) / 0.05 if style.ink_on(colour) == "black" else 1.05 / (light + 0.05)
    assert contrast > 4.5


def test_a_dollar_sign_in_a_name_begins_no_formula(drawn):
    ax = drawn(plots.confusion_matrix([[1, 0], [0, 1]], classes=["$5 to $9^{", "more"]))
    assert ax.get_xticklabels()[0].get_text() == r"\$5 to \$9^{"
