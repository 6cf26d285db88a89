"""How trunks and directions do: legs tried and answered, how long they talk, why they fail, what they earn and cost.

An attempt is a leg that a switch began on a trunk, of either side, and each try by another trunk is one more. A leg
that its caller took back while it rang is an attempt too, as in ITU-T E.411. An order that no switch took is none.
The answer rate (ASR) is answered legs by attempts, the average length (ACD) the talked time by answered legs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal

from k5web.domain.calls.endings import Heard, verdict_of
from k5web.domain.calls.outcome import NORMAL
from k5web.domain.money import Money

CANCELLED = "cancelled"  # the leg was taken back while it rang; every other failure is an `Ending`
US_PER_S = 1_000_000


@dataclass(frozen=True, slots=True)
class Margin:
    """What calls earned and cost in one currency."""

    calls: int
    revenue: Money
    cost: Money  # what carriers take for both legs, where it is known
    unknown: int  # answered legs whose carrier's price is not known in this currency

    @property
    def margin(self) -> Money | None:
        """What is left; None where a cost is unknown."""
        return None if self.unknown else self.revenue - self.cost

    @property
    def is_loss(self) -> bool:
        """True where carriers take more than was earned; what is unknown could only add to that."""
        return self.revenue < self.cost


@dataclass(frozen=True, slots=True)
class Quality:
    """How one trunk or direction did. Units: microseconds."""

    name: str
    attempts: int = 0
    answered: int = 0
    talked_us: int = 0
    median_us: int | None = None  # from the start of a leg to its answer; half were answered within it
    p95_us: int | None = None
    failures: Mapping[str, int] = field(default_factory=dict)  # legs by `Ending`, or CANCELLED
    carrier: Mapping[str, Money] = field(default_factory=dict)  # what its legs' carriers take, by currency
    unknown: int = 0  # answered legs whose carrier's price is not known
    margins: Mapping[str, Margin] = field(default_factory=dict)  # by currency

    @property
    def answer_rate(self) -> Decimal | None:
        """ASR in per cent, to a tenth; None where nothing was tried."""
        return _ratio(100 * self.answered, self.attempts, "0.1")

    @property
    def average_s(self) -> Decimal | None:
        """ACD in seconds, to a tenth; None where nothing was answered."""
        return _ratio(self.talked_us, self.answered * US_PER_S, "0.1")

    @property
    def minutes(self) -> Decimal:
        """Talked minutes, to a tenth; not rounded up as billed ones are."""
        return _ratio(self.talked_us, 60 * US_PER_S, "0.1") or Decimal(0)


def failure_of(cause: int, sip: int | None, heard: Heard | None) -> str:
    """Return why a leg was never answered, in the words of `Ending`."""
    return CANCELLED if cause == NORMAL else verdict_of(sip, cause, heard).ending


def _ratio(part: int, whole: int, step: str) -> Decimal | None:
    return (Decimal(part) / whole).quantize(Decimal(step), ROUND_HALF_EVEN) if whole else None
