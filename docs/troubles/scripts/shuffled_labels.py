"""Shuffled labels: row i of y belongs to another row of X, so that nothing can be learned."""

import numpy as np
import shown

from glassnet import Network, datasets, diagnose, train_test_split

X, y = datasets.moons(300, noise=0.15, seed=0)
X, X_new, y, y_new = train_test_split(X, y, seed=0)
order = np.random.default_rng(0).permutation(len(X))

net = Network([2, 16, 16, 1], seed=0)
net.fit(X[order], y, epochs=100)  # y should have been put in the same order
report = diagnose(net, X[order], y)
print(report)

mended = Network([2, 16, 16, 1], seed=0)
mended.fit(X[order], y[order], epochs=100)

before, after = (1 - each.test_accuracy(X_new, y_new) for each in (net, mended))
print(f"\nnew rows called wrong: {before:.1%} before, {after:.1%} mended")


def picture(left, right):
    shown.boundary(left, net, X[order], y, "X was shuffled, y was not")
    shown.boundary(right, mended, X[order], y[order], "both were shuffled alike")


shown.draw(picture)
