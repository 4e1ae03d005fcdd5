"""Batches that are too small: each step follows a single row, and pulls away from all others."""

import shown

from glassnet import SGD, Network, datasets, diagnose, train_test_split

X, y = datasets.moons(200, noise=0.25, seed=0)
X, X_new, y, y_new = train_test_split(X, y, seed=0)
settings = {"epochs": 20, "optimizer": SGD(), "learning_rate": 0.3, "schedule": "constant"}

net = Network([2, 16, 1], activation="tanh", seed=0)
net.fit(X, y, batch_size=1, **settings)
report = diagnose(net, X, y)
print(report)

mended = Network([2, 16, 1], activation="tanh", seed=0)
mended.fit(X, y, batch_size=32, **settings)

before, after = (1 - each.test_accuracy(X_new, y_new) for each in (net, mended))
print(f"\nnew rows called wrong: {before:.1%} before, {after:.1%} mended")


def picture(left, right):
    shown.losses(left, net.history, mended.history)
    shown.boundary(right, net, X, y, "what the last rows have pulled it to")


shown.draw(picture)
