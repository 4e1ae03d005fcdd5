"""A duplicate column: two columns that say the same share one effect, and how is left to chance."""

import numpy as np
import shown

from glassnet import Network, diagnose

rng = np.random.default_rng(0)
celsius = rng.normal(size=200)  # a temperature, standardised
X = np.column_stack([celsius, 1.8 * celsius + 0.2])  # and again in another unit
y = celsius + 0.3 * rng.normal(size=200)

nets = [Network([2, 1], seed=seed) for seed in range(6)]
for net in nets:
    net.fit(X, y, epochs=50, learning_rate=0.05)
report = diagnose(nets[0], X, y)
print(report)

mended = [Network([1, 1], seed=seed) for seed in range(6)]  # one of the two is enough
for net in mended:
    net.fit(X[:, :1], y, epochs=50, learning_rate=0.05)

first = np.array([net.weights[0][0, 0] for net in nets])  # what each seed made of column 0
second = np.array([1.8 * net.weights[0][1, 0] for net in nets])  # and of column 1, in its unit
before, after = first.std(), np.std([net.weights[0][0, 0] for net in mended])
print(f"\nspread of its weight from seed to seed: {before:.3f} before, {after:.3f} mended")


def picture(left, right):
    left.plot(X[:, 0], X[:, 1], ".", color=shown.TROUBLE)
    shown.style.dress(left, "the two columns lie on one line", "column 0", "column 1")
    shown.bars(right, first, second, [f"seed {seed}" for seed in range(6)])
    right.plot(first + second, "_", color="black", markersize=45)
    right.axhline(0, color="black", linewidth=0.8)
    shown.style.dress(right, "orange: column 0, blue: column 1, line: both")


shown.draw(picture)
