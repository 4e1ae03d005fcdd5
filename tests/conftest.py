"""What all tests share: the same examples in every run, and no clock that decides.

A property that fails prints its smallest example; write that down as a test of its own.
"""

import signal
import threading

from hypothesis import settings

# A shell has what it runs in the background ignore Ctrl-C; what tests start would inherit that.
if threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("same every time", derandomize=True, deadline=None, database=None)
settings.load_profile("same every time")
