"""What the engine has for the letters of docs/backpropagation.md, from the page's own code.

A new letter of one of the two networks wants its place in `xor_numbers` or `class_numbers`, or in
BETWEEN.
"""

import copy
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from test_docs import blocks, run_python

from glassnet import Network
from glassnet.core.optimizer import Optimizer
from glassnet.core.passes import Batch
from glassnet.core.stepping import Stepper
from glassnet.initializers import glorot_variance, he_variance
from glassnet.losses import Logistic, SoftmaxCrossEntropy
from glassnet.optimizers import SGD, Adam

NAME = "docs/backpropagation.md"

BETWEEN = {r"\frac{\partial K}{\partial p}", r"\frac{\partial K_{no}}{\partial p}"}
BETWEEN |= {r"\frac{\partial p}{\partial s}", r"\frac{\partial L}{\partial h}"}
BETWEEN |= {r"\frac{\partial L}{\partial H}", r"\hat{m}", r"\hat{a}", "M", r"\mathbf{1}"}
BETWEEN |= {r"\eta", r"\lambda"}
"""Letters of the networks that the engine has in no array of its own, or writes over."""


@cache
def namespaces() -> dict[int, dict[str, Any]]:
    """The names after the first block with each network, by its number of outputs."""
    names: dict[str, Any] = {"__name__": "page"}
    found: dict[int, dict[str, Any]] = {}
    for block in blocks(NAME):
        if block.language == "python" and len(found) < 2:
            run_python(block, names)
            found.setdefault(names["net"].layers[-1], {**names})
    return found


def gradients(net: Network) -> dict[str, Any]:
    first, second = net.passes.dense
    found = {"W": first.weight_gradients, "b": first.bias_gradients}
    found |= {"V": second.weight_gradients, "c": second.bias_gradients}
    return {rf"\frac{{\partial L}}{{\partial {name}}}": each for name, each in found.items()}


def parameters(net: Network, mark: str = "") -> dict[str, Any]:
    (W, V), (b, c) = net.weights, net.biases
    return {name + mark: each.copy() for name, each in zip("WVbc", (W, V, b, c), strict=True)}


def learn(net: Network, batch: Batch, **decay: float) -> tuple[float, list[Any]]:
    work = net.passes.workspace(batch.rows)
    loss = net.passes.loss_and_gradients(net.settled_loss("test"), batch, work, **decay)
    return float(loss), work.traces


def stepped(net: Network, batch: Batch, optimizer: Optimizer, steps: int) -> tuple[Network, Any]:
    """A copy after so many steps, and the memory of the optimizer: (slots, parameters)."""
    twin = copy.deepcopy(net)
    stepper = Stepper(optimizer, twin.passes)
    for _ in range(steps):
        learn(twin, batch)
        assert stepper.step(optimizer.learning_rate) == ""
    return twin, stepper.slots


def xor_numbers(net: Network, batch: Batch, loss: float, traces: list[Any]) -> dict[str, Any]:
    hidden, last = traces
    z, h, s = hidden.scores, hidden.outputs, last.scores
    found = parameters(net) | gradients(net) | {"x": batch.inputs, "y": batch.targets, "L": loss}
    found |= {"z": z, "z_1": z[0, 0], "z_2": z[0, 1], "h": h, "h_1": h[0, 0], "h_2": h[0, 1]}
    found |= {
        "s": s,
        r"\delta_s": last.delta,
        r"\frac{\partial L}{\partial s}": last.delta,
        r"\delta_z": hidden.delta,
    }
    for number, slope in enumerate(gradients(net)[r"\frac{\partial L}{\partial V}"], 1):
        found[rf"\frac{{\partial L}}{{\partial v_{number}}}"] = slope
    found["p"] = Logistic().link(s.copy())
    for letter, target in (("K", batch.targets), ("K_{no}", np.zeros((1, 1)))):
        found[rf"\frac{{\partial {letter}}}{{\partial s}}"] = slope = np.empty_like(s)
        found[letter] = Logistic().compute(s, target, slope)
    return found | steps(net, batch)


def steps(net: Network, batch: Batch) -> dict[str, Any]:
    """What the page says of sections 10, 11 and 13."""
    new, _ = stepped(net, batch, SGD(0.1, momentum=0.0), 1)
    loss, (hidden, last) = learn(new, batch)
    found = parameters(new, "_{new}") | {"L_{new}": loss}
    found |= {"h_{new}": hidden.outputs, "s_{new}": last.scores}
    found |= {"g_1": net.gradients[-1], "g_2": new.gradients[-1]}
    up = copy.deepcopy(net)
    up.parameters += 0.1 * net.gradients
    found |= parameters(up, "_{up}") | {"L_{up}": learn(up, batch)[0]}
    for count in (1, 2):
        moved, velocity = stepped(net, batch, SGD(0.1, momentum=0.9), count)
        found[f"q_{count}"] = velocity[0, -1]
    found["c_2"] = moved.biases[1]
    adapted, (mean, squares) = stepped(net, batch, Adam(0.005), 1)
    found |= {"m": mean[-1], "a": squares[-1], "c_{adam}": adapted.biases[1]}
    twin = copy.deepcopy(net)
    learn(twin, batch, decay=0.01)
    return found | {"D": twin.passes.dense[0].weight_gradients}


def class_numbers(net: Network, batch: Batch, loss: float, traces: list[Any]) -> dict[str, Any]:
    hidden, last = traces
    S, slope = last.scores, np.empty_like(last.scores)
    found = parameters(net) | gradients(net) | {"X": batch.inputs, "L": loss, "S": S}
    found |= {"Z": hidden.scores, "H": hidden.outputs, "Y": np.eye(3)[batch.targets]}
    found |= {r"\Delta_S": last.delta, r"\Delta_Z": hidden.delta}
    found["P"] = P = SoftmaxCrossEntropy().link(S.copy())
    found["p_{11}"] = P[0, 0]
    one, two = SoftmaxCrossEntropy().compute(S, batch.targets, slope)
    found[r"\frac{\partial \ell_1}{\partial s_{11}}"] = slope[0, 0]
    weighted = replace(batch, weights=np.array([1.0, 3.0]))
    return found | {r"\ell_1": one, r"\ell_2": two, "L_r": learn(copy.deepcopy(net), weighted)[0]}


@cache
def engine() -> dict[tuple[str, str], Any]:
    """What the engine has for (space, letter)."""
    found = {}
    for space, outputs, numbers in (("xor", 1, xor_numbers), ("classes", 3, class_numbers)):
        names = namespaces()[outputs]
        net, batch, loss, work = (names[name] for name in ("net", "batch", "loss", "work"))
        letters = numbers(net, batch, loss, work.traces)
        found |= {(space, letter): np.squeeze(value) for letter, value in letters.items()}
    found["start", "v_{he}"] = he_variance(256, 1)
    found["start", "v_{glorot}"] = glorot_variance(64, 32)
    return found
