"""A leaking column: it gives y away, because it is known only afterwards."""

import numpy as np
import shown

from glassnet import Network, datasets, diagnose, train_test_split

X, y = datasets.moons(400, noise=0.35, seed=0)  # y: does the customer leave?
farewell = y + 0.1 * np.random.default_rng(0).normal(size=400)  # letters to those who have left
X = np.column_stack([X, farewell])
X, X_new, y, y_new = train_test_split(X, y, seed=0)

net = Network([3, 16, 1], seed=0)
net.fit(X, y, epochs=100, learning_rate=0.02)
report = diagnose(net, X, y)
print(report)

mended = Network([2, 16, 1], seed=0)
mended.fit(X[:, :2], y, epochs=100, learning_rate=0.02)

X_use = X_new * [1, 1, 0]  # in use nobody has left yet: no letters
tested, before = (1 - net.test_accuracy(each, y_new) for each in (X_new, X_use))
after = 1 - mended.test_accuracy(X_new[:, :2], y_new)
print(f"\ncalled wrong in the test: {tested:.1%}; in use: {before:.1%} before, {after:.1%} mended")


def picture(left, right):
    for label, colour in ((0, shown.MENDED), (1, shown.TROUBLE)):
        left.hist(X[y == label, 2], 20, color=colour, label=f"y is {label}")
    shown.style.dress(left, "column 2 by itself tells the classes apart", "column 2", "rows")
    shown.style.legend(left)
    colours = shown.style.MUTED, shown.TROUBLE, shown.MENDED
    drawn = right.bar(range(3), [tested, before, after], 0.6, color=colours)
    right.bar_label(drawn, fmt="{:.0%}")
    right.set_xticks(range(3), ["test, with it", "in use, with it", "in use, without it"])
    shown.style.dress(right, "share of rows called wrong")


shown.draw(picture)
