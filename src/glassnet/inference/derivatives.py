"""Derivatives that the registries do not say: of an activation's slope, and of a loss's link.

What has no rule here (a link of the user's own) is asked on both sides of a point. To add a rule
for the link of a new loss: the name of its activation in `MADE_BY`, or a case in `link_gradient`.
"""

from typing import Final

import numpy as np

from ..activations import ACTIVATIONS, Identity
from ..core.activation import Activation
from ..core.arrays import Array
from ..core.loss import Loss
from ..losses import OwnLoss
from ..losses.numbers import AbsoluteError, SquaredError
from ..losses.own import scores_as_they_are

STEP: Final = 1e-30
MADE_BY: Final = {"huber": "identity", "logistic": "sigmoid", "poisson": "exp", "gamma": "exp"}
"""The activations that are the links of losses, output by output."""

_OURS: Final = tuple(type(each) for each in ACTIVATIONS.values())


def outputs_and_slope(activation: Activation, scores: Array) -> tuple[Array, Array]:
    """What an activation makes of scores, and its slope there."""
    outputs, slope = np.empty_like(scores), np.empty_like(scores)
    activation.forward(scores, outputs)
    activation.slope(scores, outputs, slope)
    return outputs, slope


def bend(activation: Activation, scores: Array) -> Array:
    """d slope / d scores, of the shape of `scores`, float64; at a kink what holds beside it or 0.

    By a complex step, exact to rounding (Squire and Trapp 1998, eq. 6). A user's own activation
    need not take complex numbers: there by differences, to about ten digits.
    """
    if not isinstance(activation, _OURS):
        step = _steps(scores)
        above, below = (outputs_and_slope(activation, scores + by)[1] for by in (step, -step))
        return np.asarray((above - below) / (2.0 * step))
    found = outputs_and_slope(activation, scores + STEP * 1j)[1].imag / STEP
    return np.where(np.isfinite(found), found, 0.0)  # exp(-scores) overflowed: it is flat there


def link_gradient(loss: Loss | None, scores: Array, output: int) -> Array:
    """d outputs[output] / d scores, (rows, outputs), for scores (rows, outputs), before any scaling
    of targets; without a loss the scores themselves are the outputs."""
    found = np.zeros(scores.shape)
    maker = _maker(loss, output, scores.shape[1])
    if maker is not None:
        found[:, output] = outputs_and_slope(maker, scores[:, output])[1]
        return found
    assert loss is not None
    if loss.name == "softmax_cross_entropy":
        shares = loss.link(scores.copy())
        found = -shares[:, [output]] * shares
        found[:, output] = 0.0
        found[:, output] = -found.sum(axis=1)  # p (1 - p), also where p is nearly 1
        return found
    if loss.name == "pinball":
        columns = scores.shape[1] // loss.statistics
        level, column = divmod(output, columns)
        order = scores[:, column::columns].argsort(axis=1)[:, level]
        found[np.arange(len(scores)), order * columns + column] = 1.0
        return found
    step = _steps(scores)
    for k in range(scores.shape[1]):
        by = np.zeros_like(scores)
        by[:, k] = step[:, k]
        above, below = (loss.link(scores + each)[:, output] for each in (by, -by))
        found[:, k] = (above - below) / (2.0 * step[:, k])
    return found


def link_hessian(loss: Loss | None, scores: Array, output: int) -> Array:
    """The second derivatives, (rows, outputs, outputs). ValueError for a link without a rule."""
    rows, outputs = scores.shape
    found = np.zeros((rows, outputs, outputs))
    maker = _maker(loss, output, outputs)
    if maker is not None:
        found[:, output, output] = bend(maker, scores[:, output])
        return found
    assert loss is not None
    if loss.name == "pinball":
        return found
    if loss.name != "softmax_cross_entropy":
        raise ValueError(
            f"second_derivatives knows no second derivative of the output function of the loss "
            f"{loss.name!r}. Pass of='scores' for those of the raw scores."
        )
    shares = loss.link(scores.copy())
    own = np.eye(outputs)[output] - shares
    found += own[:, :, None] * own[:, None, :] + shares[:, :, None] * shares[:, None, :]
    found -= shares[:, :, None] * np.eye(outputs)
    found *= shares[:, output, None, None]
    return found


def _maker(loss: Loss | None, output: int, outputs: int) -> Activation | None:
    """The activation that makes this output from the score of the same place, if one does."""
    if loss is None or (isinstance(loss, OwnLoss) and loss.output is scores_as_they_are):
        return Identity()
    if isinstance(loss, (SquaredError, AbsoluteError)):
        return loss.maker
    if loss.name == "gaussian":  # means, then variances: softplus and a floor
        return ACTIVATIONS["identity" if output < outputs // 2 else "softplus"]
    return ACTIVATIONS.get(MADE_BY.get(loss.name, ""))


def _steps(scores: Array) -> Array:
    """How far to go to both sides, where rounding and curvature cost about the same."""
    return np.asarray(np.cbrt(np.finfo(np.float64).eps) * np.maximum(1.0, np.abs(scores)))
