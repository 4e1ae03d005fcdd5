"""Gradient ascent: one sign is wrong, and each step makes the loss larger instead of smaller."""

import shown

from glassnet import Network, OwnLoss, datasets, diagnose

X, y = datasets.sine(200, noise=0.1, seed=0)


def squares(scores, targets):
    return (scores - targets) ** 2


def uphill(scores, targets):
    return 2 * (targets - scores)  # the wrong way round


def downhill(scores, targets):
    return 2 * (scores - targets)


net = Network([1, 16, 1], activation="tanh", loss=OwnLoss("mine", squares, uphill), seed=0)
net.fit(X, y, epochs=25, learning_rate=0.01)
report = diagnose(net, X, y)
print(report)

mended = Network([1, 16, 1], activation="tanh", loss=OwnLoss("mine", squares, downhill), seed=0)
mended.fit(X, y, epochs=25, learning_rate=0.01)

before, after = (each.evaluate(X, y)["loss"] for each in (net, mended))
print(f"\nmean squared error: {before:.3g} before, {after:.3g} mended")


def picture(left, right):
    shown.losses(left, net.history, mended.history, log=True)
    shown.curve(right, net, X, y, "each step took it further away from the data")


shown.draw(picture)
