"""The 1,797 handwritten digits of 8 x 8 pixels that come with glassnet, for first steps offline.

They are the test set of "Optical Recognition of Handwritten Digits" (E. Alpaydin and C. Kaynak,
UCI Machine Learning Repository, 1998; CC BY 4.0). Another small set: put its files into `files`,
describe them in the README there, and add a function like this one. The wheel stays under 300 kB.
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
    counts = np.ascontiguousarray(read_idx(FILES / "digits-pixels-idx2-ubyte.gz").T)
    labels = read_idx(FILES / "digits-labels-idx1-ubyte.gz")
    return counts.astype(np.float32) / np.float32(16), labels.astype(np.int64)
