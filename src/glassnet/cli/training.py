"""What the commands that train share: checks before, the fit, Ctrl-C, files after.

Whatever can be refused is refused before the first step: a long training that ends in "no such
folder" is the worst error there is. To draw one more picture, add it to the command that draws.
"""

from __future__ import annotations

import errno
import os
import time
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .command import UsageError, blame_options, shown
from .console import note, show_progress

if TYPE_CHECKING:
    from glassnet import Network

FIT_SETTINGS = ("batch_size", "learning_rate", "optimizer", "time_limit", "weight_decay")
NETWORK_SETTINGS = ("activation", "dropout", "loss")


def given(options: Namespace, names: Sequence[str]) -> dict[str, Any]:
    """The options of these names that were given; the library's defaults hold for the others."""
    values = {name: getattr(options, name, None) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def check_before(options: Namespace, layers: Sequence[int]) -> None:
    """Refuse wrong settings and files that could not be written, before any work is done."""
    import numpy as np

    from glassnet import Network

    with blame_options():
        if options.dropout is not None and len(layers) == 2:
            raise ValueError("--dropout needs a hidden layer to drop units of; there is none")
        Network(layers, seed=options.seed, **given(options, NETWORK_SETTINGS))
        trial = Network([1, 1], loss="squared_error")
        trial.parameters[:] = 0.0  # two rows of zeros tell a wrong setting, and cannot diverge
        trial.fit(np.zeros((2, 1)), np.zeros(2), epochs=1, **given(options, FIT_SETTINGS))
    check_output(options)
    check_plots(options)


def check_output(options: Namespace) -> None:
    """Refuse an `--output` of an unknown kind, in no folder, or there already."""
    if options.output is None:
        return
    from glassnet.saving import FORMATS

    if os.path.splitext(options.output)[1].lower() not in FORMATS:
        raise UsageError(
            f"--output must end in {' or '.join(FORMATS)}; got {shown(options.output)}"
        )
    check_writable(options.output, overwrite=options.overwrite)


def check_writable(path: str, *, overwrite: bool) -> None:
    """Refuse a file that cannot be written, or that is there and may not be replaced."""
    from glassnet.saving.files import check_target

    check_target(path)
    if os.path.exists(path) and not overwrite:
        raise FileExistsError(errno.EEXIST, "it exists; add --overwrite to replace it", path)


def check_plots(options: Namespace) -> None:
    """Make the folder for the pictures, if any are wanted, and see that they can be drawn."""
    if options.plots is None:
        return
    from glassnet.plots.style import need_matplotlib

    need_matplotlib()
    import matplotlib

    matplotlib.use("agg")  # files only: never open a window, never look for a screen
    os.makedirs(options.plots, exist_ok=True)
    if not os.access(options.plots, os.W_OK):
        raise PermissionError(errno.EACCES, "no right to write into this folder", options.plots)


def fit(network: Network, X: Any, y: Any, options: Namespace, **more: Any) -> float:
    """Train, and return the seconds it took; Ctrl-C keeps the network as far as it came.

    `more` are arguments of `Network.fit`; the options go before them.
    """
    from glassnet import DivergenceError

    settings = more | given(options, (*FIT_SETTINGS, "resume"))
    tell_resumed(options)
    start = time.perf_counter()
    try:
        network.fit(X, y, epochs=options.epochs, verbose=show_progress(options), **settings)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(keep(network, options)) from None
    except DivergenceError as error:  # its advice is for Python
        told = str(error).partition(". The network")[0]
        slower = f"try --learning-rate {error.learning_rate / 10:.3g}"
        raise ValueError(f"{told}; {slower}; no network is saved") from None
    return time.perf_counter() - start


def tell_resumed(options: Namespace) -> None:
    """Say from where a training goes on; it may be its end."""
    if getattr(options, "resume", None):
        from glassnet.callbacks.checkpoint import newest_first

        for newest in newest_first(options.resume)[:1]:
            note(options, f"checkpoint found: {newest}")


def keep(network: Network, options: Namespace) -> str:
    """Save an interrupted network beside `--output`, and say so in one line."""
    done = f"stopped by Ctrl-C in epoch {max(len(network.history), 1)} of {options.epochs}"
    if getattr(options, "resume", None):
        done += ", the same command goes on from there"
        if options.output is None:
            return done
    if options.output is None:
        return f"{done}; nothing was kept, as there was no --output"
    stem, suffix = os.path.splitext(options.output)
    path = f"{stem}.interrupted{suffix}"
    try:
        network.save_model(path)
    except (ValueError, OSError) as error:
        return f"{done}; nothing was kept: {error}"
    return f"{done}; the network so far is kept in {path}"


def save(network: Network, options: Namespace) -> str | None:
    """Save to `--output`, if there is one; the path is returned."""
    path: str | None = options.output
    if path is not None:
        network.save_model(path)
        note(options, f"saved to {path}")
    return path


def draw(options: Namespace, pictures: Mapping[str, Callable[[], Any]]) -> list[str]:
    """Draw the pictures into `--plots`, each as NAME.png, and return their paths."""
    if options.plots is None:
        return []
    from glassnet import plots

    paths = [os.path.join(options.plots, f"{name}.png") for name in pictures]
    for path, picture in zip(paths, pictures.values(), strict=True):
        plots.save(picture(), path)
    note(options, f"pictures in {options.plots}: {', '.join(f'{name}.png' for name in pictures)}")
    return paths


def summary(network: Network, options: Namespace, seconds: float) -> dict[str, Any]:
    """What every command that trains puts into its JSON."""
    return {
        "layers": list(network.layers),
        "parameters": int(network.parameters.size),
        "loss": None if network.loss is None else network.loss.name,
        "seed": options.seed,
        "epochs": len(network.history),
        "seconds": seconds,
        "stopped": getattr(network.history, "stopped", None),
        "history": [dict(record) for record in network.history],
    }
