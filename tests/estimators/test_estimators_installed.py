"""What `glassnet.estimators` needs, and what it says or does where that is not installed.

Each test is a process of its own, in which a module is made as good as absent.
"""

import subprocess
import sys

import pytest

pytest.importorskip("sklearn", reason="it is made absent here, but for one name")

FITS = """
from sklearn.datasets import load_iris
model = estimators.MLPClassifier((5,), max_iter=300, tol=0.1, random_state=0)
print(model.fit(*load_iris(return_X_y=True)).n_features_in_, hasattr(model, "set_callbacks"))
"""


def printed(code: str) -> str:
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_without_scikit_learn_the_error_says_what_to_install() -> None:
    told = printed("""
import sys
sys.modules["sklearn"] = None
try:
    import glassnet.estimators
except ImportError as error:
    print(error)
""")
    assert "scikit-learn, which is not installed" in told
    assert "pip install 'glassnet[estimators]'" in told


def test_scikit_learn_without_callbacks_is_enough() -> None:
    absent = "import sys, sklearn.neural_network; sys.modules['sklearn.callback'] = None\n"
    assert printed(f"{absent}from glassnet import estimators{FITS}") == "4 False\n"


def test_import_of_glassnet_loads_no_estimator() -> None:
    told = printed("import sys, glassnet; glassnet.Network([2, 2, 1]); print(*sys.modules)")
    assert not {name for name in told.split() if name.split(".")[0] in ("sklearn", "scipy")}
    assert "glassnet.estimators" not in told.split()
