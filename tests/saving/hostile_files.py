"""The hostile files of every format, and a good one: what the tests of all formats go by.

To add those of a format: a line in both tables.
"""

import hostile_builders
import hostile_npz
import hostile_pkl
import hostile_safetensors
import npz_builders
import pkl_builders

HOSTILE = {
    ".safetensors": hostile_safetensors.HOSTILE,
    ".npz": hostile_npz.HOSTILE,
    ".pkl": hostile_pkl.HOSTILE,
}
"""Each must be answered with ModelFileError: by suffix, by the name of the case."""

GOOD = {
    ".safetensors": hostile_builders.good(),
    ".npz": npz_builders.good(),
    ".pkl": pkl_builders.good(),
}
"""Files of a network of layers [3, 4, 2], written by hand."""

CASES = [(suffix, case) for suffix, cases in HOSTILE.items() for case in sorted(cases)]
