"""Initial weights that are too small: nothing gets through the layers, and nothing comes back."""

import shown

from glassnet import Network, datasets, diagnose, diagnostics, train_test_split

X, y = datasets.moons(300, noise=0.15, seed=0)
X, X_new, y, y_new = train_test_split(X, y, seed=0)
layers = [2, 16, 16, 16, 16, 1]
inside, outside = diagnostics.Recorder(), diagnostics.Recorder()  # numbers of each layer

net = Network(layers, activation="tanh", seed=0)
for weights in net.weights:
    weights *= 0.01
net.fit(X, y, epochs=40, learning_rate=0.01, callbacks=[inside])
report = diagnose(net, X, y)
print(report)

mended = Network(layers, activation="tanh", seed=0)  # the start that glassnet makes
mended.fit(X, y, epochs=40, learning_rate=0.01, callbacks=[outside])

before, after = (1 - each.test_accuracy(X_new, y_new) for each in (net, mended))
print(f"\nnew rows called wrong: {before:.1%} before, {after:.1%} mended")


def picture(left, right):
    title = "how much is left of the signal after each layer"
    shown.layers(left, inside, outside, "outputs_spread", title, "spread of outputs")
    shown.losses(right, net.history, mended.history)


shown.draw(picture)
