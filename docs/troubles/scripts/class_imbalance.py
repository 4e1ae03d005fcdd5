"""Class imbalance: one class is rare, and to answer always with the other one is nearly right."""

import numpy as np
import shown

from glassnet import Network, datasets, diagnose

X, y = datasets.moons(600, noise=0.3, seed=0)
kept = (y == 0) | (np.arange(600) % 20 == 1)  # of class 1 only every tenth row
X, y = X[kept], y[kept]

net = Network([2, 16, 1], seed=0)
net.fit(X, y, epochs=40)
report = diagnose(net, X, y)
print(report)

mended = Network([2, 16, 1], seed=0)
mended.fit(X, y, epochs=40, class_weight="balanced")

X_new, y_new = datasets.moons(1000, noise=0.3, seed=1)
rare = X_new[y_new == 1]
before, after = (float((each.classify(rare) == 0).mean()) for each in (net, mended))
print(f"\nof new rows of the rare class missed: {before:.0%} before, {after:.0%} mended")


def picture(left, right):
    shown.boundary(left, net, X, y, f"{before:.0%} of the rare class missed")
    shown.boundary(right, mended, X, y, f'class_weight="balanced": {after:.0%} missed')


shown.draw(picture)
