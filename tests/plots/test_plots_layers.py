"""What a Recorder wrote down, drawn layer by layer over the steps."""

import math

import numpy as np
import pytest

from glassnet import plots

pytest.importorskip("matplotlib", reason="pictures need matplotlib")

LOSS, SCORES, DEAD, GRADIENT, RATIO, COSINE = range(6)


def records(number, layers=3, loss=None, **changes):
    made = []
    for step in range(1, number + 1):
        each = [
            {
                "scores_mean": 1.0 + layer,
                "scores_spread": 0.5,
                "dead_share": 0.25 * layer,
                "saturated_share": 0.1 if layer else None,
                "gradient_norm": 10.0**-layer,
                "update_ratio": 1e-3 / step,
                "alignment": 0.9,
                **changes,
            }
            for layer in range(layers)
        ]
        value = 1.0 / step if loss is None else loss
        made.append({"step": 50 * step, "epoch": 1, "loss": value, "layers": each})
    return made


def test_there_is_one_curve_a_layer_and_one_of_the_loss(drawn):
    axes = drawn(plots.layer_statistics(records(40)))
    assert axes.shape == (6,)
    assert [len(ax.get_lines()) for ax in axes] == [1, 3, 6, 6, 6, 3]
    for ax in axes:
        np.testing.assert_array_equal(ax.get_lines()[0].get_xdata()[:2], [50, 100])
    assert [text.get_text() for text in axes[0].figure.legends[0].get_texts()] == [
        "layer 1",
        "layer 2",
        "output layer",
    ]


def test_norms_are_logarithmic_and_shares_in_percent(drawn):
    axes = drawn(plots.layer_statistics(records(40)))
    scales = ["log", "linear", "linear", "log", "log", "linear"]
    assert [ax.get_yscale() for ax in axes] == scales
    assert axes[DEAD].get_ylim()[1] > 1
    assert "100%" in [tick.get_text() for tick in axes[DEAD].get_yticklabels()]
    assert axes[COSINE].get_ylim() == (-1.03, 1.03)


def test_scores_are_a_mean_with_its_spread_on_both_sides(drawn):
    ax = drawn(plots.layer_statistics(records(40)))[SCORES]
    (first, *_) = ax.collections
    heights = first.get_paths()[0].vertices[:, 1]
    assert (heights.min(), heights.max()) == (0.5, 1.5)


def test_saturated_outputs_are_dotted_beside_dead_units(drawn):
    lines = drawn(plots.layer_statistics(records(40)))[DEAD].get_lines()
    solid, dotted = lines[2], lines[3]
    assert (solid.get_linestyle(), dotted.get_linestyle()) == ("-", ":")
    assert solid.get_ydata()[0] == 0.25
    assert dotted.get_ydata()[0] == 0.1
    assert np.isnan(lines[1].get_ydata()).all()  # of a layer that does not saturate


@pytest.mark.parametrize(
    ("loss", "scale"), [(None, "log"), (0.5, "linear"), (-2.0, "linear"), (0.0, "linear")]
)
def test_a_loss_is_logarithmic_where_it_spans_decades(loss, scale, drawn):
    assert drawn(plots.layer_statistics(records(40, loss=loss)))[LOSS].get_yscale() == scale


def test_scores_of_a_training_that_explodes_can_all_be_seen(drawn):
    made = records(40)
    made[-1]["layers"][0]["scores_mean"] = 1e21
    assert drawn(plots.layer_statistics(made))[SCORES].get_yscale() == "symlog"


def test_each_panel_says_how_to_read_it(drawn):
    titles = [ax.get_title(loc="left") for ax in drawn(plots.layer_statistics(records(2)))]
    words = ["before its step", "spread", "dotted", "vanishing", "usual", "to and fro"]
    for title, word in zip(titles, words, strict=True):
        assert word in title


def test_numbers_that_cannot_be_drawn_are_gaps(drawn):
    made = records(40)
    made[2]["layers"][0].update(gradient_norm=math.inf, scores_mean=None)
    made[4]["layers"][0].update(gradient_norm=None)
    axes = drawn(plots.layer_statistics(made))
    gaps = [np.flatnonzero(np.isnan(ax.get_lines()[0].get_ydata())).tolist() for ax in axes]
    assert gaps == [[], [2], [], [2, 4], [], []]
    markers = [axes[panel].get_lines()[0].get_marker() for panel in (SCORES, GRADIENT)]
    assert markers == ["", "o"]  # a value between two gaps is no line


def test_a_gradient_of_zero_is_a_mark_at_the_bottom(drawn):
    made = records(40)
    for record in made[20:]:
        record["layers"][0]["gradient_norm"] = 0.0
    curve, marks, *_ = drawn(plots.layer_statistics(made))[GRADIENT].get_lines()
    np.testing.assert_array_equal(np.isnan(curve.get_ydata()), np.arange(40) >= 20)
    np.testing.assert_array_equal(np.isfinite(marks.get_ydata()), np.arange(40) >= 20)
    assert marks.get_marker() == "v"


def test_a_panel_whose_numbers_are_all_zero_says_so(drawn, words):
    axes = drawn(plots.layer_statistics(records(3, gradient_norm=0.0)))
    assert "all are 0" in words(axes[GRADIENT])


def test_all_panels_show_the_same_steps(drawn):
    made = records(40)
    for record in made[3:]:
        record["layers"][0]["alignment"] = None
    axes = drawn(plots.layer_statistics(made))
    assert len({ax.get_xlim() for ax in axes}) == 1


def test_a_panel_without_numbers_says_so(drawn, words):
    made = records(3, scores_mean=None, gradient_norm=math.nan)
    for record in made:
        del record["loss"]
    axes = drawn(plots.layer_statistics(made))
    silent = [True, True, False, True, False, False]
    assert ["no numbers" in words(ax) for ax in axes] == silent


@pytest.mark.parametrize("layers", [1, 2])
def test_six_axes_of_ones_own_are_drawn_on(layers, drawn, words):
    from matplotlib.figure import Figure

    figure = Figure()
    axes = drawn(plots.layer_statistics(records(1, layers=layers), ax=figure.subplots(2, 3)))
    assert list(axes) == figure.axes
    assert ("output layer" in words(axes[COSINE])) == (layers > 1)  # one line needs no legend


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
def test_what_no_recorder_wrote_is_refused(wrong, error, message):
    with pytest.raises(error, match=message):
        plots.layer_statistics(wrong)
