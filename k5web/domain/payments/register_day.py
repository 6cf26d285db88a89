"""A day of a provider's registers beside the ledger: its figures, each difference, and what a person said about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from k5web.domain.money import Money
from k5web.domain.payments.register import RegisterVerdict


class HowResolved(StrEnum):
    """What a person did about a difference."""

    CREDITED = "credited"  # under the provider's name, to whom it was for
    CONFLICT = "conflict"  # the sums differ, and it is known why and how it was put right
    CLARIFIED = "clarified"  # nothing is to be done: the reason says why


# What may be done about each; late payments and confirmed ones need nothing
MAY_BE: Mapping[RegisterVerdict, frozenset[HowResolved]] = {
    RegisterVerdict.MISSING_HERE: frozenset({HowResolved.CREDITED, HowResolved.CLARIFIED}),
    RegisterVerdict.MISSING_THERE: frozenset({HowResolved.CLARIFIED}),
    RegisterVerdict.SUM_MISMATCH: frozenset({HowResolved.CONFLICT}),
    RegisterVerdict.DUPLICATE: frozenset({HowResolved.CLARIFIED}),
}
DIFFERENCES = tuple(MAY_BE)


@dataclass(frozen=True, slots=True)
class DifferenceName:
    """What names a difference, for ever."""

    origin: str
    key: str
    verdict: RegisterVerdict
    is_back: bool = False  # about money that went back


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a person said about a difference."""

    name: DifferenceName
    how: HowResolved
    reason: str
    day: date
    theirs: Money | None
    ours: Money | None
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RegisterPair:
    """A payment as the register has it and as the ledger has it. None: it is not there."""

    name: DifferenceName
    theirs: Money | None
    ours: Money | None
    paid_at: datetime | None  # by the provider's clock
    owner_id: int | None = None
    recorded_at: datetime | None = None
    resolution: Resolution | None = None

    @property
    def choices(self) -> frozenset[HowResolved]:
        """What a person may still do about it. Money that went back is never credited from here."""
        if self.resolution is not None:
            return frozenset()
        choices = MAY_BE.get(self.name.verdict, frozenset())
        return choices & {HowResolved.CLARIFIED, HowResolved.CONFLICT} if self.name.is_back else choices


@dataclass(frozen=True, slots=True)
class Figure:
    """How many payments of a verdict a day has, and what they come to on both sides. Units: minor."""

    count: int = 0
    ours: int = 0
    theirs: int = 0

    def plus(self, pair: RegisterPair) -> "Figure":
        """Return the figure with one more."""
        ours = pair.ours.minor if pair.ours else 0
        theirs = pair.theirs.minor if pair.theirs else 0
        return Figure(self.count + 1, self.ours + ours, self.theirs + theirs)


@dataclass(frozen=True, slots=True)
class RegisterDay:
    """What was counted of a day of one provider."""

    day: date
    origin: str
    currency: str
    is_told: bool  # a register has this day
    unresolved: int  # differences about which nobody has said anything
    late: int
    figures: Mapping[RegisterVerdict, Figure] = field(default_factory=dict)
    counted_at: datetime | None = None

    def figure(self, verdict: str) -> Figure:
        """Return one of the figures."""
        return self.figures.get(RegisterVerdict(verdict), Figure())

    @property
    def agrees(self) -> bool:
        """Whether the day needs nobody: it was told, and what differs was resolved. A day without payments may be
        without its register."""
        return self.unresolved == 0 and (self.is_told or not self.figures)
