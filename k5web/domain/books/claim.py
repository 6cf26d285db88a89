"""Claims: a charge that its subscriber disputes, until when, and when the answer and the money are due (B11)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, Literal, get_args

from k5web.domain.books.ledger import EventName
from k5web.domain.money import Money
from k5web.domain.workday import working_day_after

ClaimReason = Literal["not_mine", "price", "length", "quality", "twice", "other"]
CLAIM_REASONS: Final[tuple[ClaimReason, ...]] = get_args(ClaimReason)

LAST_DAY_OF_MONTH: Final = 20  # of the month after the charge's. Source: promise B11
ANSWERED_WITHIN: Final = timedelta(days=30)
PAID_WITHIN: Final = 5  # banking days from the answer
LONGEST_TEXT: Final = 1000
LONGEST_ANSWER: Final = 500


class Outcome(StrEnum):
    """What became of a claim."""

    UPHELD = "upheld"
    PARTLY = "partly"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class ClaimForm:
    """What a subscriber says about a charge. `account` and `bank` are filled where the money is wished back."""

    disputed: Money
    reason: ClaimReason
    text: str
    form_key: str
    recipient: str = ""
    account: str = ""
    bank: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim with everything that became of it."""

    owner_id: int
    n: int  # 1, 2, 3 … of this owner
    account_id: int
    charge: EventName
    seq: int  # of the charge's posting
    charged: Money
    disputed: Money
    reason: ClaimReason
    text: str
    recipient: str
    account: str
    bank: str
    opened_at: datetime
    opened_by: str
    due_on: date
    answered_at: datetime | None = None
    answered_by: str | None = None
    given: Money | None = None  # what was credited; None before the answer, zero where it was rejected
    answer: str | None = None
    pay_by: date | None = None  # the money goes to the bank account
    paid_at: datetime | None = None
    paid_by: str | None = None
    document: str | None = None

    @property
    def wants_money(self) -> bool:
        """Return whether the subscriber wishes the money back, not on the account."""
        return bool(self.account)

    @property
    def outcome(self) -> Outcome | None:
        """Return what the answer was, None while there is none."""
        if self.given is None:
            return None
        if not self.given.minor:
            return Outcome.REJECTED
        return Outcome.UPHELD if self.given >= self.disputed else Outcome.PARTLY

    @property
    def deadline(self) -> date | None:
        """Return the day by which the operator is to do the next thing, None where nothing is left to do."""
        if self.answered_at is None:
            return self.due_on
        return self.pay_by if self.paid_at is None else None

    def is_late(self, today: date) -> bool:
        """Return whether that day is over."""
        return self.deadline is not None and today > self.deadline

    @property
    def hold(self) -> str:
        """Return the reference under which the money is kept until it is paid."""
        return f"claim {self.owner_id}-{self.n}"

    @property
    def refund(self) -> EventName:
        """Return the name of the event that pays the money out."""
        return EventName("refund", self.hold)


def last_claim_day(charged_on: date) -> date:
    """Return the last day on which a charge of this day may be disputed."""
    return (charged_on.replace(day=1) + timedelta(days=31)).replace(day=LAST_DAY_OF_MONTH)


def pay_by(answered_on: date) -> date:
    """Return the day by which money is paid that an answer of this day promises."""
    return working_day_after(answered_on, PAID_WITHIN)
