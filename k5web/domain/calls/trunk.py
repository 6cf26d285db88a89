"""A line to a carrier: what it takes, how fast, and how it wants numbers written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class TrunkOff:
    """That staff have switched a trunk off: nothing new is sent there, what goes on and what comes in by it stays."""

    code: str
    at: datetime
    actor: str
    reason: str


@dataclass(frozen=True, slots=True)
class Trunk:
    """A line to a carrier. Several switches may share it."""

    code: str  # the name of its endpoint on the switch
    calls_at_once: int  # legs, over all switches: what the carrier lets in
    priority: int = 1  # the lowest goes first
    deck: str = ""  # the carrier's price list; "": carries everything, at unknown cost
    prefixes: tuple[str, ...] = ()  # the only numbers it is for; none: all
    caller_id: str = ""  # what it shows of a call that has no number of its own, digits; "": the switch's
    rewrites: Mapping[str, str] = field(default_factory=dict, hash=False)  # how numbers of a prefix begin there
    calls_per_second: int = 0  # legs that may begin in a second, from both sides; 0: as many as there are
    is_enabled: bool = True  # False: nothing is sent there

    def may_reach(self, digits: str) -> bool:
        """Return whether numbers that begin so may be sent there at all; its carrier's list may still know none."""
        return self.is_enabled and (not self.prefixes or digits.startswith(self.prefixes))

    def dials(self, number: str) -> str:
        """Return how this carrier wants a number written, E.164 digits: the longest prefix of `rewrites` decides."""
        prefix = max((prefix for prefix in self.rewrites if number.startswith(prefix)), key=len, default=None)
        return number if prefix is None else self.rewrites[prefix] + number[len(prefix) :]

    @property
    def pace(self) -> timedelta:
        """How far apart K5 begins subscribers' legs here: they have half of what the carrier takes in a second."""
        return timedelta(seconds=1) / (self.calls_per_second // 2) if self.calls_per_second else timedelta(0)

    def pace_of_b(self, switches: int) -> timedelta:
        """How far apart each of so many switches begins legs by itself: they share the other half."""
        share = self.calls_per_second - self.calls_per_second // 2
        return timedelta(seconds=1) * switches / share if self.calls_per_second else timedelta(0)
