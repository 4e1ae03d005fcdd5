"""MNIST: 70,000 handwritten digits of 28 x 28 pixels (LeCun, Cortes and Burges; CC BY-SA 3.0).

The files are looked for on this machine first and downloaded only if they are nowhere. The file
names may be those of the original or of Kaggle's edition. To add a mirror, add it to MIRRORS; to
look in another place, edit places.py.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from glassnet.core.checks import show
from glassnet.datasets.idx import read_idx
from glassnet.datasets.places import download_folder, places

if TYPE_CHECKING:
    from numpy.typing import NDArray

MIRRORS: Final = (
    "https://ossci-datasets.s3.amazonaws.com/mnist",
    "https://storage.googleapis.com/cvdf-datasets/mnist",
)

# name, size in bytes and SHA-256 of each file, unpacked
FILES: Final = (
    (
        "train-images-idx3-ubyte",
        47_040_016,
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    ),
    (
        "train-labels-idx1-ubyte",
        60_008,
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    (
        "t10k-images-idx3-ubyte",
        7_840_016,
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    (
        "t10k-labels-idx1-ubyte",
        10_008,
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
)

HINT: Final = (
    "Get the files train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, "
    "t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz in another way, and name their "
    "folder: load_mnist(folder), or the environment variable GLASSNET_DATA."
)


class Mnist(NamedTuple):
    """Images (rows, 784) of uint8 and labels (rows,) of int64, for training and for testing."""

    X_train: NDArray[np.uint8]
    y_train: NDArray[np.int64]
    X_test: NDArray[np.uint8]
    y_test: NDArray[np.int64]


def load_mnist(
    folder: str | os.PathLike[str] | None = None,
    *,
    download: bool = True,
    mirrors: Sequence[str] = MIRRORS,
) -> Mnist:
    """MNIST as `X_train, y_train, X_test, y_test`.

    Args:
        folder: where the four files are, or are to be downloaded to. Without it they are looked
            for in the folder that the environment variable GLASSNET_DATA names (or its
            sub-folder mnist), in data/mnist of a checkout of glassnet, and in the user's cache;
            a download goes to GLASSNET_DATA/mnist if that is set, else to the cache.
        download: whether to download files that are not found.
        mirrors: addresses to download from, first to last choice.

    Returns:
        X_train (60000, 784) and X_test (10000, 784): uint8, 0 (paper) to 255 (ink), each row one
        image of 28 x 28 pixels, row by row. y_train (60000,) and y_test (10000,): int64, the
        digits 0 to 9. Other sets in MNIST's format (as Fashion-MNIST, or a few rows of one) may
        have other numbers of rows.

    Raises:
        OSError: the files were not found and not downloaded; the message lists what was tried.
        ValueError: a file is damaged, or does not fit the others.
    """
    if folder is not None and not isinstance(folder, str | os.PathLike):
        raise TypeError(f"folder={show(folder)} is not the path of a folder.")
    if isinstance(mirrors, str):
        raise TypeError(f"mirrors={show(mirrors)} is one text: give a list of addresses.")
    looked_in = [Path(os.path.expanduser(folder))] if folder is not None else places("mnist")
    for place in looked_in:
        paths = [find(place, name) for name, _, _ in FILES]
        if None not in paths:
            return _read([path for path in paths if path is not None])
    if not download:
        raise FileNotFoundError(f"MNIST is not in {_listed(looked_in)}. {HINT}")
    target = looked_in[0] if folder is not None else download_folder("mnist")
    return _read(_download(target, mirrors, looked_in))


def find(folder: Path, name: str) -> Path | None:
    """The file in `folder` or a folder of its own name: spelt with dash or dot, packed or not."""
    for spelling in (name, name.replace("-idx", ".idx")):
        for file in (spelling, f"{spelling}.gz"):
            for path in (folder / file, folder / spelling / file):
                if path.is_file():
                    return path
    return None


def _download(target: Path | None, mirrors: Sequence[str], looked_in: list[Path]) -> list[Path]:
    """The paths of the four files in `target`, downloading those that are not there."""
    from glassnet.datasets.download import Wanted, fetch

    start = f"MNIST is not in {_listed(looked_in)}, and"
    if target is None:
        raise FileNotFoundError(f"{start} there is no cache folder to download it to. {HINT}")
    try:
        return [find(target, file[0]) or fetch(Wanted(*file), target, mirrors) for file in FILES]
    except OSError as error:
        raise OSError(f"{start} downloading it to {target} failed: {error}. {HINT}") from error


def _read(paths: list[Path]) -> Mnist:
    """The four arrays, from files in the order of FILES."""
    X_train, y_train = _read_pair(*paths[:2])
    X_test, y_test = _read_pair(*paths[2:])
    return Mnist(X_train, y_train, X_test, y_test)


def _read_pair(images_path: Path, labels_path: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    images, labels = read_idx(images_path), read_idx(labels_path)
    if images.dtype != np.uint8 or images.shape[1:] != (28, 28):
        raise ValueError(
            f"{images_path} holds {_kind(images)}, expected images of (rows, 28, 28) uint8."
        )
    if labels.dtype != np.uint8 or labels.shape != images.shape[:1]:
        raise ValueError(
            f"{labels_path} holds {_kind(labels)}, expected one uint8 for each of the "
            f"{len(images):,} images in {images_path}."
        )
    if labels.max(initial=0) > 9:
        raise ValueError(f"{labels_path} holds the label {labels.max()}, expected 0 to 9.")
    return images.reshape(len(images), 784), labels.astype(np.int64)


def _kind(array: NDArray[Any]) -> str:
    return f"{array.dtype.name} of shape {array.shape}"


def _listed(folders: list[Path]) -> str:
    return " or ".join(str(folder) for folder in folders)
