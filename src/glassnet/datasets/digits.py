"""The 1,797 handwritten digits of 8 x 8 pixels that come with glassnet, for first steps offline.

They are the test set of "Optical Recognition of Handwritten Digits" (E. Alpaydin and C. Kaynak,
UCI Machine Learning Repository, 1998; CC BY 4.0). Another small set: put its files into `files`,
describe them in the README there, and add a function like this one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from glassnet.datasets.idx import read_idx

if TYPE_CHECKING:
    from numpy.typing import NDArray

FILES: Final = Path(__file__).with_name("files")


def load_digits() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Small handwritten digits as `X, y`; the rows are in the order of the source.

    Returns:
        X (1797, 64): float32, 0.0 (paper) to 1.0 (ink) in steps of 1/16, each row one image of
        8 x 8 pixels, row by row. The source counts 0 to 16 dark points a pixel; X is that count
        divided by 16, exactly. (As bytes the counts would be taken for pixels of 0 to 255.)
        y (1797,): int64, the digits 0 to 9.
    """
    labels = read_idx(FILES / "digits-labels-idx1-ubyte.gz")
    counts = _in_order(read_idx(FILES / "digits-pixels-idx2-ubyte.gz"), labels)
    return counts.T.astype(np.float32, order="C") / np.float32(16), labels.astype(np.int64)


def _in_order(stored: NDArray[np.uint8], labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Counts (pixels, images) in the order of the source.

    A pixel's counts are stored sorted by what is known before it is read, the label, the pixel
    above and the one to the left: so alike ones are neighbours, and the file is a fifth smaller.
    """
    counts, paper = np.empty_like(stored), np.zeros_like(labels)
    for pixel, values in enumerate(stored):
        above = counts[pixel - 8] if pixel >= 8 else paper
        left = counts[pixel - 1] if pixel % 8 else paper
        counts[pixel, np.lexsort((left, above, labels))] = values
    return counts
