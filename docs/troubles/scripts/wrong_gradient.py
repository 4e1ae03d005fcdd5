"""A wrong gradient: an activation of one's own whose slope is not that of the function."""

import numpy as np
import shown

from glassnet import Network, OwnActivation, datasets, diagnose

X, y = datasets.moons(300, noise=0.15, seed=0)


def wrong(scores):
    return 1 - scores**2  # right for the outputs of tanh, but scores come in


def right_one(scores):
    return 1 - np.tanh(scores) ** 2


net = Network([2, 16, 16, 1], activation=OwnActivation("my tanh", np.tanh, wrong), seed=0)
net.fit(X, y, epochs=100)
report = diagnose(net, X, y)
print(report)

mended = Network([2, 16, 16, 1], activation=OwnActivation("my tanh", np.tanh, right_one), seed=0)
mended.fit(X, y, epochs=100)

before, after = (each.evaluate(X, y)["loss"] for each in (net, mended))
print(f"\nloss: {before:.3f} before, {after:.3f} mended")


def picture(left, right):
    shown.losses(left, net.history, mended.history)
    scores = np.linspace(-2.5, 2.5, 200)
    right.plot(scores, wrong(scores), color=shown.TROUBLE, linewidth=3, label="as it was written")
    right.plot(scores, right_one(scores), color=shown.MENDED, linewidth=3, label="of tanh")
    shown.style.dress(right, "the slope", "score")
    shown.style.legend(right)


shown.draw(picture)
