"""`explain`: a worked example of one pass, with every formula and its numbers.

What is computed: one_pass.py; what is told of it: story.py; how it is written: a file a format. To
add a format: its Writer, and a line in FORMS.
"""

import os
from functools import cached_property
from typing import Any, Final

import numpy as np

from ...core import checks
from ...core.network import Network
from ...optimizers import SGD
from ...saving.files import path_text, write_file
from ...summary import one_line
from .html import Html
from .markdown import Markdown
from .one_pass import Pass, run
from .story import story
from .text import Block, Writer

FORMS: Final[dict[str, type[Writer]]] = {"text": Writer, "markdown": Markdown, "html": Html}


class Explanation:
    """A pass written out; `str()` has it in the format that was asked for.

    `text`, `markdown` (LaTeX between $$) and `html` (a page of its own, without scripts) have it in
    each format. In a notebook it shows itself.
    """

    def __init__(self, found: Pass, form: str, digits: int) -> None:
        self._pass, self._form, self._digits = found, form, digits

    @cached_property
    def numbers(self) -> dict[str, Any]:
        """Every number of the pass, as plain data: "passes" has a dictionary for each layer."""
        return self._pass.numbers()

    @property
    def text(self) -> str:
        return self._page("text")

    @property
    def markdown(self) -> str:
        return self._page("markdown")

    @property
    def html(self) -> str:
        return self._page("html")

    def save(self, path: Any) -> None:
        """Write it to a file, in the format that its suffix names: .txt, .md or .html."""
        where = path_text(path)
        suffixes = {writer.suffix: form for form, writer in FORMS.items()}
        form = suffixes.get(os.path.splitext(where)[1].lower())
        if form is None:
            raise ValueError(f"path must end in {', '.join(suffixes)}; got {checks.show(where)}.")
        write_file(where, [memoryview(self._page(form).encode())])

    @cached_property
    def _blocks(self) -> list[Block]:
        return story(self._pass)

    def _page(self, form: str) -> str:
        return FORMS[form](self._digits).page(self._blocks)

    def __str__(self) -> str:
        return self._page(self._form)

    def __repr__(self) -> str:
        return f"<Explanation of {one_line(self._pass.network)}>"

    def _repr_html_(self) -> str:
        return Html(self._digits).inside(self._blocks)

    def _repr_markdown_(self) -> str:
        return self.markdown


def explain(
    network: Network,
    x: Any,
    y: Any,
    *,
    format: str = "text",
    digits: int = 4,
    learning_rate: float | None = None,
) -> Explanation:
    """One pass forward and back and one step, written out: every formula with its numbers.

    The network stays as it is. Dropout is off, as in `predict`; there are no weights of rows and no
    decay. What no fit has settled yet (the loss, the scale of inputs) is taken as `fit` would by
    these rows.

    Args:
        network: a Network, trained or not; `network.explain(x, y)` does the same.
        x: one row (inputs,), or up to 8 rows (rows, inputs).
        y: the target or label of the row, or of each row, as in `fit`.
        format: what `str()` gives: "text", "markdown" or "html".
        digits: significant digits to print, 2 to 17; those before the point are printed all.
        learning_rate: of the step of plain gradient descent at the end; None: 0.1.

    Raises:
        ValueError, TypeError: an argument is not as above, or a number of the pass is not finite.
    """
    checks.choice("format", format, FORMS)
    if checks.whole("digits", digits, 2) > 17:
        raise ValueError(f"digits must be at most 17, as many as there are; got {digits}.")
    rate = SGD().learning_rate if learning_rate is None else learning_rate
    rate = checks.positive("learning_rate", rate)
    with np.errstate(all="ignore"):
        return Explanation(run(network, x, y, rate), format, int(digits))
