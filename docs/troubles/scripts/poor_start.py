"""A poor start: by bad luck training ends in a place from which every small step leads uphill."""

import shown

from glassnet import Network, datasets, diagnose, train_test_split

X, y = datasets.xor(200, noise=0.1, seed=0)
X, X_new, y, y_new = train_test_split(X, y, seed=0)

net = Network([2, 4, 1], seed=9)
net.fit(X, y, epochs=60, learning_rate=0.05)
report = diagnose(net, X, y)
print(report)

mended = Network([2, 4, 1], seed=9)
mended.fit(X, y, epochs=60, learning_rate=0.05, restarts=8)  # the best of 8 random starts

before, after = (1 - each.test_accuracy(X_new, y_new) for each in (net, mended))
print(f"\nnew rows called wrong: {before:.1%} before, {after:.1%} mended")


def picture(left, right):
    for seed in range(12):
        other = Network([2, 4, 1], seed=seed)
        losses = [record["loss"] for record in other.fit(X, y, epochs=60, learning_rate=0.05)]
        left.plot(losses, color=shown.TROUBLE if seed == 9 else shown.MENDED)
    shown.style.dress(left, "the same network from 12 seeds: one is stuck", "epoch", "loss")
    shown.boundary(right, net, X, y, "what the one that is stuck has learned")


shown.draw(picture)
