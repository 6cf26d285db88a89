"""Works in turn, round after round: what else the machine does meanwhile counts for all of them. And processor time,
which other work changes little."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

ROUNDS = 5
_TICKS = os.sysconf("SC_CLK_TCK")


def medians(works: Mapping[str, Callable[[], float]], rounds: int = ROUNDS) -> dict[str, float]:
    """Do each work once a round, one after the other; return the median of what each of them found."""
    found = [{name: work() for name, work in works.items()} for _ in range(rounds)]
    return {name: median(one[name] for one in found) for name in works}


def processor_s(process: int) -> float:
    """Return the processor time of a process and of all it began, ended ones too. Units: seconds."""
    # The name in brackets may hold blanks: user and system time, then both of the children that ended
    spent = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:15]
    return sum(map(int, spent)) / _TICKS + sum(map(processor_s, children(process)))


def children(process: int) -> list[int]:
    """Return the processes that this one began and that still run."""
    return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
