"""The graph of an ONNX file: nodes and constants as they are added, and their encoding.

Numbers of fields are those of onnx.proto (https://github.com/onnx/onnx). To write tensors of
another type, add it to `TYPES`.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ..base import Array, RefusedError
from .protobuf import message

OPSET: Final = 13
IR_VERSION: Final = 7  # that of opset 13
MOST_BYTES: Final = 2**31 - 1
"""Of a file: protocol buffers count no further."""

WIDER: Final = "use dtype='float64', or other units"

TYPES: Final = {"f4": 1, "i8": 7, "O": 8, "b1": 9, "f8": 11}
"""The numbers of tensor types, by kind and size; objects are texts."""

_FLOAT, _INT = 1, 2  # types of attributes

Port = tuple[str, Any, tuple[int, ...]]
"""An input or output: its name, its dtype, its shape without the axis of rows."""


class Graph:
    """Nodes in the order in which they are computed; `dtype` is that of plain numbers."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self.dtype = dtype
        self.nodes: list[bytes] = []
        self.constants: dict[str, bytes] = {}

    def constant(self, values: Array, name: str = "") -> str:
        """The name of a constant."""
        name = name or f"constant_{len(self.constants)}"
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise RefusedError("network", f"{name} is infinite in {values.dtype}; {WIDER}")
        fields: list[tuple[int, Any]] = [(1, size) for size in values.shape]
        fields += [(2, _type(values.dtype)), (8, name)]
        if values.dtype.kind == "O":
            fields += [(6, text.encode()) for text in values.tolist()]
        else:
            fields += [(9, values.astype(values.dtype.newbyteorder("<")).tobytes())]
        self.constants[name] = message(*fields)
        return name

    def add(self, operator: str, *inputs: str | float, into: str = "", **attributes: Any) -> str:
        """The name of what `operator` makes of inputs: names of tensors, or plain numbers."""
        return self._node(operator, inputs, [into or self._name(operator)], attributes)[0]

    def split(self, x: str, parts: int, width: int) -> list[str]:
        """So many parts of `width` columns each."""
        sizes = self.constant(np.full(parts, width))
        names = [f"{self._name('Split')}_{part}" for part in range(parts)]
        return self._node("Split", (x, sizes), names, {"axis": 1})

    def sort_blocks(self, x: str, count: int, width: int) -> str:
        """Columns in `count` blocks of `width`, sorted over the blocks: the smallest come first."""
        blocks = self.add("Reshape", x, self.constant(np.array([0, count, width])))
        names = [f"{self._name('TopK')}_{what}" for what in ("values", "places")]
        inputs = (blocks, self.constant(np.array([count])))
        self._node("TopK", inputs, names, {"axis": 1, "largest": 0, "sorted": 1})
        return self.add("Reshape", names[0], self.constant(np.array([0, count * width])))

    def encode(
        self, name: str, about: str, given: Port, made: list[Port], metadata: dict[str, str]
    ) -> bytes:
        """The whole file; `about` is its documentation."""
        import glassnet

        graph = message(
            *((1, node) for node in self.nodes),
            (2, name),
            *((5, tensor) for tensor in self.constants.values()),
            (11, _port(*given)),
            *((12, _port(*each)) for each in made),
        )
        file = message(
            (1, IR_VERSION),
            (2, "glassnet"),
            (3, glassnet.__version__),
            (6, about),
            (7, graph),
            (8, message((1, ""), (2, OPSET))),
            *((14, message((1, key), (2, value))) for key, value in metadata.items()),
        )
        if len(file) > MOST_BYTES:
            raise RefusedError(
                "network", f"{len(file)} bytes; an ONNX file has at most {MOST_BYTES}"
            )
        return file

    def _name(self, operator: str) -> str:
        return f"{operator}_{len(self.nodes)}"

    def _node(
        self, operator: str, inputs: tuple[Any, ...], names: list[str], attributes: dict[str, Any]
    ) -> list[str]:
        used = [self._number(each) if isinstance(each, float) else each for each in inputs]
        fields: list[tuple[int, Any]] = [(1, each) for each in used]
        fields += [(2, each) for each in names]
        fields += [(3, self._name(operator)), (4, operator)]
        fields += [(5, _attribute(*each)) for each in attributes.items()]
        self.nodes.append(message(*fields))
        return names

    def _number(self, value: float) -> str:
        """A constant of one number; equal ones are one."""
        name = f"number_{value!r}"
        return name if name in self.constants else self.constant(np.array(value, self.dtype), name)


def _type(dtype: np.dtype[Any]) -> int:
    return TYPES["O" if dtype.kind == "O" else f"{dtype.kind}{dtype.itemsize}"]


def _attribute(name: str, value: int | float) -> bytes:
    if isinstance(value, float):
        return message((1, name), (2, value), (20, _FLOAT))
    return message((1, name), (3, value), (20, _INT))


def _port(name: str, dtype: np.dtype[Any], sizes: tuple[int, ...]) -> bytes:
    axes = [message((2, "rows")), *(message((1, size)) for size in sizes)]
    shape = message(*((1, axis) for axis in axes))
    return message((1, name), (2, message((1, message((1, _type(dtype)), (2, shape))))))
