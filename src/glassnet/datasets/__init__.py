"""Data sets to learn from: MNIST, small handwritten digits, made-up problems, and IDX files.

One file a data set; the made-up problems share toy.py. To add one, write its file and name it here.
Nothing that a download needs is imported before a download.
"""

from glassnet.datasets.digits import load_digits
from glassnet.datasets.idx import read_idx
from glassnet.datasets.mnist import load_mnist
from glassnet.datasets.toy import blobs, circles, moons, sine, spirals, xor

__all__ = [
    "blobs",
    "circles",
    "load_digits",
    "load_mnist",
    "moons",
    "read_idx",
    "sine",
    "spirals",
    "xor",
]
