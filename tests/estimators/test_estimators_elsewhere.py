"""scikit-learn's own tests of its MLP, and its checks of every estimator, on ours.

The text of its test_mlp.py is taken from the installed package; the two classes are imported from
here, nothing else is changed. Tests that read names with a leading underscore are left out, and
listed.
"""

import re
from pathlib import Path

import pytest

pytest.importorskip("sklearn", "1.9", reason="the tests of scikit-learn 1.9 are run here")

from sklearn.neural_network.tests import test_mlp
from sklearn.utils.estimator_checks import parametrize_with_checks

from glassnet.estimators import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning", "ignore::UserWarning", "ignore::RuntimeWarning"
)

INSIDE = {"test_gradient", "test_learning_rate_warmstart", "test_adaptive_learning_rate"}
"""They read `_loss_grad_lbfgs` and `_optimizer`, which are not part of the interface."""

TEXT = Path(test_mlp.__file__).read_text(encoding="utf-8")
CLASSES = "import MLPClassifier, MLPRegressor"
assert TEXT.count(f"from sklearn.neural_network {CLASSES}") == 1
OURS = TEXT.replace(f"sklearn.neural_network {CLASSES}", f"glassnet.estimators {CLASSES}")

THEIRS: dict[str, object] = {"__name__": "scikit_learns_test_mlp"}
exec(compile(OURS, test_mlp.__file__, "exec"), THEIRS)
TESTS = {name: test for name, test in THEIRS.items() if name.startswith("test_")}
globals().update({name: test for name, test in TESTS.items() if name not in INSIDE})


@pytest.fixture
def global_random_seed() -> int:
    """What scikit-learn's own configuration of pytest gives its tests."""
    return 42


def test_those_left_out_are_those_that_read_names_that_only_scikit_learns_classes_have() -> None:
    bodies = re.split(r"^(?=def |@)", TEXT, flags=re.MULTILINE)
    theirs = re.compile(r"\b(mlp|clf)\.(_optimizer|_loss_grad_lbfgs)\b")
    found = {re.search(r"def (\w+)", body)[1] for body in bodies if theirs.search(body)}  # type: ignore[index]  # each has a name
    assert found == INSIDE
    assert len(TESTS) >= 40


@parametrize_with_checks([MLPClassifier(), MLPRegressor()])  # type: ignore[untyped-decorator]  # scikit-learn's
def test_of_every_estimator_of_scikit_learn_holds(estimator: object, check: object) -> None:
    check(estimator)  # type: ignore[operator]  # a function
