"""Batches that are too large: each epoch is one step, and ten epochs are ten steps."""

import shown

from glassnet import Network, datasets, diagnose, train_test_split

X, y = datasets.load_digits()
X, X_new, y, y_new = train_test_split(X, y, seed=0, stratify=True)

net = Network([64, 16, 10], seed=0)
net.fit(X, y, epochs=10, batch_size=len(X), learning_rate=0.01)
report = diagnose(net, X, y)
print(report)

mended = Network([64, 16, 10], seed=0)
mended.fit(X, y, epochs=10, batch_size=32, learning_rate=0.01)

before, after = (1 - each.test_accuracy(X_new, y_new) for each in (net, mended))
print(f"\nnew rows called wrong: {before:.1%} before, {after:.1%} mended")


def picture(left, right):
    shown.losses(left, net.history, mended.history)
    for each, size, colour in ((net, len(X), shown.TROUBLE), (mended, 32, shown.MENDED)):
        steps = [-(-len(X) // size) * record["epoch"] for record in each.history]
        losses = [record["loss"] for record in each.history]
        right.plot(steps, losses, ".-", color=colour)
    shown.style.dress(right, "the same losses by steps: it made only ten", "step", "loss")


shown.draw(picture)
