"""What staff look for among all calls: days, and what else narrows them down."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from k5web.domain.calls.call import CallOrder, CallState, Outcome
from k5web.domain.incident import IncidentKind
from k5web.errors import WrongPeriod

LONGEST = timedelta(days=92)
UNSURE = (  # what the rules of recovery could not settle for certain; docs/operators.md says what to do about each
    IncidentKind.HOLD_EXPIRED,
    IncidentKind.SETTLED_WITHOUT_HOLD,
    IncidentKind.COST_ABOVE_HOLD,
    IncidentKind.LATE_RECORD,
    IncidentKind.CALL_LOST,
    IncidentKind.CALL_FAULT,
    IncidentKind.SWITCH_FAULT,
)
PLACING_UNKNOWN = timedelta(seconds=60)  # placed for so long without a record: nobody knows whether it rings


@dataclass(frozen=True, slots=True)
class CallSearch:
    """Days of the operator's calendar, both included, and what a call must be; empty: anything."""

    first: date
    last: date
    owner_id: int | None = None
    number: str = ""  # of the other party: the digits it begins with
    direction: str = ""  # as the price list calls it
    trunk: str = ""  # by which one of its legs was tried
    outcome: Outcome | None = None
    is_unsure: bool = False

    def __post_init__(self) -> None:
        """Refuse days that make no period, or a longer one than a page looks through. Raises: WrongPeriod."""
        if not timedelta(0) <= self.last - self.first <= LONGEST:
            raise WrongPeriod(first=self.first, last=self.last)


def after_prefix(digits: str) -> str | None:
    """Return the first text that sorts after every number that begins so: 7496 for 7495, 8 for 799; None for nines."""
    shorter = digits.rstrip("9")
    return f"{shorter[:-1]}{int(shorter[-1]) + 1}" if shorter else None


def is_stuck(call: CallOrder, now: datetime) -> bool:
    """Return whether nobody knows if a call rings: it was handed to a switch, and no record came."""
    since = call.placing_at or call.ordered_at
    return call.state is CallState.PLACING and now - since > PLACING_UNKNOWN
