"""Exploding gradients: layers that each begin a little too strong, and together far too strong."""

import shown

from glassnet import Network, datasets, diagnose, diagnostics, train_test_split

X, y = datasets.moons(300, noise=0.15, seed=0)
X, X_new, y, y_new = train_test_split(X, y, seed=0)
layers = [2, 16, 16, 16, 16, 16, 16, 16, 1]
inside, outside = diagnostics.Recorder(), diagnostics.Recorder()  # numbers of each layer

net = Network(layers, seed=0)
for weights in net.weights:
    weights *= 2.5  # eight times in a row: 2.5 to the power of 8 is 1,500
net.fit(X, y, epochs=30, callbacks=[inside])
report = diagnose(net, X, y)
print(report)

mended = Network(layers, seed=0)  # the start that glassnet makes
mended.fit(X, y, epochs=30, callbacks=[outside])

before, after = (1 - each.test_accuracy(X_new, y_new) for each in (net, mended))
print(f"\nnew rows called wrong: {before:.1%} before, {after:.1%} mended")


def picture(left, right):
    title = "how strong the gradient is in the first step"
    shown.layers(left, inside, outside, "gradient_norm", title, "norm of the gradient")
    shown.losses(right, net.history, mended.history, log=True)


shown.draw(picture)
