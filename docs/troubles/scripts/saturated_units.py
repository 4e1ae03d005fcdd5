"""Saturated units: tanh or sigmoid units stuck at a limit, where they hardly learn."""

import numpy as np
import shown

from glassnet import Network, datasets, diagnose, train_test_split
from glassnet.plots import style

X, y = datasets.sine(200, noise=0.1, seed=0)
X, X_new, y, y_new = train_test_split(X, y, seed=0)

net = Network([1, 16, 1], activation="tanh", seed=0)
net.fit(X, y, epochs=5, learning_rate=10)  # far too large steps: weights become huge
net.fit(X, y, epochs=100, learning_rate=0.03)  # a sound rate comes too late
report = diagnose(net, X, y)
print(report)

mended = Network([1, 16, 1], activation="tanh", seed=0)  # a new start, at the sound rate
mended.fit(X, y, epochs=100, learning_rate=0.03)

before, after = (each.evaluate(X_new, y_new)["loss"] for each in (net, mended))
print(f"\nmean squared error on new rows: {before:.3f} before, {after:.3f} mended")


def picture(left, right):
    shown.curves(left, X, y, net, mended, "jumps where the rows have none")
    for each, colour in ((net, shown.TROUBLE), (mended, shown.MENDED)):
        outputs = np.tanh(X @ each.weights[0] + each.biases[0])
        right.hist(outputs.ravel(), np.linspace(-1, 1, 41), color=colour, alpha=0.7)
    style.dress(right, "outputs of the hidden units: all at -1 or 1", "output", "how many")


shown.draw(picture)
