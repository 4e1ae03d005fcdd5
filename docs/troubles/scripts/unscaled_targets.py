"""Targets unscaled: numbers near 20,000, which the output has to reach from 0 in small steps."""

import shown

from glassnet import Network, datasets, diagnose

X, y = datasets.sine(200, noise=0.1, seed=0)
y = 20_000 + 1_000 * y  # prices, say

net = Network([1, 16, 1], activation="tanh", seed=0)
net.fit(X, y, epochs=100, learning_rate=0.02)
report = diagnose(net, X, y)
print(report)

mended = Network([1, 16, 1], activation="tanh", seed=0)
mended.fit(X, y, epochs=100, learning_rate=0.02, standardize=True)

error = "root_mean_squared_error"
before, after = (each.evaluate(X, y, metrics=[error])[error] for each in (net, mended))
print(f"\ntypical error: {before:,.0f} before, {after:,.0f} mended")


def picture(left, right):
    shown.curve(left, net, X, y, "after 100 epochs it is still near 0")
    shown.curve(right, mended, X, y, "standardize=True (the axis begins at 18,500)", mended=True)
    right.set_ylim(18_500, 21_500)


shown.draw(picture)
