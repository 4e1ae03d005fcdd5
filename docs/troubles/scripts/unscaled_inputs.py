"""Inputs unscaled: one column in the hundreds, one in hundredths: the small one is not heard."""

import shown

from glassnet import Network, datasets, diagnose, train_test_split

X, y = datasets.moons(300, noise=0.15, seed=0)
X = X * [100, 0.01]  # as if one were in centimetres and the other in kilometres
X, X_new, y, y_new = train_test_split(X, y, seed=0)

net = Network([2, 16, 1], seed=0)
net.fit(X, y, epochs=100, learning_rate=0.02)
report = diagnose(net, X, y)
print(report)

mended = Network([2, 16, 1], seed=0)
mended.fit(X, y, epochs=100, learning_rate=0.02, standardize=True)

before, after = (1 - each.test_accuracy(X_new, y_new) for each in (net, mended))
print(f"\nnew rows called wrong: {before:.1%} before, {after:.1%} mended")


def picture(left, right):
    shown.boundary(left, net, X, y, "columns as they are: only x1 is listened to")
    shown.boundary(right, mended, X, y, "standardize=True")


shown.draw(picture)
