"""Lets Python sleep where libfaketime moves the clock: `./test --at` puts this folder on every process's path.

Python 3.11 sleeps until a moment of the monotonic clock, and libfaketime 0.9.10 moves that moment though it was told to
leave this clock alone: the system then refuses it. Waiting for nothing on no file is the same sleep by another call.
"""

import select
import time
from typing import SupportsIndex


def _sleep(seconds: float | SupportsIndex, /) -> None:
    if float(seconds) < 0:
        raise ValueError("sleep length must be non-negative")
    select.select([], [], [], float(seconds))


time.sleep = _sleep
