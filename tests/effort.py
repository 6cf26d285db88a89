"""Compares what two pieces of work cost on the same core in the same moment.

A busy or slow machine is slow at both, so a bound on the quotient holds anywhere; a bound in seconds does not.
"""

import time
from collections.abc import Callable

TURNS = 5
LISTS = 10_000  # made in about half a millisecond


def is_cheaper(work: Callable[[], object], than: Callable[[], object], times: float = 1) -> bool:
    """Return whether the work costs less than the other work so many times, each by its cheapest turn.

    Only this thread's time is taken: what others do with the machine meanwhile weighs little, and on both sides.
    """
    turns = [(_time_of(work), _time_of(than)) for _ in range(TURNS)]
    return min(ours for ours, _ in turns) < times * min(theirs for _, theirs in turns)


def make_lists() -> object:
    """Be the plain work that others are held against: it takes memory, as reading a document does."""
    return [[] for _ in range(LISTS)]


def _time_of(work: Callable[[], object]) -> float:
    began = time.thread_time()
    work()
    return time.thread_time() - began
