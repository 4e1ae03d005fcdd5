"""Sizes of layers: how large they may be, and what the loss asks of the last."""

import pytest
from refusals import refused

from glassnet import Network
from glassnet.losses import Pinball


@pytest.mark.parametrize("size", [2**48 + 1, 10**30, 10**400, 10**5000], ids=int.bit_length)
def test_sizes_beyond_reason_are_refused_before_anything_is_computed(size: int) -> None:
    refused(lambda: Network([size, 2]), ValueError, "layers[0] must be at most 2**48")
    refused(lambda: Network([3, 2, size]), ValueError, "layers[2] must be at most 2**48")
    refused(lambda: Network([2**48, 2**48]), ValueError, "GiB")


def test_outputs_are_a_multiple_of_what_the_loss_needs_for_each_target() -> None:
    words = ("layers=[3, 3]", "multiple of 2", "'gaussian'", "got 3")
    refused(lambda: Network([3, 3], loss="gaussian"), ValueError, *words)
    loss = Pinball((0.1, 0.5, 0.9))
    refused(lambda: Network([3, 4], loss=loss), ValueError, "multiple of 3", "'pinball'")
    assert Network([3, 6], loss=loss).layers == (3, 6)


def test_a_long_list_of_quantiles_is_not_shown_in_full() -> None:
    levels = tuple(i / 1000 for i in range(999, 0, -1))
    refused(lambda: Pinball(levels), ValueError, "quantiles must rise", "0.999")


def test_labels_that_would_fill_the_memory_as_an_array_of_texts_are_refused():
    long = "a" * 1_000_000  # NumPy would give each of the twenty as much room
    with pytest.raises(ValueError, match="a label of 1000000 letters"):
        Network([1, 20], classes=[long, *map(str, range(19))])
    assert Network([1, 2], classes=[long, "b"]).classes[1] == "b"
