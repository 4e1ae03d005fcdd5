"""What is told of a pass, in which order: blocks of words and formulas, which the formats write out.

Layers and units are counted from 1. Of a layer of more than MANY units some are written out, and of
a sum of more than MANY terms some. The loss and its gradient are told in explain_loss.py. To tell
more: a function that gives blocks, and its place in `story`.
"""

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

from ..core.arrays import Array
from ..summary import in_words
from .explain_formulas import ACTIVATIONS, Case, choose, fill, of_activation
from .explain_loss import backward_of_loss, loss_story
from .explain_pass import Layer, Pass
from .explain_text import Block, Code, Heading, Line, Math, Words, name
from .explain_told import MANY, SOME, told_units, total

MANY_WEIGHTS = 24


def story(found: Pass) -> list[Block]:
    """All blocks, the title first."""
    numbers = range(1, len(found.layers) + 1)
    forward = [_forward(found, number) for number in numbers]
    backward = [_backward(found, number) for number in reversed(numbers)]
    parts = [_inputs(found), *forward, loss_story(found), *backward, _step(found)]
    for number, (first, *_) in enumerate(parts, 1):
        first.number = number
    return [*_title(found), *chain.from_iterable(parts)]
