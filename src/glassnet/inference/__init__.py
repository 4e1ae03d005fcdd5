"""Inference: how sure a fitted network is, of its parameters and of what it predicts.

`summarize` gives standard errors, `predict_interval` intervals by them, `laplace` a posterior;
`conformal` and `cross_conformal` intervals that hold whatever the network is. linearised.py and
likelihoods.py are what they share. How outputs depend on inputs: `input_gradients`,
`second_derivatives`, `integrated_gradients`, `shapley_values`, `partial_dependence`, over
functions.py. To add one: a file of its own, and its name here.
"""

from .attributions import Attributions, integrated_gradients
from .conformal import Conformal, CrossConformal, conformal, cross_conformal
from .dependence import partial_dependence
from .input_gradients import input_gradients, second_derivatives
from .intervals import Interval, predict_interval
from .laplace import Laplace, Predictive, laplace
from .monotone import Proof, prove_monotone
from .shapley import shapley_values
from .summary import Summary, summarize

__all__ = [
    "Attributions",
    "Conformal",
    "CrossConformal",
    "Interval",
    "Laplace",
    "Predictive",
    "Proof",
    "Summary",
    "conformal",
    "cross_conformal",
    "input_gradients",
    "integrated_gradients",
    "laplace",
    "partial_dependence",
    "predict_interval",
    "prove_monotone",
    "second_derivatives",
    "shapley_values",
    "summarize",
]
