"""A learning rate that is too high: each step jumps over the valley that it should go down."""

import shown

from glassnet import Network, datasets, diagnose, train_test_split

X, y = datasets.spirals(300, noise=0.1, seed=0)
X, X_new, y, y_new = train_test_split(X, y, seed=0)

net = Network([2, 16, 16, 1], seed=0)
net.fit(X, y, epochs=60, learning_rate=1.0)
report = diagnose(net, X, y)
print(report)

mended = Network([2, 16, 16, 1], seed=0)
mended.fit(X, y, epochs=60, learning_rate=0.1)

before, after = (1 - each.test_accuracy(X_new, y_new) for each in (net, mended))
print(f"\nnew rows called wrong: {before:.1%} before, {after:.1%} mended")


def picture(left, right):
    shown.losses(left, net.history, mended.history)
    shown.boundary(right, net, X, y, "what it has learned with the trouble")


shown.draw(picture)
