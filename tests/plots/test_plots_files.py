"""Writing pictures to files."""

import os
from pathlib import Path

import pytest

from glassnet import plots

matplotlib = pytest.importorskip("matplotlib", reason="pictures need matplotlib")


@pytest.fixture
def ax():
    return plots.confusion_matrix([[3, 1], [0, 2]])


def test_a_png_has_150_dots_an_inch_and_is_the_only_file(tmp_path, ax):
    from matplotlib.image import imread

    path = plots.save(ax, tmp_path / "matrix.PNG")
    assert os.listdir(tmp_path) == ["matrix.PNG"]
    assert path == tmp_path / "matrix.PNG"
    width, height = ax.figure.get_size_inches()
    assert imread(path, format="png").shape[:2] == (int(height * 150), int(width * 150))


def test_an_svg_is_a_drawing_in_text(tmp_path, ax):
    plots.save(ax, str(tmp_path / "matrix.svg"))
    assert "<svg" in (tmp_path / "matrix.svg").read_text(encoding="utf-8")


def test_figures_axes_arrays_and_parts_of_figures_are_pictures(tmp_path, training):
    from matplotlib.image import imread

    axes = plots.history(training(3))
    whole = imread(plots.save(axes, tmp_path / "array.png"))
    for name, picture in (("list", list(axes)), ("one", axes[1]), ("figure", axes[0].figure)):
        assert imread(plots.save(picture, tmp_path / f"{name}.png")).shape == whole.shape


def test_a_part_of_a_figure_saves_the_whole(tmp_path):
    from matplotlib.figure import Figure
    from matplotlib.image import imread

    figure = Figure(figsize=(4, 2))
    left, _ = figure.subfigures(1, 2)
    plots.save(plots.confusion_matrix([[1]], ax=left.add_subplot()), tmp_path / "a.png")
    assert imread(tmp_path / "a.png").shape[:2] == (300, 600)


def test_a_file_of_that_name_is_replaced(tmp_path, ax):
    (tmp_path / "a.png").write_bytes(b"old")
    assert plots.save(ax, tmp_path / "a.png").read_bytes() != b"old"


def test_a_relative_name_is_written_here(tmp_path, ax, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert plots.save(ax, "here.png") == Path("here.png")
    assert os.listdir(tmp_path) == ["here.png"]


def test_a_saved_figure_of_ours_is_let_go_where_nothing_can_show_it(tmp_path, ax):
    import matplotlib.pyplot as plt

    plots.save(ax, tmp_path / "a.png")
    assert plt.get_fignums() == []
    assert plots.save(ax, tmp_path / "b.png").exists()  # it can be saved again


def test_a_figure_of_the_user_stays_with_pyplot(tmp_path):
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots()
    plots.save(plots.confusion_matrix([[1]], ax=ax), tmp_path / "a.png")
    assert plt.gcf() is figure


def test_a_figure_that_a_window_may_show_stays_with_pyplot(tmp_path, ax, monkeypatch):
    import matplotlib.pyplot as plt

    monkeypatch.setattr(matplotlib, "get_backend", lambda: "QtAgg")
    plots.save(ax, tmp_path / "a.png")
    assert plt.gcf() is ax.figure


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("matrix.jpg", ValueError, r"path must end in .png or .svg; got .*'matrix.png'"),
        ("matrix", ValueError, "path must end in .png or .svg"),
        ("no/such/matrix.png", FileNotFoundError, "which does not exist"),
        ("folder.png", IsADirectoryError, "path is a folder"),
    ],
)
def test_a_path_that_cannot_be_written_is_refused(tmp_path, ax, name, error, message):
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(error, match=message):
        plots.save(ax, tmp_path / name)
    assert os.listdir(tmp_path) == ["folder.png"]


@pytest.mark.parametrize("wrong", [None, "a.png", [], [1]])
def test_what_is_no_picture_is_refused(tmp_path, wrong):
    with pytest.raises(TypeError, match="picture must be a matplotlib Figure or Axes"):
        plots.save(wrong, tmp_path / "a.png")


def test_what_is_no_path_is_refused(ax):
    with pytest.raises(TypeError, match="path must be text or a Path; got 3"):
        plots.save(ax, 3)
