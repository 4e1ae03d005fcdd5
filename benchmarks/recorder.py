"""What a Recorder costs: `python -m benchmarks.recorder`.

A training of [784, 32, 16, 10] in batches of 200 with and without it, in turns; the ratio of the
CPU times of the thread that trains, pair by pair, and whether both end with the same bits.
"""

from __future__ import annotations

import time
from argparse import ArgumentParser

import numpy as np

from glassnet import Network
from glassnet.diagnostics import Recorder

from .tools import machine, verdict

LAYERS, ROWS, BATCH, BAR = [784, 32, 16, 10], 60_000, 200, 1.05


def trained(X: np.ndarray, y: np.ndarray, epochs: int, recorder: Recorder | None) -> tuple:
    """The seconds, and the parameters at the end."""
    network = Network(LAYERS, seed=0)
    callbacks = [] if recorder is None else [recorder]
    begun = time.thread_time()
    network.fit(X, y, epochs=epochs, batch_size=BATCH, callbacks=callbacks)
    return time.thread_time() - begun, network.parameters.tobytes()


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=21)
    parser.add_argument("--epochs", type=int, default=3)
    asked = parser.parse_args()
    print(machine(), flush=True)
    random = np.random.default_rng(0)  # the time of a step does not depend on what is learned
    X = random.integers(0, 256, (ROWS, LAYERS[0]), dtype=np.uint8)
    y = X[:, ::28].argmax(axis=1) % LAYERS[-1]
    ratios, seconds = [], []
    for pair in range(asked.pairs + 1):
        recorder, found = Recorder(), {}
        for own in (None, recorder) if pair % 2 else (recorder, None):
            found[own is None] = trained(X, y, asked.epochs, own)
        assert found[True][1] == found[False][1], "the bits differ"
        if pair:  # the first one warms up
            ratios.append(found[False][0] / found[True][0])
            seconds.append(found[True][0])
    low, middle, high = np.quantile(ratios, [0.25, 0.5, 0.75])
    per_epoch = len(recorder.records) / asked.epochs
    print(f"{np.median(seconds) / asked.epochs:.3f} s an epoch, {per_epoch:g} records in each")
    print(f"with a Recorder {middle:.3f} times the time (quartiles {low:.3f} to {high:.3f})")
    print(verdict(float(middle), BAR, most=True))


if __name__ == "__main__":
    main()
