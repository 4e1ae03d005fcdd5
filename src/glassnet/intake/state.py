"""A network's own state around a fit: in the dtype that the optimizer needs, and as it was before
where the call fails.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from ..core.arrays import put_within
from ..core.optimizer import Optimizer
from ..core.structure import Structure
from .architecture import physical_memory
from .bounds import refuse_outside


@contextmanager
def all_or_nothing(network: Structure) -> Iterator[None]:
    """What is settled in here is not, where it ends in an error."""
    settled = ["loss", "input_scaling", "target_scaling", "columns"]
    names = [*settled, "dtype", "_parameters", "gradients", "passes"]
    before = {name: getattr(network, name) for name in names}
    position = network.streams.order.state  # rows for validation may be drawn
    try:
        yield
    except BaseException:
        network.streams.order.state = position
        for name, value in before.items():
            setattr(network, name, value)
        raise


def in_its_dtype(network: Structure, optimizer: Optimizer) -> None:
    """Bring the parameters into the dtype that the optimizer needs, where it needs one; refuse,
    before anything is allocated, matrices that this machine has no room for."""
    count = network.parameters.shape[-1]
    needed = optimizer.matrices * 8 * count**2
    if needed > (there := physical_memory()):
        raise ValueError(
            f"the optimizer {type(optimizer).__name__} works with {optimizer.matrices} matrices of "
            f"{count:,} x {count:,} numbers, as many as there are parameters: "
            f"{needed / 2**30:,.1f} GiB; this machine has {there / 2**30:,.1f} GiB. Use fewer "
            "units, or optimizer='lbfgs' or 'adam'."
        )
    refuse_outside(network)
    dtype = np.dtype(optimizer.dtype or network.dtype)
    if dtype != network.dtype:
        network.dtype, network._parameters = dtype, network.parameters.astype(dtype)
        put_within(network.parameters, network.bounds)  # what is fixed has all its digits now
        network._lay_out()
