"""A network or a fleet in words: its summary, its repr, and settings as plain data for files.

To show more of a network, add a line to `describe_network`.
"""

from dataclasses import fields, is_dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from .core.structure import Structure


def describe(thing: Any) -> dict[str, Any]:
    """An activation or a loss as plain data: {"name": ..., and its settings}."""
    settings = (
        {f.name: getattr(thing, f.name) for f in fields(thing)} if is_dataclass(thing) else {}
    )
    return {"name": thing.name, **settings}


def in_words(thing: Any) -> str:
    """'leaky_relu(slope_below=0.01)' for an object of settings."""
    if thing is None:
        return "not settled yet (auto)"
    settings = [f"{k}={v!r}" for k, v in describe(thing).items() if k != "name"]
    return f"{thing.name}({', '.join(settings)})" if settings else str(thing.name)


def one_line(network: Structure) -> str:
    """The repr: sizes and what matters most."""
    loss = "auto" if network.loss is None else network.loss.name
    kind, count = type(network).__name__, network.parameters.shape[-1]
    if network.lead:
        return (
            f"<{kind} of {network.lead[0]} x {list(network.layers)}, loss={loss}, "
            f"{network.dtype}, {count:,} parameters each{_trained(network)}>"
        )
    names = list(dict.fromkeys(a.name for a in network.activations))
    activation = f", activation={names[0] if len(names) == 1 else names!r}" if names else ""
    return (
        f"<{kind} {list(network.layers)}{activation}, loss={loss}, "
        f"{network.dtype}, {count:,} parameters{_trained(network)}>"
    )


def describe_network(network: Structure) -> str:
    """A table of the layers with their parameters, then loss, scaling and training."""
    lines = [f"a fleet of {network.lead[0]} networks, each:"] if network.lead else []
    lines.append(f"{'layer':<8}{'units':>8}{'parameters':>13}  activation")
    lines.append(f"{'input':<8}{network.layers[0]:>8}{0:>13}")
    pairs = list(pairwise(network.layers))
    for index, (inputs, outputs) in enumerate(pairs):
        count = inputs * outputs + (outputs if network.bias[index] else 0)
        last = index == len(pairs) - 1
        what = "raw scores, for the loss" if last else in_words(network.activations[index])
        what += "" if last else _dropout(network.dropout[index])
        what += "" if network.bias[index] else ", no bias"
        lines.append(f"{index + 1:<8}{outputs:>8}{count:>13,}  {what}")
    without = sum(n for n, has in zip(network.layers[1:], network.bias, strict=True) if not has)
    total = network.parameters.shape[-1] - without
    lines.append(
        f"{'total':<16}{total:>13,}  {network.dtype}, {total * network.dtype.itemsize:,} bytes"
    )
    lines.append(f"loss: {in_words(network.loss)}")
    if network.bounds is not None:
        low, high = network.bounds
        lines.append(
            f"constraints: {np.sum(low == high):,} parameters fixed, "
            f"{np.sum((low < high) & (np.isfinite(low) | np.isfinite(high))):,} within bounds"
        )
    if network.input_scaling is not None and not network.input_scaling.plain:
        lines.append(f"inputs: {network.input_scaling.source}, scaled")
    if network.target_scaling is not None:
        lines.append("targets: standardised for training, predictions in the user's unit")
    if network.history:
        lines.append(f"epochs trained: {len(network.history)}")
    return "\n".join(lines)


def _dropout(rates: Any) -> str:
    low, high = np.min(rates), np.max(rates)  # over the members, if there are any
    if not high:
        return ""
    return f", dropout {low:g}" if low == high else f", dropout {low:g} to {high:g}"


def _trained(network: Structure) -> str:
    """How long it was trained; nothing where that is not known, as for a loaded network."""
    count = len(network.history)
    return f", {count} epoch{'s' * (count != 1)} trained" if count else ""
