"""Initial weights that are too large: a jagged function to begin with, and hard to bend back."""

import shown

from glassnet import Network, datasets, diagnose, train_test_split

X, y = datasets.sine(120, noise=0.1, seed=0)
X, X_new, y, y_new = train_test_split(X, y, seed=0)

net = Network([1, 16, 1], activation="tanh", seed=0)
for weights in net.weights:
    weights *= 30
net.fit(X, y, epochs=100, learning_rate=0.03)
report = diagnose(net, X, y)
print(report)

mended = Network([1, 16, 1], activation="tanh", seed=0)  # the start that glassnet makes
mended.fit(X, y, epochs=100, learning_rate=0.03)

before, after = (each.evaluate(X_new, y_new)["loss"] for each in (net, mended))
print(f"\nmean squared error on new rows: {before:.3f} before, {after:.3f} mended")


def picture(left, right):
    shown.curves(left, X, y, net, mended, "a jagged function")
    shown.losses(right, net.history, mended.history, log=True)


shown.draw(picture)
