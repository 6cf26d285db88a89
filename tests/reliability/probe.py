"""How busy the machine is, beside what is measured on it: a little plain work again and again, by a process of its own.

Each line tells the moment on the monotonic clock and how long it took: computing, then a flush to the disk.
"""

import os
import sys
import tempfile
import time

from tests.effort import make_lists

PAUSE_S = 0.2
LISTS_AT_ONCE = 10  # some five milliseconds


def main() -> None:
    """Work and tell until somebody ends it."""
    with tempfile.TemporaryFile() as file:
        while True:
            began = time.monotonic()
            for _ in range(LISTS_AT_ONCE):
                make_lists()
            os.pwrite(file.fileno(), b"x", 0)
            os.fsync(file.fileno())
            now = time.monotonic()
            sys.stdout.write(f"{now} {now - began}\n")
            sys.stdout.flush()
            time.sleep(PAUSE_S)


if __name__ == "__main__":
    main()
