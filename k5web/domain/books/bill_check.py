"""Bill = CDR = ledger: what the calls of a day come to by three counts that must be the same, and which call is not."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from k5web.domain.money import Money


class BillFault(StrEnum):
    """What is wrong with one call."""

    NOT_IN_LEDGER = "not_in_ledger"  # it has a charge, and the ledger has no event of it
    ONLY_IN_LEDGER = "only_in_ledger"  # the ledger has an event, and there is no such call
    LEDGER_DIFFERS = "ledger_differs"
    CDR_DIFFERS = "cdr_differs"  # by its legs it comes to another charge


@dataclass(frozen=True, slots=True)
class BilledCall:
    """One call by three counts; None: it is not there. Units: minor, of the main account."""

    owner_id: int
    call_id: str
    currency: str
    cdr_minor: int | None  # its legs, priced anew
    bill_minor: int | None  # the charge that the call shows
    ledger_minor: int | None  # what its event took

    @property
    def fault(self) -> BillFault | None:
        """What is wrong, None where all three say the same."""
        bill, ledger = self.bill_minor or 0, self.ledger_minor or 0
        if self.bill_minor is None:
            return BillFault.ONLY_IN_LEDGER
        if bill != ledger:
            return BillFault.LEDGER_DIFFERS if self.ledger_minor is not None else BillFault.NOT_IN_LEDGER
        return BillFault.CDR_DIFFERS if (self.cdr_minor or 0) != bill else None


@dataclass(frozen=True, slots=True)
class BillDay:
    """All calls of a day and a currency."""

    day: date
    currency: str
    calls: int
    cdr: Money
    bill: Money
    ledger: Money
    corrected: Money  # charged anew by claims, beside the others
    differing: int  # calls
    counted_at: datetime

    @property
    def agrees(self) -> bool:
        """Whether no call differs; sums that agree by chance are no excuse."""
        return self.differing == 0 and self.cdr == self.bill == self.ledger


@dataclass(frozen=True, slots=True)
class BillTotals:
    """A sum of calls that grows. Units: minor."""

    calls: int = 0
    cdr: int = 0
    bill: int = 0
    ledger: int = 0
    differing: int = 0

    def plus(self, call: BilledCall) -> "BillTotals":
        """Return the sum with one more call."""
        return BillTotals(
            self.calls + (call.bill_minor is not None),
            self.cdr + (call.cdr_minor or 0),
            self.bill + (call.bill_minor or 0),
            self.ledger + (call.ledger_minor or 0),
            self.differing + (call.fault is not None),
        )


def days_of(
    day: date, calls: Iterable[BilledCall], corrected: dict[str, int], counted_at: datetime, default: str
) -> list[BillDay]:
    """Return what a day comes to, a line for each currency; a line of zeros where there was no call."""
    totals: defaultdict[str, BillTotals] = defaultdict(BillTotals)
    for call in calls:
        totals[call.currency] = totals[call.currency].plus(call)
    return [
        BillDay(
            day,
            currency,
            totals[currency].calls,
            Money(totals[currency].cdr, currency),
            Money(totals[currency].bill, currency),
            Money(totals[currency].ledger, currency),
            Money(corrected.get(currency, 0), currency),
            totals[currency].differing,
            counted_at,
        )
        for currency in sorted({*totals, *corrected} or {default})
    ]
