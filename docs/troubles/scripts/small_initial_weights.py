"""Initial weights that are too small: nothing gets through the layers, and nothing comes back."""

import shown

from glassnet import Network, datasets, diagnostics, train_test_split

X, y = datasets.moons(300, noise=0.15, seed=0)
X, X_new, y, y_new = train_test_split(X, y, seed=0)

net = Network([2, 16, 16, 16, 1], activation="tanh", seed=0)
for weights in net.weights:
    weights *= 0.01
net.fit(X, y, epochs=40, learning_rate=0.01)
report = diagnostics.diagnose(net, X, y)
print(report)

mended = Network([2, 16, 16, 16, 1], activation="tanh", seed=0)  # the start that glassnet makes
mended.fit(X, y, epochs=40, learning_rate=0.01)

before, after = (1 - each.test_accuracy(X_new, y_new) for each in (net, mended))
print(f"\nnew rows called wrong: {before:.1%} before, {after:.1%} mended")


def picture(left, right):
    shown.boundary(left, net, X, y, "half of the plane is a guess")
    shown.losses(right, net.history, mended.history)


shown.draw(picture)
