"""NIST's reference sets for nonlinear regression (StRD) that are small dense networks.

Each is a network, and where its parameters stand among NIST's. The files are public domain and stay
outside the repository: GLASSNET_SHARED, or ../shared beside the checkout, has them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glassnet import Network

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("GLASSNET_SHARED") or ROOT.parent / "shared") / "nist"

Pairs = Callable[[list[float]], tuple[list[list[Any]], list[list[Any]]]]


@dataclass(frozen=True)
class Model:
    """`place` gives (weights, biases) of each layer from b1, b2, ...; `signs` what b is multiplied
    with to be a parameter; `inputs` what of x the network sees."""

    activation: str
    bias: list[bool]
    place: Pairs
    inputs: Callable[[Any], Any] = np.asarray


MODELS = {
    "Rat42": Model("sigmoid", [True, False], lambda b: ([[b[2]], [b[0]]], [[-b[1]], [0.0]])),
    "DanWood": Model("exp", [False, False], lambda b: ([[b[1]], [b[0]]], [[0.0], [0.0]]), np.log),
    "MGH17": Model(
        "exp",
        [False, True],
        lambda b: ([[-b[3], -b[4]], [b[1], b[2]]], [[0.0, 0.0], [b[0]]]),
    ),
    "Lanczos3": Model(
        "exp",
        [False, False],
        lambda b: ([[-b[1], -b[3], -b[5]], [b[0], b[2], b[4]]], [[0.0] * 3, [0.0]]),
    ),
}


@dataclass(frozen=True)
class Reference:
    """What a file says: starts (2, parameters), certified parameters and their standard errors,
    residual sum of squares, and the data."""

    starts: np.ndarray
    parameters: np.ndarray
    errors: np.ndarray
    squares: float
    X: np.ndarray
    y: np.ndarray


def read(name: str) -> Reference:
    text = (FOLDER / f"{name}.dat").read_text()
    rows = re.findall(r"^\s+b\d+ =((?:\s+\S+){4})\s*$", text, re.M)
    table = np.array([row.split() for row in rows], dtype=float)
    squares = re.search(r"Residual Sum of Squares:\s+(\S+)", text)
    assert squares is not None
    data = np.array([line.split() for line in text.split("\n")[60:] if line.strip()], dtype=float)
    X = MODELS[name].inputs(data[:, 1:])
    return Reference(table[:, :2].T, table[:, 2], table[:, 3], float(squares[1]), X, data[:, 0])


def flat(name: str, b: Any) -> np.ndarray:
    """NIST's parameters as the flat vector of the network."""
    weights, biases = MODELS[name].place(list(b))
    return np.concatenate([np.ravel(each) for each in (*weights, *biases)])


def network(name: str, start: Any) -> Network:
    """The network of a set, with these parameters of NIST's."""
    model, (weights, _) = MODELS[name], MODELS[name].place(list(start))
    made = Network(
        [1, len(np.ravel(weights[0])), 1],
        activation=model.activation,
        bias=model.bias,
        loss="squared_error",
        dtype="float64",
        input_scale=1.0,
        seed=0,
    )
    made.parameters = flat(name, start)
    return made
