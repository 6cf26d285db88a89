"""Measured ratios: each module's `run` compares K5 with a plain rival on this machine, in the same minute."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """One comparison. Units: `ours` and `theirs` alike, named by `unit`; `aim` is the least ratio wished for."""

    name: str
    ours: float
    rival: str
    theirs: float
    unit: str
    aim: float | None = None

    @property
    def ratio(self) -> float:
        """How many times the rival's figure ours is."""
        return self.ours / self.theirs
