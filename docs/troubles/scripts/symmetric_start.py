"""A symmetric start: all weights are equal, so that all units learn the same for ever."""

import shown

from glassnet import Network, datasets, diagnose, train_test_split

X, y = datasets.xor(200, noise=0.15, seed=0)
X, X_new, y, y_new = train_test_split(X, y, seed=0)

net = Network([2, 8, 1], activation="tanh", seed=0)
for weights in net.weights:
    weights[:] = 0.5
net.fit(X, y, epochs=60, learning_rate=0.05)
report = diagnose(net, X, y)
print(report)

mended = Network([2, 8, 1], activation="tanh", seed=0)  # a random start: each unit is another one
mended.fit(X, y, epochs=60, learning_rate=0.05)

before, after = (1 - each.test_accuracy(X_new, y_new) for each in (net, mended))
print(f"\nnew rows called wrong: {before:.1%} before, {after:.1%} mended")
print("\nweights into the 8 hidden units:", net.weights[0].round(2), sep="\n")


def picture(left, right):
    for axes, each, words in (
        (left, net, "8 equal units draw what one unit draws"),
        (right, mended, "mended: 8 different units"),
    ):
        shown.boundary(axes, each, X, y, words)


shown.draw(picture)
