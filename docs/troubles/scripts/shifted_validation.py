"""Shifted validation: the rows for validation are of another kind than those to learn from."""

import shown

from glassnet import Network, datasets, diagnose, train_test_split

X, y = datasets.sine(300, noise=0.1, seed=0)
early = X[:, 0] < 0.5  # learn from the beginning, judge by the end
X_train, y_train, X_val, y_val = X[early], y[early], X[~early], y[~early]

net = Network([1, 16, 1], activation="tanh", seed=0)
net.fit(X_train, y_train, epochs=200, validation_data=(X_val, y_val))
report = diagnose(net, X_train, y_train, validation_data=(X_val, y_val))
print(report)

X_train, X_fair, y_train, y_fair = train_test_split(X, y, seed=0)  # drawn by chance
mended = Network([1, 16, 1], activation="tanh", seed=0)
mended.fit(X_train, y_train, epochs=200, validation_data=(X_fair, y_fair))

before, after = (each.history[-1]["val_loss"] for each in (net, mended))
print(f"\nloss on rows for validation: {before:.3f} before, {after:.3f} mended")


def picture(left, right):
    shown.curve(left, net, X, y, "learned from x < 0.5, judged by the rest (shaded)")
    left.axvspan(0.5, 3.4, color=shown.TROUBLE, alpha=0.15)
    shown.losses(right, net.history, mended.history, key="val_loss", title="validation loss")


shown.draw(picture)
