"""Folds, learning curves and settings that were searched."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from glassnet import Network, cross_validate, learning_curve, plots, search
from glassnet.datasets import xor
from glassnet.selection import log_uniform

pytest.importorskip("matplotlib", reason="pictures need matplotlib")


def folds(values=(0.3, 0.2, 0.4, 0.1), repeats=1, **metrics):
    each = {"loss": np.array(values), **{name: np.array(values) for name in metrics}}
    errors = dict.fromkeys(each, 0.05)
    return SimpleNamespace(values=each, standard_error=errors, folds=np.zeros((repeats, 9)))


def curves(sizes=3, repeats=4, **metrics):
    values = 1 / np.arange(1, sizes + 1)[:, None] + 0.01 * np.arange(repeats)
    quantities = {"loss": values, **dict.fromkeys(metrics, values)}
    rows = np.arange(1, sizes + 1) * 10
    return SimpleNamespace(rows=rows, training=quantities, test=quantities)


def tried(losses, errors=False, **settings):
    table = [
        {
            **{name: values[i] for name, values in settings.items()},
            "loss": loss,
            **({"standard_error": 0.1} if errors else {}),
        }
        for i, loss in enumerate(losses)
    ]
    best = {name: values[0] for name, values in settings.items()}
    return SimpleNamespace(names=tuple(settings), table=table, best=best)


def test_what_the_functions_give_is_drawn_as_it_is(drawn):
    X, y = xor(60, noise=0.1)
    network, quick = Network([2, 4, 1]), {"epochs": 2}
    crossed = cross_validate(network, X, y, repeats=2, **quick)
    assert [ax.get_ylabel() for ax in drawn(plots.cross_validation(crossed))] == [
        "held-out loss",
        "held-out accuracy",
    ]
    curved = learning_curve(network, X, y, **quick)
    assert [ax.get_ylabel() for ax in drawn(plots.learning_curve(curved))] == ["loss", "accuracy"]
    settings = {"learning_rate": log_uniform(1e-4, 1), "dropout": [0, 0.2]}
    found = search(network, X, y, settings=settings, number=8, **quick)
    axes = drawn(plots.search(found))
    assert [ax.get_xlabel() for ax in axes] == ["learning rate", "dropout"]
    assert [ax.get_xscale() for ax in axes] == ["log", "linear"]


def test_each_fold_is_a_dot_about_the_mean(drawn, words):
    ax = drawn(plots.cross_validation(folds()))
    assert words(ax) == ["", "fold", "held-out loss", "mean 0.25 ± 0.05 (standard error)"]
    np.testing.assert_allclose(
        ax.collections[0].get_offsets(), [[1, 0.3], [2, 0.2], [3, 0.4], [4, 0.1]]
    )
    assert set(ax.get_lines()[0].get_ydata()) == {0.25}
    (band,) = ax.patches
    assert band.get_y() == pytest.approx(0.2)
    assert band.get_height() == pytest.approx(0.1)


def test_folds_are_counted_anew_in_each_repeat_where_there_is_room(drawn):
    ax = drawn(plots.cross_validation(folds(np.arange(6.0), repeats=2)))
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["1", "2", "3"] * 2
    assert ax.get_xlabel() == "fold, in 2 repeats"
    ax = drawn(plots.cross_validation(folds(np.arange(60.0), repeats=3)))
    assert len(ax.get_xticks()) < 20


def test_a_fold_that_diverged_is_a_cross_and_there_is_no_mean(drawn, words):
    ax = drawn(plots.cross_validation(folds((0.3, math.nan, 0.2))))
    assert words(ax)[3:] == ["diverged"]
    (cross,) = ax.get_lines()
    assert cross.get_xdata().tolist() == [2]
    assert not ax.patches


def test_lines_are_means_and_bands_do_not_leave_the_values(drawn, words):
    result = curves()
    ax = drawn(plots.learning_curve(result))
    training, test = ax.get_lines()
    assert (training.get_linestyle(), test.get_linestyle()) == ("-", "--")
    np.testing.assert_allclose(test.get_ydata(), result.test["loss"].mean(axis=1))
    np.testing.assert_array_equal(test.get_xdata(), [10, 20, 30])
    assert words(ax)[1:] == [
        "rows to train with",
        "loss",
        "training",
        "test",
        "± standard deviation",
    ]
    corners = ax.collections[1].get_paths()[0].vertices[:, 1]
    assert corners.min() >= result.test["loss"].min()
    assert corners.max() <= result.test["loss"].max()


def test_one_repeat_has_no_band_and_what_diverged_is_a_gap(drawn, words):
    assert not drawn(plots.learning_curve(curves(repeats=1))).collections
    result = curves(sizes=1)
    result.test = {"loss": np.full((1, 4), np.nan)}
    assert "no finite values" in words(drawn(plots.learning_curve(result)))


@pytest.mark.parametrize("picture", [plots.cross_validation, plots.learning_curve])
def test_one_axes_takes_the_loss_and_several_take_all(picture, drawn):
    from matplotlib.figure import Figure

    result = (folds if picture is plots.cross_validation else curves)(accuracy=1)
    one = Figure().add_subplot()
    assert drawn(picture(result, ax=one)) is one
    pair = Figure().subplots(1, 2)
    assert list(drawn(picture(result, ax=list(pair)))) == list(pair)
    with pytest.raises(ValueError, match="ax holds 3 Axes, this picture needs 2"):
        picture(result, ax=Figure().subplots(1, 3))
    assert picture(result).shape == (2,)
    single = Figure().subplots(1, 1, squeeze=False)[0]
    assert list(picture(folds() if "cross" in picture.__name__ else curves(), ax=single)) == [
        single[0]
    ]


def test_the_best_combination_is_a_star_and_errors_are_bars(drawn, words):
    ax = drawn(plots.search(tried([0.5, 0.7, 0.9], errors=True, dropout=[0.2, 0.1, 0.3])))
    assert words(ax) == ["", "dropout", "validation loss", "best: 0.2"]
    bars, dots, star = ax.collections
    assert len(bars.get_segments()) == 3
    np.testing.assert_allclose(dots.get_offsets(), [[0.2, 0.5], [0.1, 0.7], [0.3, 0.9]])
    np.testing.assert_allclose(star.get_offsets(), [[0.2, 0.5]])


def test_a_tick_stands_at_each_of_a_few_values(drawn):
    ax = drawn(plots.search(tried([0.5, 0.7, 0.9], momentum=[0.9, 0, 0.5])))
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["0", "0.5", "0.9"]
    ax = drawn(plots.search(tried([0.5, 0.7], momentum=[0.9, 0.9])))
    assert ax.get_xlim()[0] < 0.9 < ax.get_xlim()[1]


def test_what_diverged_or_is_much_too_high_stands_on_the_edge(drawn, words):
    losses = [0.5, 0.6, 0.7, 0.8, 1e9, math.nan, math.nan]
    ax = drawn(plots.search(tried(losses, errors=True, dropout=np.arange(7) / 10)))
    assert words(ax)[3:] == ["above 0.8", "diverged", "best: 0"]
    assert ax.get_ylim()[1] < 1
    triangle, crosses = ax.get_lines()
    assert triangle.get_xdata().tolist() == [0.4]
    assert crosses.get_xdata().tolist() == [0.5, 0.6]


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        (np.geomspace(1e-4, 1, 9), "log"),
        (np.array([0, 1e-4, 1e-3, 1e-2, 1e-1, 1e-5, 1e-6]), "symlog"),
        (np.linspace(0.001, 0.5, 9), "linear"),
        (np.linspace(-1, 0.5, 9), "linear"),
    ],
)
def test_settings_of_several_decades_have_a_logarithmic_axis(values, scale, drawn):
    ax = drawn(plots.search(tried(np.linspace(0.5, 0.9, len(values)), learning_rate=values)))
    assert ax.get_xscale() == scale


def test_losses_of_several_decades_have_a_logarithmic_axis_and_bars_that_fit_it(drawn):
    losses = [1e-3, 2e-3, 0.04, 0.05, 0.09]
    ax = drawn(plots.search(tried(losses, errors=True, dropout=np.arange(5) / 10)))
    assert ax.get_yscale() == "log"
    ends = np.concatenate([segment[:, 1] for segment in ax.collections[0].get_segments()])
    assert ends.min() > 0


def test_without_a_finite_loss_the_picture_says_so(drawn, words):
    ax = drawn(plots.search(tried([math.nan, math.nan], dropout=[0.1, 0.2])))
    assert "no finite loss" in words(ax)


def test_every_setting_has_a_panel_at_most_three_in_a_row(drawn):
    from matplotlib.figure import Figure

    result = tried([0.5, 0.7], a=[1, 2], b=[1, 2], c=[1, 2], d=[1, 2])
    axes = drawn(plots.search(result))
    assert axes.shape == (4,)
    assert len(axes[0].figure.axes) == 4
    with pytest.raises(ValueError, match="this picture needs 4, one for each setting"):
        plots.search(result, ax=Figure().add_subplot())
    given = Figure().subplots(1, 4)
    assert list(plots.search(result, ax=given)) == list(given)


@pytest.mark.parametrize(
    ("picture", "call"),
    [
        (plots.cross_validation, "cross_validate"),
        (plots.learning_curve, "learning_curve"),
        (plots.search, "search"),
    ],
)
@pytest.mark.parametrize("wrong", [None, [0.1], {"loss": [0.1]}, Network])
def test_what_is_no_result_is_refused(picture, call, wrong):
    with pytest.raises(TypeError, match=rf"result must be what glassnet.{call}\(...\) returns"):
        picture(wrong)


def test_a_result_without_anything_is_refused():
    with pytest.raises(ValueError, match=r"result\.table is empty"):
        plots.search(SimpleNamespace(names=("a",), table=[], best={"a": 1}))
