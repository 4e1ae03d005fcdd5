"""Dead units: hidden units that give 0 for every row, and can never learn again."""

import shown

from glassnet import Network, datasets, diagnose, plots, train_test_split

X, y = datasets.moons(300, noise=0.15, seed=0)
X, X_new, y, y_new = train_test_split(X, y, seed=0)  # X_new, y_new: rows that it never sees

net = Network([2, 16, 1], activation="relu", seed=0)
net.biases[0][:14] = -5  # as after one step that was far too large
net.fit(X, y, epochs=100, learning_rate=0.05)
report = diagnose(net, X, y)
print(report)

mended = Network([2, 16, 1], activation="relu", seed=0)  # the start that glassnet makes
mended.fit(X, y, epochs=100, learning_rate=0.05)

before, after = (1 - each.test_accuracy(X_new, y_new) for each in (net, mended))
print(f"\nnew rows called wrong: {before:.1%} before, {after:.1%} mended")


def picture(left, right):
    plots.decision_boundary(net, X, y, ax=left)
    left.set_title("15 of 16 units dead: one is left to draw the border", **shown.TITLE)
    shown.losses(right, net.history, mended.history)


shown.draw(picture)
