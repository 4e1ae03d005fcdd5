"""Texts, labels and types of an exported JavaScript module: what depends on the user's words.

Every text passes through `quoted`, which is safe in code and in comments. To tell TypeScript of
one more export, add its line in `types`.
"""

from __future__ import annotations

import json
from typing import Any

from .model import Column, Model


def quoted(text: str) -> str:
    """A text of the user's as a literal: ASCII that ends no comment, script or line."""
    safe = json.dumps(text)
    for sign in "*<>":
        safe = safe.replace(sign, f"\\u{ord(sign):04x}")
    return safe


def literal(label: Any) -> str:
    """A label, of the type it has: text, bool or number; a BigInt where a number is not exact."""
    if isinstance(label, str):
        return quoted(label)
    if isinstance(label, bool):
        return "true" if label else "false"
    exact = isinstance(label, float) or abs(label) < 2**53
    return f"{label!r}" if exact else f"{label}n"


def classes(model: Model) -> list[Any]:
    """The labels, in the order of the outputs."""
    return list(range(max(model.layers[-1], 2))) if model.classes is None else model.classes


def _type(column: Column) -> str:
    return "number" if column.categories is None else " | ".join(map(quoted, column.categories))


def types(model: Model) -> str:
    """A file of declarations for TypeScript."""
    lines = [
        "export declare const inputs: number;",
        "export declare const outputs: number;",
        "export declare function predict(row: ArrayLike<number>): number[];",
    ]
    if model.labels == "several":
        lines.append("export declare function classify(row: ArrayLike<number>): (0 | 1)[];")
    if model.labels == "one":
        lines += [
            f"export type Label = {' | '.join(map(literal, classes(model)))};",
            "export declare const labels: Label[];",
            "export declare function classify(row: ArrayLike<number>): Label;",
        ]
    if model.columns is not None:
        lines += [
            "export interface Row {",
            *(f"  {quoted(each.name)}: {_type(each)};" for each in model.columns),
            "}",
            "export declare const columns: [name: string, categories: string[] | null][];",
            "export declare function encode(row: Row, ignoreUnknown?: boolean): number[];",
        ]
    return "\n".join(lines) + "\n"
