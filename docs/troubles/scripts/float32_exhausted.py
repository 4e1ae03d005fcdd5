"""Float32 exhausted: numbers as large as a date in seconds lose the digits in which they differ."""

import numpy as np
import shown

from glassnet import Network, diagnose

EPOCH = 1_700_000_000  # seconds since 1970, as computers count
rng = np.random.default_rng(0)
seconds = rng.uniform(0, 3600, 300)  # one hour
X = EPOCH + seconds[:, None]
y = np.sin(seconds / 500) + 0.1 * rng.normal(size=300)

net = Network([1, 16, 1], activation="tanh", seed=0)  # the default: dtype="float32"
net.fit(X, y, epochs=100, learning_rate=0.02)
report = diagnose(net, X, y)
print(report)

mended = Network([1, 16, 1], activation="tanh", dtype="float64", seed=0)
mended.fit(X, y, epochs=100, learning_rate=0.02, standardize=True)

error = "root_mean_squared_error"
before, after = (each.evaluate(X, y, metrics=[error])[error] for each in (net, mended))
print(f"\ntypical error: {before:.2f} before, {after:.2f} mended")


def picture(left, right):
    rounded = X[:, 0].astype(np.float32).astype(float) - EPOCH
    line = np.linspace(0, 3600, 400)
    for ax, each, x, title, colour in (
        (left, net, rounded, "as float32 has it: time goes in steps of 128 s", shown.TROUBLE),
        (right, mended, seconds, "float64, and standardised", shown.MENDED),
    ):
        ax.plot(x / 60, y, ".", color=shown.style.MUTED)
        ax.plot(line / 60, each.predict(EPOCH + line[:, None]), color=colour, linewidth=3)
        shown.style.dress(ax, title, "minutes", "y")


shown.draw(picture)
