"""Vanishing gradients: a deep network of sigmoid units, whose first layers hardly learn."""

import shown

from glassnet import Network, datasets, diagnose, diagnostics, train_test_split

X, y = datasets.moons(300, noise=0.15, seed=0)
X, X_new, y, y_new = train_test_split(X, y, seed=0)
layers = [2, 8, 8, 8, 8, 1]
inside, outside = diagnostics.Recorder(), diagnostics.Recorder()  # numbers of each layer

net = Network(layers, activation="sigmoid", seed=0)
net.fit(X, y, epochs=60, learning_rate=0.02, callbacks=[inside])
report = diagnose(net, X, y)
print(report)

mended = Network(layers, activation="leaky_relu", seed=0)
mended.fit(X, y, epochs=60, learning_rate=0.02, callbacks=[outside])

before, after = (1 - each.test_accuracy(X_new, y_new) for each in (net, mended))
print(f"\nnew rows called wrong: {before:.1%} before, {after:.1%} mended")


def picture(left, right):
    title = "how strong the gradient is in the first step"
    shown.layers(left, inside, outside, "gradient_norm", title, "norm of the gradient")
    shown.losses(right, net.history, mended.history)


shown.draw(picture)
