"""Export: a trained network as a file that other programs run, without glassnet.

ONNX, or one source file with the weights inside. An exporter is a module here with a function
`render(model, name, file, **options)` that gives its text or bytes: `model` is a `Model`, `name`
what its functions are called after, `file` the file's name. To add one: the module, and its line
in `EXPORTERS`. Texts of the user's (labels, names of columns, of files) are hostile: quote them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from inspect import signature
from typing import Any, Final

from ...core.checks import choice, show
from ...core.errors import ModelFileError
from ...core.structure import Structure
from ..base import RefusedError
from ..files import check_target, path_text, read_file, write_file
from .model import Column, Model, Piece

__all__ = [
    "Column",
    "EXPORTERS",
    "Model",
    "Piece",
    "SUFFIXES",
    "check_name",
    "default_name",
    "export",
]

EXPORTERS: Final = {
    "onnx": "onnx",
    "python": "python",
    "numpy": "python_numpy",
    "c": "c99",
    "javascript": "javascript",
}
"""Formats, and the modules here that write them."""

SUFFIXES: Final = {
    ".onnx": "onnx",
    ".py": "python",
    ".h": "c",
    ".mjs": "javascript",
    ".js": "javascript",
}
"""Formats by the ends of file names."""


def export(
    network: Structure,
    path: str | os.PathLike[str],
    *,
    format: str | None = None,
    name: str | None = None,
    **options: Any,
) -> None:
    """Write a network as a file that predicts without glassnet.

    Args:
        network: one network whose loss is settled, of glassnet's own activations and losses.
        path: where to. A file of this name is replaced, whole or not at all; JavaScript comes with
            its types in a file beside it, .d.mts or .d.ts: both are new, or both as before.
        format: one of `EXPORTERS`; None goes by the suffix: .onnx, .py (plain Python; "numpy" for
            one that uses NumPy), .h (C99), .mjs or .js (JavaScript).
        name: what the functions in it are called after: ASCII letters, digits and _, a letter
            first; None: the name of the file.
        options: those of the format.

    Raises:
        OSError: the system refused; an old file is unchanged.
        ModelFileError: the suffix is unknown, or this network cannot be exported; it says why.
        ValueError, TypeError: an argument is not as above, or the loss is not settled yet.
    """
    target = path_text(path)
    exporter = _exporter(target, format)
    _check_options(exporter.render, options, format or os.path.splitext(target)[1])
    title = default_name(target) if name is None else check_name(name)
    try:
        model = Model.of(network)
        files = {target: exporter.render(model, title, os.path.basename(target), **options)}
        if hasattr(exporter, "beside"):  # {path: text} of files that go with it
            files = {**exporter.beside(model, target), **files}
    except RefusedError as error:
        raise ModelFileError(target, error.where, str(error)) from None
    _write({each: x.encode() if isinstance(x, str) else x for each, x in files.items()})


def _write(files: dict[str, bytes]) -> None:
    """All of these files, or none: unless the last one is there, those before it are put back."""
    *others, last = files
    check_target(last)
    before = {path: _present(path) for path in others}
    try:
        for path, data in files.items():
            write_file(path, [memoryview(data)])
    except BaseException:
        if before and _present(last) != files[last]:
            for path, old in before.items():
                _put_back(path, old)
        raise


def _present(path: str) -> bytes | None:
    """What is in a file that saving to `path` would replace; None: there is none."""
    exists = os.path.exists(check_target(path))
    return bytes(read_file(path, lambda start, size: None, start=0)) if exists else None


def _put_back(path: str, old: bytes | None) -> None:
    if old is not None:
        write_file(path, [memoryview(old)])
    else:
        with suppress(FileNotFoundError):
            os.unlink(check_target(path))


def _exporter(name: str, format: str | None) -> Any:
    """The module that writes this format."""
    if format is None:
        suffix = os.path.splitext(name)[1].lower()
        if suffix not in SUFFIXES:
            what = f"the suffix {suffix!r}" if suffix else "a name without a suffix"
            reason = f"{what} names no format; use {', '.join(SUFFIXES)}"
            raise ModelFileError(name, "path", reason)
        format = SUFFIXES[suffix]
    return import_module(f"{__name__}.{choice('format', format, EXPORTERS)}")


def check_name(name: Any) -> str:
    """A name for the functions of an exported file."""
    if not (isinstance(name, str) and re.fullmatch("[A-Za-z][A-Za-z0-9_]{0,62}", name)):
        allowed = "up to 63 ASCII letters, digits and _, a letter first"
        raise ValueError(f"name must be {allowed}; got {show(name)}.")
    return name


def default_name(path: str) -> str:
    """A name for what is in the file that any language takes as an identifier."""
    stem = os.path.splitext(os.path.basename(path))[0]
    words = re.sub("[^A-Za-z0-9]+", "_", stem).strip("_") or "model"
    return f"model_{words}" if words[0].isdigit() else words


def _check_options(render: Callable[..., Any], options: dict[str, Any], what: str) -> None:
    known = list(signature(render).parameters)[3:]
    for name in options:
        if name not in known:
            has = f"its options are {', '.join(known)}" if known else "it has none"
            raise TypeError(f"the export to {what} has no option {name!r}; {has}.")
