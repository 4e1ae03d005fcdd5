"""Noisy labels: a fifth of them is wrong, and the network learns what is wrong by heart too."""

import numpy as np
import shown

from glassnet import Network, datasets, diagnose

X, truth = datasets.moons(200, noise=0.15, seed=0)
X_new, y_new = datasets.moons(1000, noise=0.15, seed=1)
flipped = np.random.default_rng(0).random(200) < 0.2
y = np.where(flipped, 1 - truth, truth)

net = Network([2, 32, 32, 1], seed=0)
net.fit(X, y, epochs=250, learning_rate=0.02)
report = diagnose(net, X, y)
print(report)

careful = Network([2, 32, 32, 1], seed=0)  # few epochs: it has no time to learn rows by heart
careful.fit(X, y, epochs=40, learning_rate=0.02)
doubt = np.abs(careful.predict(X)[:, 0] - y)
worst = np.argsort(-doubt)[:50]  # the rows whose label it believes least: look at these again
corrected = y.copy()
corrected[worst] = truth[worst]

mended = Network([2, 32, 32, 1], seed=0)
mended.fit(X, corrected, epochs=250, learning_rate=0.02)

before, after = (1 - each.test_accuracy(X_new, y_new) for each in (net, mended))
print(f"\nwrong labels among the 50 in doubt: {flipped[worst].sum()} of {flipped.sum()}")
print(f"new rows called wrong: {before:.1%} before, {after:.1%} mended")


def picture(left, right):
    shown.boundary(left, net, X, y, "a fifth of the labels is wrong")
    shown.boundary(right, mended, X, corrected, "the 50 rows most in doubt looked at again")


shown.draw(picture)
