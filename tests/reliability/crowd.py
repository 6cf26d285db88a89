"""Many at the same instant: threads that wait for each other at the door and then all go in."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from k5web.errors import K5Error, Unavailable

T = TypeVar("T")
PATIENCE = 20


def insist(work: Callable[[], T]) -> T:
    """Do the work, and again as long as it is put off, as whoever asks must. Raises: what the work refuses with."""
    for _ in range(PATIENCE):
        try:
            return work()
        except Unavailable:
            continue
    return work()


class Crowd:
    """So many threads, kept for many rounds."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._pool = ThreadPoolExecutor(size)

    def at_once(self, *works: Callable[[], T]) -> list[T | K5Error]:
        """Start all works in one instant; return what each gave, or the refusal it got. A bug is raised."""
        assert len(works) <= self._size
        door = Barrier(len(works))

        def go(work: Callable[[], T]) -> T | K5Error:
            door.wait()
            try:
                return work()
            except K5Error as refusal:
                return refusal

        return list(self._pool.map(go, works))

    def share(self, works: Iterable[Callable[[], T]]) -> list[T | K5Error]:
        """Do all works, as many at a time as there are threads; the same answers."""

        def go(work: Callable[[], T]) -> T | K5Error:
            try:
                return work()
            except K5Error as refusal:
                return refusal

        return list(self._pool.map(go, works))

    def close(self) -> None:
        """Let everybody go home."""
        self._pool.shutdown()
