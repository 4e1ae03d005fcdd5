"""A network that is too small: two units can draw two straight borders, and a circle needs more."""

import shown

from glassnet import Network, datasets, diagnose, train_test_split

X, y = datasets.circles(300, noise=0.05, seed=0)
X, X_new, y, y_new = train_test_split(X, y, seed=0)

net = Network([2, 2, 1], seed=0)
net.fit(X, y, epochs=100, learning_rate=0.05)
report = diagnose(net, X, y)
print(report)

mended = Network(layers=[2, 32, 32, 1], seed=0)
mended.fit(X, y, epochs=100, learning_rate=0.05)

before, after = (1 - each.test_accuracy(X_new, y_new) for each in (net, mended))
print(f"\nnew rows called wrong: {before:.1%} before, {after:.1%} mended")


def picture(left, right):
    for axes, each, words in ((left, net, "2 hidden units"), (right, mended, "32 and 32 units")):
        shown.boundary(axes, each, X, y, words)


shown.draw(picture)
