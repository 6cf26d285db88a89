"""Whether two samples of times tell apart what was asked, by Kolmogorov and Smirnov's distance.

It is the widest gap between the parts of both that are at most so long. Below the bound of one per cent chance nobody
learns anything from so many answers.
"""

from bisect import bisect_right
from math import log, sqrt
from typing import Final

CHANCE: Final = 0.01


def distance(one: list[float], other: list[float]) -> float:
    """Return the widest gap between two samples' cumulative parts."""
    one, other = sorted(one), sorted(other)
    return max(abs(bisect_right(one, at) / len(one) - bisect_right(other, at) / len(other)) for at in one + other)


def bound(size: int) -> float:
    """Return the distance that two samples of this size, of the same kind, exceed once in a hundred times."""
    return sqrt(-log(CHANCE / 2) / size)
