"""What the two exports to Python have in common: constants, the reading of rows, the command line.

Text of the user's gets into the source by `ascii` alone, as literals: never into a comment or a
name. To let the files know more, add a line to `constants`.
"""

from __future__ import annotations

import base64
import keyword
import os
import sys
from collections.abc import Mapping
from string import Template
from typing import Final

import numpy as np

from ..base import Array, RefusedError
from .model import Model, Piece
from .words import about, plain

_START: Final = Template('''"""$name: a dense network of $layers units, made by glassnet $version.

Needs $needs. predict(rows) gives the outputs of each row$classify.
A row is a sequence of inputs$dicts.
$about

Example:
    $get
    print(predict([[0] * $inputs]))
On a command line, python $command < table.csv answers a table, CSV or JSON.
"""

''')

_ROWS: Final = '''

def _rows(rows):
    """Rows; those of a data frame as dicts, as its columns may be in another order."""
    if COLUMNS is None or not hasattr(rows, "columns"):
        return rows
    names = [name for name, _ in COLUMNS if name in list(rows.columns)]
    return [dict(zip(names, row)) for row in zip(*[list(rows[name]) for name in names])]


def _inputs(row, place):
    """The numbers of a row, which is a sequence of them or a dict of COLUMNS."""
    if isinstance(row, str) or not hasattr(row, "__iter__"):
        raise ValueError(f"rows must be a list of rows; row {place} is {row!r:.60}")
    cells = _encoded(row, place) if isinstance(row, dict) else list(row)
    if len(cells) != LAYERS[0]:
        raise ValueError(f"row {place} has {len(cells)} numbers, not {LAYERS[0]}")
    return [_number(cell, place) for cell in cells]


def _encoded(row, place):
    """A number as it is, a category as zeros and a one."""
    if COLUMNS is None:
        raise ValueError("this network does not know the names of its inputs; give numbers")
    cells = []
    for name, categories in COLUMNS:
        if name not in row:
            raise ValueError(f"row {place} has no column {name!r}")
        if categories is None:
            cells.append(row[name])
        elif str(row[name]) in categories:
            cells += [str(row[name]) == each for each in categories]
        else:
            raise ValueError(f"row {place}, column {name!r}: {row[name]!r} is none of {categories}")
    return cells


def _number(cell, place):
    try:
        value = math.nan if isinstance(cell, str) and "_" in cell else float(cell)
    except (TypeError, ValueError, OverflowError):
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"row {place}: {cell!r} is not a finite number")
    return value
'''

_MAIN: Final = Template('''

def _table(text):
    """The rows of a CSV text: dicts where its first line names all COLUMNS, else numbers."""
    first = text.lstrip().partition("\\n")[0]
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\\t", key=first.count))
    lines = [[cell.strip() for cell in line] for line in lines]
    lines = [line for line in lines if any(line)]
    if not lines:
        raise ValueError("the table is empty")
    head = lines[0]
    if COLUMNS is not None and all(head.count(name) == 1 for name, _ in COLUMNS):
        wrong = [k for k, line in enumerate(lines) if len(line) != len(head)]
        if wrong:
            raise ValueError(f"row {wrong[0]} has other cells than the first line")
        return [dict(zip(head, line)) for line in lines[1:]]
    try:
        _inputs(head, 0)
    except ValueError:
        for name, _ in COLUMNS or ():
            if head.count(name) != 1:
                raise ValueError(f"the first line must name the column {name!r} once") from None
        return lines[1:]
    return lines


def _main():
    """Answers in the form of the question: CSV or JSON."""
    text = sys.stdin.buffer.read().decode("utf-8-sig")
    asked = text.lstrip()[:1] == "["
    rows = json.loads(text) if asked else _table(text)
    outputs = predict(rows)
$labels$outputs    sys.stdout.reconfigure(encoding="utf-8", newline="")
    if asked:
        print(json.dumps($json))
    else:
        answers = $csv
        csv.writer(sys.stdout, lineterminator="\\n").writerows([HEAD, *answers])


if __name__ == "__main__":
    try:
        _main()
    except (ValueError, csv.Error) as error:
        sys.exit(f"$name: {error}")
''')

_ANSWERS: Final = {
    True: (
        '[{"label": label, "outputs": each} for label, each in zip(labels, outputs)]',
        "[[label, *each] for label, each in zip(labels, outputs)]",
    ),
    False: ("outputs", "outputs"),
}
"""What the command line writes as JSON and as CSV, with one label a row or without."""


def source(
    model: Model, name: str, file: str, needs: str, imports: str, own: str, listed: str = ""
) -> str:
    """The whole file; RefusedError where its name would hide one of Python's own modules.

    Args:
        needs: what it needs, in words. imports: its lines of imports.
        own: the functions of the exporter, down to `predict`, `_labels` and `classify`.
        listed: what makes lists of their results.
    """
    import glassnet

    stem = os.path.splitext(file)[0]
    if stem in (*sys.stdlib_module_names, "numpy"):
        raise RefusedError("path", f"{file} would hide Python's module {stem}; name it otherwise")
    start = _START.substitute(
        name=name,
        layers="-".join(map(str, model.layers)),
        version=glassnet.__version__,
        needs=needs,
        classify="" if model.labels == "none" else ", classify(rows) its label",
        inputs=model.layers[0],
        dicts=", or a dict of COLUMNS (texts from a table will do)" if model.columns else "",
        about="\n".join(about(model, checked=True)),
        get=_get(plain(file)),
        command=plain(file) if " " not in file else f"'{plain(file)}'",
    )
    json, csv = _ANSWERS[model.labels == "one"]
    main = _MAIN.substitute(
        name=name,
        listed=listed,
        labels=f"    labels = _labels(outputs){listed}\n" if model.labels == "one" else "",
        outputs=f"    outputs = outputs{listed}\n" if listed else "",
        json=json,
        csv=csv,
    )
    return "".join((start, imports, _constants(model), own, _ROWS, main))


def _get(file: str) -> str:
    """A line of Python that gets `predict` from a file of this name."""
    stem, suffix = os.path.splitext(file)
    if suffix == ".py" and stem.isidentifier() and not keyword.iskeyword(stem):
        return f"from {stem} import predict"
    return f'import runpy; predict = runpy.run_path("{file}")["predict"]'


def functions(model: Model, formulas: Mapping[str, str]) -> tuple[list[str], str]:
    """The name of the function for each layer of weights, the last one's being the link where that
    goes number by number; and their source."""
    last = model.link if model.link.name in formulas else Piece("identity", {})
    pieces = [*model.activations, last]
    different: list[Piece] = []
    for piece in pieces:
        if piece not in different:
            different.append(piece)
    names = [f"_{piece.name}_{k}" for k, piece in enumerate(different, 1)]
    text = ""
    for name, piece in zip(names, different, strict=True):
        formula = formulas[piece.name].format(**{k: repr(v) for k, v in piece.settings.items()})
        text += f"\n\ndef {name}(x):\n    return {formula}\n"
    return [names[different.index(piece)] for piece in pieces], text


def network(model: Model, names: list[str]) -> str:
    """The layers as calls of `_layer`: weights by units, then biases, little-endian, in base 64."""
    text = "\n\nNETWORK = (\n"
    for weights, biases, name in zip(model.weights, model.biases, names, strict=True):
        inputs, outputs = weights.shape
        values = np.concatenate([weights.T.reshape(-1), biases])
        code = base64.b64encode(values.astype(values.dtype.newbyteorder("<")).tobytes()).decode()
        lines = "\n".join(code[k : k + 96] for k in range(0, len(code), 96))
        text += f'    _layer({inputs}, {outputs}, {name}, """\n{lines}\n"""),\n'
    return text + ")\n"


def scaling(model: Model, form: str = "{}") -> str:
    """The arrays of scaling that are not None, as exact literals."""
    told = {
        "INPUT_OFFSET": model.input_offset,
        "INPUT_SCALE": model.input_scale,
        "TARGET_OFFSET": model.target_offset,
        "TARGET_SCALE": model.target_scale,
    }
    given = [(name, form.format(_numbers(x))) for name, x in told.items() if x is not None]
    return "".join(f"{name} = {text}\n" for name, text in given)


def _numbers(values: Array) -> str:
    same = len(values) > 1 and (values == values[0]).all()
    return f"[{values[0].item()!r}] * {len(values)}" if same else repr(values.tolist())


def _constants(model: Model) -> str:
    """Settings and texts, those of the user by `ascii`."""
    columns = None if model.columns is None else [tuple(each) for each in model.columns]
    told = {
        "LAYERS": model.layers,
        "CLASSES": model.classes,
        "COLUMNS": columns,
        "HEAD": _head(model),
    }
    return "\n" + "".join(f"{name} = {value!a}\n" for name, value in told.items())


def _head(model: Model) -> list[str]:
    """The first line of a CSV answer."""
    outputs, target = model.layers[-1], model.target
    if model.labels == "one":
        names = [str(each) for each in model.classes or range(max(outputs, 2))]
        return [target or "label", *names[-outputs:]]
    if outputs == 1 and target is not None:
        return [target]
    return [f"{target or 'output'}_{k}" for k in range(1, outputs + 1)]
