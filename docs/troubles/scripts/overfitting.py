"""Overfitting: the network knows its rows by heart, noise and all, and errs between them."""

import shown

from glassnet import Network, datasets, diagnose
from glassnet.plots import style

X, y = datasets.sine(20, noise=0.3, seed=3)
X_new, y_new = datasets.sine(200, noise=0.3, seed=1)

net = Network([1, 30, 1], activation="tanh", seed=0)
net.fit(X, y, epochs=300, optimizer="lbfgs")
report = diagnose(net, X, y, validation_data=(X_new, y_new))
print(report)

mended = Network([1, 30, 1], activation="tanh", seed=0)
mended.fit(X, y, epochs=300, optimizer="lbfgs", weight_decay=0.01)

before, after = (each.evaluate(X_new, y_new)["loss"] for each in (net, mended))
print(f"\nmean squared error on new rows: {before:.3f} before, {after:.3f} mended")


def picture(left, right):
    shown.curves(left, X, y, net, mended, "it errs between the rows that it knows")
    errors = [
        [each.evaluate(*rows)["loss"] for rows in ((X, y), (X_new, y_new))]
        for each in (net, mended)
    ]
    shown.bars(right, *errors, ["on training rows", "on new rows"])
    style.dress(right, "better on rows it knows, worse on others", "", "mean squared error")


shown.draw(picture)
