"""Measured ratios: each module's `run` compares K5 with a plain rival on this machine, in the same minute."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """One comparison. Units: `ours` and `theirs` alike, named by `unit`; `aim` is the least ratio wished for.

    `cpu_ms`: what one piece of our work took of the processor, and one of the rival's, where both are known.
    """

    name: str
    ours: float
    rival: str
    theirs: float
    unit: str
    aim: float | None = None
    cpu_ms: tuple[float, float] | None = None

    @property
    def ratio(self) -> float:
        """How many times the rival's figure ours is."""
        return self.ours / self.theirs
