"""What all tests share: the same examples in every run, and no clock that decides.

A property that fails prints its smallest example; write that down as a test of its own.
"""

from hypothesis import settings

settings.register_profile("same every time", derandomize=True, deadline=None, database=None)
settings.load_profile("same every time")
