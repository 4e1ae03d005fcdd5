"""A constant column: it tells nothing, and its weights are what they happened to begin with."""

import numpy as np
import shown

from glassnet import Network, datasets, diagnose

x, y = datasets.sine(200, noise=0.35, seed=0)
X = np.column_stack([x, np.full(200, 3.0)])  # the version of a sensor: 3 in all rows

net = Network([2, 16, 1], activation="tanh", seed=0)
net.fit(X, y, epochs=100, learning_rate=0.02)
report = diagnose(net, X, y)
print(report)

mended = Network([1, 16, 1], activation="tanh", seed=0)  # without the column
mended.fit(x, y, epochs=100, learning_rate=0.02)

later = np.column_stack([x, np.full(200, 5.0)])  # one day there is a new sensor
before, after = net.evaluate(later, y)["loss"], mended.evaluate(x, y)["loss"]
print(f"\nmean squared error with the new sensor: {before:.2f} before, {after:.2f} mended")


def picture(left, right):
    line = np.linspace(-3.2, 3.2, 200)
    for ax, value, colour in ((left, 3, shown.MENDED), (right, 5, shown.TROUBLE)):
        ax.plot(x, y, ".", color=shown.style.MUTED)
        outputs = net.predict(np.column_stack([line, np.full(200, value)]))
        ax.plot(line, outputs, color=colour, linewidth=3)
        shown.style.dress(ax, f"the same network where the column is {value}", "x", "y")


shown.draw(picture)
