"""Loss and metrics over the epochs, and the learning-rate finder."""

import math

import numpy as np
import pytest

from glassnet import plots

pytest.importorskip("matplotlib", reason="pictures need matplotlib")


def test_training_is_solid_and_validation_dashed_in_one_colour(training, drawn):
    loss, _ = drawn(plots.history(training(40)))
    solid, dashed = loss.get_lines()
    assert (solid.get_linestyle(), dashed.get_linestyle()) == ("-", "--")
    assert solid.get_color() == dashed.get_color()
    assert [line.get_label() for line in (solid, dashed)] == ["training", "validation"]
    np.testing.assert_allclose(solid.get_ydata(), 1 / np.arange(1, 41))


def test_metrics_get_a_panel_of_their_own(training, drawn):
    axes = drawn(plots.history(training(5)))
    assert axes.shape == (2,)
    assert [ax.get_ylabel() for ax in axes] == ["loss", "validation accuracy"]
    assert [ax.get_xlabel() for ax in axes] == ["epoch", "epoch"]
    np.testing.assert_allclose(axes[1].get_lines()[0].get_ydata()[-1], 0.9)


def test_a_history_without_metrics_is_one_panel_with_a_light_frame(training, drawn, words):
    ax = drawn(plots.history(training(5, accuracy=False)))
    assert words(ax)[1:] == ["epoch", "loss", "training", "validation"]
    assert not ax.spines["top"].get_visible()
    assert not ax.spines["right"].get_visible()
    assert not ax.get_legend().get_frame_on()


def test_a_panel_of_one_line_has_no_legend_but_says_which_it_is(training, drawn):
    loss, accuracy = drawn(plots.history(training(5)))
    assert loss.get_legend() is not None
    assert accuracy.get_legend() is None
    ax = drawn(plots.history([{"epoch": 1, "loss": 2.0}, {"epoch": 2, "loss": 1.0}]))
    assert (ax.get_ylabel(), ax.get_legend()) == ("training loss", None)


def test_one_axes_takes_the_loss_and_a_pair_takes_both(training, drawn):
    from matplotlib.figure import Figure

    axes = Figure().subplots(1, 2)
    assert list(plots.history(training(3), ax=axes)) == list(axes)
    one = Figure().add_subplot()
    assert drawn(plots.history(training(3), ax=one)) is one
    assert one.get_ylabel() == "loss"
    with pytest.raises(ValueError, match="history has no metrics"):
        plots.history(training(3, accuracy=False), ax=list(axes))


def test_a_single_epoch_is_a_dot_in_the_middle(training, drawn):
    loss, _ = drawn(plots.history(training(1)))
    full, hollow = loss.get_lines()
    assert full.get_marker() == hollow.get_marker() == "o"
    assert full.get_markerfacecolor() != hollow.get_markerfacecolor()
    assert loss.get_xlim() == (0, 2)


def test_epochs_are_counted_on_where_a_second_fit_starts_at_one_again(training, drawn):
    ax = drawn(plots.history(training(3, accuracy=False) * 2))
    np.testing.assert_array_equal(ax.get_lines()[0].get_xdata(), [1, 2, 3, 4, 5, 6])


def test_epochs_keep_the_numbers_they_have(training, drawn):
    ax = drawn(plots.history(training(9, accuracy=False)[4:]))
    np.testing.assert_array_equal(ax.get_lines()[0].get_xdata(), [5, 6, 7, 8, 9])
    no_numbers = [{"loss": 1.0, "epoch": "first"}, {"loss": 2.0}]
    np.testing.assert_array_equal(plots.history(no_numbers).get_lines()[0].get_xdata(), [1, 2])


def test_values_that_are_missing_or_not_finite_are_gaps(training, drawn):
    history = training(40, accuracy=False)
    history[3]["loss"], history[4]["loss"] = math.nan, math.inf
    del history[5]["val_loss"]
    history[6]["val_loss"] = None
    solid, dashed = drawn(plots.history(history)).get_lines()
    assert np.flatnonzero(np.isnan(solid.get_ydata())).tolist() == [3, 4]
    assert np.flatnonzero(np.isnan(dashed.get_ydata())).tolist() == [5, 6]
    assert solid.get_marker() == "o"


def test_a_training_that_diverged_at_once_says_so(drawn, words):
    ax = drawn(plots.history([{"epoch": 1, "loss": math.nan}, {"epoch": 2, "loss": math.inf}]))
    assert "no finite values" in words(ax)
    assert ax.get_xlim() == (0, 3)


@pytest.mark.parametrize(("last", "scale"), [(0.011, "linear"), (0.009, "log"), (0.0, "linear")])
def test_the_loss_is_logarithmic_when_it_falls_a_hundredfold(last, scale, drawn):
    ax = drawn(plots.history([{"epoch": 1, "loss": 1.0}, {"epoch": 2, "loss": last}]))
    assert ax.get_yscale() == scale


def test_several_metrics_get_a_colour_each_and_words_beside_numbers_are_no_curves(drawn):
    numbers = {"loss": np.float32(1), "val_r2": 0.5, "val_mean_absolute_error": 2, "f1": 0.1}
    others = {"note": "warm", "stopped": True, "seconds": 1.5, "learning_rate": 0.1}
    axes = drawn(plots.history([{"epoch": 1, **numbers, **others}]))
    lines = axes[1].get_lines()
    assert axes[1].get_ylabel() == "metrics"
    assert [line.get_label() for line in lines] == [
        "r2, validation",
        "mean absolute error, validation",
        "f1, training",
    ]
    assert len({line.get_color() for line in lines}) == 3


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"loss": 1}, TypeError, "history must be a list of one dict an epoch"),
        ("loss", TypeError, "history must be a list"),
        (7, TypeError, "history must be a list"),
        ([], ValueError, "history is empty"),
        ([{"loss": 1}, 3], TypeError, r"history\[1\] must be a dict; got 3"),
        ([{"accuracy": 1}], ValueError, r"history has no 'loss', only \['accuracy'\]"),
    ],
)
def test_what_is_no_history_is_refused(wrong, error, message):
    with pytest.raises(error, match=message):
        plots.history(wrong)


def finder(**changes):
    rates = np.geomspace(1e-5, 1, 50)
    losses = 2 - 1 / (1 + 1e-3 / rates)
    return {"learning_rates": rates, "losses": losses, "suggestion": 0.02, **changes}


def test_the_suggested_learning_rate_is_marked(drawn, words):
    ax = drawn(plots.learning_rate(finder()))
    assert ax.get_xscale() == "log"
    assert words(ax) == ["", "learning rate", "loss", "suggestion 0.02"]
    curve, mark = ax.get_lines()
    assert len(curve.get_xdata()) == 50
    assert set(mark.get_xdata()) == {0.02}


def test_the_blow_up_at_the_right_is_cut_off(drawn):
    losses = [2.0, 2.0, 1.5, 1.0, 50.0, math.nan]
    curve = {"learning_rates": [1e-3, 1e-2, 0.1, 1, 10, 100], "losses": losses, "suggestion": 0.1}
    ax = drawn(plots.learning_rate(curve))
    assert 2.0 < ax.get_ylim()[1] < 4.0
    assert np.isnan(ax.get_lines()[0].get_ydata()[-1])


def test_losses_that_are_all_lost_are_said(drawn, words):
    ax = drawn(plots.learning_rate(finder(losses=[math.nan] * 50)))
    assert "no finite loss" in words(ax)


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ([1, 2], TypeError, "result must be what find_learning_rate returns"),
        ({"losses": [1]}, ValueError, "result lacks learning_rates, suggestion"),
        (finder(losses=[1.0]), ValueError, "losses has 1 rows where 50 are expected"),
        (finder(learning_rates=[-1.0] * 50), ValueError, "learning_rates must be above 0"),
        (finder(suggestion=0), ValueError, "suggestion must be a finite number above 0"),
        (finder(suggestion="0.1"), TypeError, "suggestion must be"),
        (finder(learning_rates=[]), ValueError, "learning_rates is empty"),
        (finder(learning_rates=[[1.0]]), ValueError, r"must have shape \(steps,\)"),
    ],
)
def test_what_is_no_result_of_the_finder_is_refused(wrong, error, message):
    with pytest.raises(error, match=message):
        plots.learning_rate(wrong)
