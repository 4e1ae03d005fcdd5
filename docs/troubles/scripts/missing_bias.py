"""A missing bias: without one, whatever the network makes of its inputs goes through 0."""

import numpy as np
import shown

from glassnet import Network, diagnose

rng = np.random.default_rng(0)
X = rng.uniform(-1, 1, (200, 1))
y = 2 + np.cos(3 * X[:, 0]) + 0.1 * rng.normal(size=200)  # nowhere near 0

net = Network([1, 16, 1], activation="tanh", bias=False, seed=0)
net.fit(X, y, epochs=100, learning_rate=0.02)
report = diagnose(net, X, y)
print(report)

mended = Network([1, 16, 1], activation="tanh", bias=True, seed=0)  # the default
mended.fit(X, y, epochs=100, learning_rate=0.02)

before, after = (each.evaluate(X, y)["loss"] for each in (net, mended))
print(f"\nmean squared error: {before:.3f} before, {after:.3f} mended")


def picture(left, right):
    shown.curve(left, net, X, y, "without biases it has to go through 0 (the dot)")
    shown.curve(right, mended, X, y, "with biases", mended=True)
    for ax in (left, right):
        ax.plot(0, 0, "o", markersize=9, color="black")
        ax.set_ylim(-1.2, 3.7)


shown.draw(picture)
