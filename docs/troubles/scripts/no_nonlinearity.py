"""No non-linearity: layers without an activation are together no more than one straight line."""

import shown

from glassnet import Network, datasets, diagnose, train_test_split

X, y = datasets.moons(300, noise=0.15, seed=0)
X, X_new, y, y_new = train_test_split(X, y, seed=0)

net = Network([2, 16, 16, 1], activation="identity", seed=0)  # "identity": none
net.fit(X, y, epochs=100)
report = diagnose(net, X, y)
print(report)

mended = Network([2, 16, 16, 1], activation="leaky_relu", seed=0)
mended.fit(X, y, epochs=100)

before, after = (1 - each.test_accuracy(X_new, y_new) for each in (net, mended))
print(f"\nnew rows called wrong: {before:.1%} before, {after:.1%} mended")


def picture(left, right):
    shown.boundary(left, net, X, y, "three layers, no activation: a straight border")
    shown.boundary(right, mended, X, y, "the same layers with leaky ReLU")


shown.draw(picture)
