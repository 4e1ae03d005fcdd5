"""Estimators with scikit-learn's names, parameters and conventions, on glassnet's engine.

`from glassnet.estimators import MLPClassifier, MLPRegressor` stands where
`from sklearn.neural_network import ...` stood. They need scikit-learn 1.6 or later:
pip install "glassnet[estimators]". base.py is where a fit is read from top to bottom.
"""

try:
    import sklearn  # noqa: F401  # looked for first, so that its absence is told in words
except ImportError as error:
    raise ImportError(
        "glassnet.estimators builds on scikit-learn, which is not installed. Install it with: "
        "pip install 'glassnet[estimators]'. glassnet.Network needs NumPy alone."
    ) from error

from .classifier import MLPClassifier
from .regressor import MLPRegressor
from .tables import TableClassifier, TableRegressor

__all__ = ["MLPClassifier", "MLPRegressor", "TableClassifier", "TableRegressor"]
