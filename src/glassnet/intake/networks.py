"""What is passed as a network, where a method of Network would not do.

To refuse one more thing in words of its own: a hint in `check_network`.
"""

from typing import Any

from ..core.checks import show
from ..core.network import Network
from ..core.structure import Structure


def check_network(network: Any) -> Network:
    """It as it is; a TypeError for whatever is no Network. A fleet is many."""
    if isinstance(network, Network):
        return network
    hint = " Of an estimator pass its network_." if hasattr(network, "fit") else ""
    if isinstance(network, Structure):
        hint = " Of a fleet pass a member, fleet[0]."
    raise TypeError(f"network must be a Network; got {show(network)}.{hint}")
