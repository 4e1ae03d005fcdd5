"""How a refusal is held to the rules: the right error, in few words that name the argument, say
what was given and what is allowed; and nothing changed."""

from collections.abc import Callable
from typing import Any

import pytest
from small_problems import state

from glassnet import Network

LONGEST = 400


def refused(call: Callable[[], Any], error: type[Exception], *words: str) -> str:
    """The message of the error that the call raises: exactly that class, with all these words."""
    with pytest.raises((ValueError, TypeError)) as caught:
        call()
    message = str(caught.value)
    assert type(caught.value) is error, message
    for word in words:
        assert word in message, message
    assert len(message) < LONGEST, message
    assert "\n" not in message, message
    return message


def refused_unchanged(
    network: Network, call: Callable[[], Any], error: type[Exception], *words: str
) -> str:
    """As `refused`, and the network is as it was before the call."""
    before = state(network)
    message = refused(call, error, *words)
    assert state(network) == before, message
    return message
