"""Without matplotlib: the room can be imported, a picture says what to install."""

import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from glassnet import plots


def pictures(network):
    X, y = np.zeros((4, 2)), np.array([0, 1, 1, 0])
    curve = {"learning_rates": [0.1, 1.0], "losses": [1.0, 2.0], "suggestion": 0.1}
    layer = {"outputs_spread": 1.0, "zero_share": 0.0, "gradient_norm": 1.0, "update_ratio": 1.0}
    one = network([1, 2, 1])
    folds = SimpleNamespace(values={"loss": [1.0]}, standard_error={"loss": 0.1}, folds=[[0]])
    loss = {"loss": [[1.0]]}
    tried = SimpleNamespace(
        names=["dropout"], table=[{"dropout": 0, "loss": 1}], best={"dropout": 0}
    )
    curved = SimpleNamespace(rows=[1], training=loss, test=loss)
    sure = SimpleNamespace(lower=[0.0], mean=[1.0], upper=[2.0], level=0.9)
    return {
        "attributions": lambda: plots.attributions([1.0, 2.0]),
        "band": lambda: plots.band([0.0], sure),
        "confusion_matrix": lambda: plots.confusion_matrix([[1, 0], [0, 1]]),
        "cross_validation": lambda: plots.cross_validation(folds),
        "decision_boundary": lambda: plots.decision_boundary(network([2, 2, 1]), X, y),
        "diagram": lambda: plots.diagram(network([2, 2, 1])),
        "first_layer": lambda: plots.first_layer(np.eye(4)),
        "fitted_curve": lambda: plots.fitted_curve(one, [0.0, 1.0], [0.0, 1.0]),
        "history": lambda: plots.history([{"epoch": 1, "loss": 1.0}]),
        "layer_statistics": lambda: plots.layer_statistics([{"step": 1, "layers": [layer]}]),
        "learning_curve": lambda: plots.learning_curve(curved),
        "learning_rate": lambda: plots.learning_rate(curve),
        "misread": lambda: plots.misread(np.eye(4), [0, 1, 2, 3], [0, 0, 0, 0]),
        "partial_dependence": lambda: plots.partial_dependence([0.0, 1.0], [1.0, 2.0]),
        "predicted_against_true": lambda: plots.predicted_against_true([1.0, 2.0], [1.0, 2.0]),
        "save": lambda: plots.save(None, "picture.png"),
        "search": lambda: plots.search(tried),
    }


def test_every_picture_is_tried_without_matplotlib(stand_in):
    assert {*pictures(stand_in), "decision_grid"} == set(plots.__all__)


@pytest.mark.parametrize("name", sorted(set(plots.__all__) - {"decision_grid"}))
def test_a_picture_without_matplotlib_says_what_to_install(name, stand_in, monkeypatch):
    for module in [m for m in sys.modules if m.split(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r'pip install "glassnet\[plots\]"'):
        pictures(stand_in)[name]()


def test_the_numbers_of_a_decision_grid_need_no_matplotlib(stand_in, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    grid = plots.decision_grid(stand_in([2, 3, 1]), [[0, 0], [1, 1]], resolution=3)
    assert grid.outputs.shape == (3, 3, 1)


def test_importing_the_room_loads_no_matplotlib():
    code = "import sys, glassnet.plots; sys.exit('matplotlib' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", code], env=environment).returncode == 0


def test_the_public_names_are_sorted_and_explained():
    assert plots.__all__ == sorted(plots.__all__)
    for name in plots.__all__:
        assert getattr(plots, name).__doc__
