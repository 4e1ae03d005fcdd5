"""Levenberg-Marquardt: its settings.

The training is in damped.py, and what it does once it has come to rest in hopping.py.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..core import checks
from ..core.arrays import some
from ..core.optimizer import Optimizer
from .hopping import HoppingTraining


@dataclass(frozen=True)
class LevenbergMarquardt(Optimizer):
    """Levenberg-Marquardt (Levenberg 1944; Marquardt 1963), damped by Nielsen's rule (1999):
    to a minimum of a smooth loss of all rows, in few steps, for some thousand parameters.

    Losses other than squared error go by their generalised Gauss-Newton matrix (Schraudolph 2002).
    Each epoch is one step; the history has its damping. Training ends by itself; `stopped` of the
    history says why. A float32 network becomes a float64 one: a matrix of float32 would hide what
    the last digits depend on.

    Args:
        damping: of the first step, as a share of the curvature, above 0.
        scaling: "equal" damps all parameters by their mean curvature (Levenberg 1944, and what
            networks learn best with: 0.7 of the loss after 300 steps); "curvature" each by the
            largest of its own so far (Moré 1978), for parameters of very different sizes.
        tolerance: end where the cosine between residuals and any parameter's slopes is at most
            this, at least 0.
        loss_tolerance: end where three steps together lower the loss by no more than this share.
        hops: how often to go on from the best parameters with two hidden units made anew, where a
            descent has come to rest or no longer promises to be the best: towards lower minima, for
            as many `epochs` or seconds as one has. The fit ends with the best parameters, or those
            that reached the target loss; the history counts the hops.
    """

    learning_rate: float = field(default=1.0, init=False, repr=False)
    damping: float = 1e-3
    scaling: str = "equal"
    tolerance: float = 1e-12
    loss_tolerance: float = 1e-13
    hops: int = 0
    slots: ClassVar[int] = 10
    full_batch: ClassVar[bool] = True
    training: ClassVar[Any] = HoppingTraining
    dtype: ClassVar[str | None] = "float64"
    matrices: ClassVar[int] = 6

    def __post_init__(self) -> None:
        super().__post_init__()
        checks.whole("hops", self.hops, low=0)
        checks.choice("scaling", self.scaling, dict.fromkeys(("equal", "curvature")))
        if some(self.l1):
            raise ValueError(
                f"l1 must be 0 for {type(self).__name__}, which needs a smooth loss; got "
                f"{checks.show(self.l1)}. Use weight_decay, or an optimizer such as 'adam'."
            )
