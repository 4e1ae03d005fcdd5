"""Activations and links in C99, as glassnet computes them: stable for scores of any size.

To add one, add its formula; `$f` is the end of the names of functions for float, `$real` the type,
and a setting in braces its number.
"""

from __future__ import annotations

from string import Template
from typing import Any, Final

import numpy as np

from .c99_text import literal
from .model import Piece

ACTIVATIONS: Final = {
    "identity": "s",
    "relu": "s > 0 ? s : 0",
    "leaky_relu": "s > 0 ? s : s * $slope_below",
    "elu": "s > 0 ? s : $scale_below * expm1$f(s)",
    "selu": "$scale * (s > 0 ? s : $scale_below * expm1$f(s))",
    "tanh": "tanh$f(s)",
    "sigmoid": "1 / (1 + exp$f(-s))",
    "softsign": "s / (1 + fabs$f(s))",
    "softplus": "(s > 0 ? s : 0) + log1p$f(exp$f(-fabs$f(s)))",
    "silu": "s / (1 + exp$f(-s))",
    "gelu": "s * $half * (1 + tanh$f(s * ($root + $bend * s * s)))",
    "exp": "exp$f(s)",
    "gaussian": "exp$f(-s * s)",
    "sine": "sin$f(s)",
}

LINKS: Final = {
    "softmax": """\
    $real largest = s[0], sum = 0;
    for (int k = 0; k < $outputs; k++) {
        if (s[k] > $most) s[k] = $most;
        if (s[k] > largest || k == 0) largest = s[k];
    }
    for (int k = 0; k < $outputs; k++) sum += s[k] = exp$f(s[k] - largest);
    for (int k = 0; k < $outputs; k++) s[k] /= sum;""",
    "mean_variance": """\
    for (int k = $outputs / 2; k < $outputs; k++)
        s[k] = (s[k] > 0 ? s[k] : 0) + log1p$f(exp$f(-fabs$f(s[k]))) + $floor;""",
    "sorted": """\
    const int width = $outputs / $count;
    for (int k = width; k < $outputs; k++)
        for (int i = k; i >= width && s[i] < s[i - width]; i -= width) {
            const $real lower = s[i];
            s[i] = s[i - width];
            s[i - width] = lower;
        }""",
}
"""Bodies of a function of all scores of a row, which they write over."""

_ONE: Final = Template("\nstatic inline $real $called($real s) { return $formula; }\n")
_ALL: Final = Template("\nstatic inline void $called($real *s) {\n$body\n}\n")
_EACH: Final = "    for (int k = 0; k < $outputs; k++) s[k] = ${called}_of(s[k]);"


def activation(piece: Piece, called: str, dtype: np.dtype[Any]) -> str:
    """A function of one score."""
    words = _words(piece, called, dtype)
    formula = Template(ACTIVATIONS[piece.name]).substitute(words)
    return _ONE.substitute(words, formula=formula)


def link(piece: Piece, called: str, dtype: np.dtype[Any], outputs: int) -> str:
    """A function that turns the scores of a row, of which there are `outputs`, into outputs."""
    words = _words(piece, called, dtype) | {"outputs": outputs}
    if piece.name in LINKS:
        return _ALL.substitute(words, body=Template(LINKS[piece.name]).substitute(words))
    body = Template(_EACH).substitute(words)
    return activation(piece, f"{called}_of", dtype) + _ALL.substitute(words, body=body)


def _words(piece: Piece, called: str, dtype: np.dtype[Any]) -> dict[str, Any]:
    """What the templates fill in: names, and settings as numbers of the type."""
    single = dtype.itemsize == 4
    given = dict(piece.settings)
    if "cubic" in given:
        given["bend"] = given["cubic"] * given["root"]
    given |= {"half": 0.5, "most": 3e38 if single else 1.7e308}
    return {
        "called": called,
        "real": "float" if single else "double",
        "f": "f" if single else "",
        "count": piece.settings.get("count"),
        **{name: literal(number, dtype) for name, number in given.items() if name != "count"},
    }
