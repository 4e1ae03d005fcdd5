"""Making things ahead: the next one is made in a second thread while the present one is used.

NumPy lets other threads run while it gathers, converts or multiplies; the thread has few and long
calls to make, so that it seldom asks for Python's lock.
"""

from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy as np

Made = TypeVar("Made")


def ahead(make: Callable[[int], Made], count: int) -> Iterator[Made]:
    """make(0) .. make(count - 1), in this order.

    make(k + 1) begins when make(k) is handed out, and the one before is done with: it may write
    over it. What `make` raises is raised here. Without threads (in a browser) nothing is ahead.
    """
    import threading  # late: whoever only predicts needs neither
    from queue import SimpleQueue

    asked: SimpleQueue[int | None] = SimpleQueue()
    made: SimpleQueue[tuple[Made | None, BaseException | None]] = SimpleQueue()

    def work() -> None:
        with np.errstate(all="ignore"):  # each thread has its own
            while (number := asked.get()) is not None:
                try:
                    made.put((make(number), None))
                except BaseException as error:  # whatever it is, it belongs to who asked
                    made.put((None, error))

    thread = threading.Thread(target=work, name="glassnet reads ahead", daemon=True)
    try:
        thread.start()
    except RuntimeError:
        yield from map(make, range(count))
        return
    try:
        for number in range(count):
            if number == 0:
                asked.put(0)
            item, error = made.get()
            if error is not None:
                raise error
            asked.put(number + 1 if number + 1 < count else None)
            yield item  # type: ignore[misc]  # there is one where there is no error
    finally:
        asked.put(None)
        thread.join()
