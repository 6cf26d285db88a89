"""Limits how much slow work runs at once in a process, so that quick requests do not wait for it."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from k5web.errors import Busy

AGAIN_S = 5  # when whoever found no place may ask again


class Turns:
    """At most `at_once` run at the same time. The next `waiting` wait up to `patience_s` seconds; the rest are refused
    at once."""

    def __init__(self, at_once: int, waiting: int = 0, patience_s: float = 0) -> None:
        self._places = threading.BoundedSemaphore(at_once + waiting)
        self._turns = threading.BoundedSemaphore(at_once)
        self._patience_s = patience_s

    @contextmanager
    def take(self) -> Iterator[None]:
        """Have a turn for the length of the block. Raises: Busy (nothing was done)."""
        if not self._places.acquire(blocking=False):
            raise Busy(wait_s=AGAIN_S)
        try:
            if not self._turns.acquire(timeout=self._patience_s):
                raise Busy(wait_s=AGAIN_S)
            try:
                yield
            finally:
                self._turns.release()
        finally:
            self._places.release()


class TurnsByName:
    """The same, for each name separately: one silent provider does not block the others."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._lock = threading.Lock()
        self._of: dict[str, Turns] = {}

    def take(self, name: str) -> AbstractContextManager[None]:
        """Return a turn of this name. Entering it raises: Busy."""
        with self._lock:
            turns = self._of.setdefault(name, Turns(self._at_once))
        return turns.take()
