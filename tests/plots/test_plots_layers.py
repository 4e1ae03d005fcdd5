"""Activation and gradient statistics of the layers over the steps."""

import math

import numpy as np
import pytest

from glassnet import plots

pytest.importorskip("matplotlib", reason="pictures need matplotlib")


def records(number, layers=3, **changes):
    made = []
    for step in range(1, number + 1):
        each = [
            {
                "outputs_spread": 1.0 + layer,
                "zero_share": 0.25 * layer,
                "gradient_norm": 10.0**-layer,
                "update_ratio": 1e-3 / step,
                **changes,
            }
            for layer in range(layers)
        ]
        made.append({"step": 50 * step, "epoch": 1, "layers": each})
    return made


def test_there_is_one_curve_a_layer_in_each_of_four_panels(drawn):
    axes = drawn(plots.layer_statistics(records(40)))
    assert axes.shape == (4,)
    for ax in axes:
        assert len(ax.get_lines()) == 3
        np.testing.assert_array_equal(ax.get_lines()[0].get_xdata()[:2], [50, 100])
    assert [text.get_text() for text in axes[0].figure.legends[0].get_texts()] == [
        "layer 1",
        "layer 2",
        "output layer",
    ]


def test_norms_are_logarithmic_and_shares_in_percent(drawn):
    spread, zeros, norm, ratio = drawn(plots.layer_statistics(records(40)))
    assert [ax.get_yscale() for ax in (spread, zeros, norm, ratio)] == [
        "linear",
        "linear",
        "log",
        "log",
    ]
    assert spread.get_ylim()[0] == 0
    assert zeros.get_ylim()[1] > 1
    assert "100%" in [tick.get_text() for tick in zeros.get_yticklabels()]


def test_each_panel_says_how_to_read_it(drawn):
    titles = [ax.get_title(loc="left") for ax in drawn(plots.layer_statistics(records(2)))]
    assert "dies out" in titles[0]
    assert "dead units" in titles[1]
    assert "vanishing" in titles[2]
    assert "usual" in titles[3]


def test_numbers_that_cannot_be_drawn_are_gaps(drawn):
    made = records(40)
    made[2]["layers"][0].update(gradient_norm=0.0, outputs_spread=math.inf)
    del made[3]["layers"][0]["gradient_norm"]
    axes = drawn(plots.layer_statistics(made))
    gaps = [np.flatnonzero(np.isnan(ax.get_lines()[0].get_ydata())).tolist() for ax in axes]
    assert gaps == [[2], [], [2, 3], []]
    assert axes[0].get_lines()[0].get_marker() == "o"


def test_a_panel_without_numbers_says_so(drawn, words):
    axes = drawn(plots.layer_statistics(records(3, outputs_spread=None, gradient_norm=0.0)))
    assert ["no numbers" in words(ax) for ax in axes] == [True, False, True, False]


def test_spreads_that_are_all_zero_still_have_an_axis(drawn):
    axes = drawn(plots.layer_statistics(records(3, outputs_spread=0.0)))
    assert axes[0].get_ylim()[1] > 0.5


@pytest.mark.parametrize("layers", [1, 2])
def test_four_axes_of_ones_own_are_drawn_on(layers, drawn, words):
    from matplotlib.figure import Figure

    figure = Figure()
    axes = drawn(plots.layer_statistics(records(1, layers=layers), ax=figure.subplots(2, 2)))
    assert list(axes) == figure.axes
    assert ("output layer" in words(axes[0])) == (layers > 1)  # one line needs no legend


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({}, TypeError, "records must be a list of dicts"),
        (None, TypeError, "records must be a list of dicts"),
        ([], ValueError, "records is empty"),
        ([3], TypeError, r"records\[0\] must be a dict with 'step' and 'layers'"),
        ([{"step": 1}], TypeError, r"records\[0\] must be"),
        ([{"step": 1, "layers": 2}], TypeError, r"records\[0\] must be"),
        ([{"step": 1, "layers": [2]}], TypeError, r"records\[0\] must be"),
        ([{"step": "a", "layers": [{}]}], TypeError, r"records\[0\]\['step'\] must be"),
        ([{"step": 1, "layers": []}], ValueError, r"the same layers each; got \[0\]"),
        (records(1) + records(1, layers=2), ValueError, r"got \[2, 3\] layers"),
    ],
)
def test_what_no_log_wrote_is_refused(wrong, error, message):
    with pytest.raises(error, match=message):
        plots.layer_statistics(wrong)
