"""Money in suspense that is no subscriber's: how it is sought, why it leaves, and the rules that know it again."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from k5web.domain.money import Money
from k5web.domain.words import words_in

NOT_OURS = "cash.own"  # the house account of money that is nobody's payment: own transfers, interest, what came back
LONGEST_REASON = 200
LONGEST_WORDS = 100
SHORTEST_WORDS = 3  # letters and digits of a rule's payer or words: less would fit nearly everything
_INN = re.compile(r"[0-9]{10}|[0-9]{12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Traits:
    """What a payment is known by to whoever looks for it."""

    payer: str
    payer_inn: str
    purpose: str
    amount: Money
    day: date  # of the document
    received_on: date


@dataclass(frozen=True, slots=True)
class Sought:
    """Which payments are asked for; what is not given fits every one. `payer`: a tax number, or words of the name."""

    payer: str = ""
    words: str = ""  # of the purpose, each of them, in any order
    amount: Money | None = None
    day: date | None = None  # of the document, or when it came
    older_than_days: int | None = None  # came at least so many days ago

    def fits(self, payment: Traits, today: date) -> bool:
        """Return whether a payment is one of them."""
        return (
            (self.amount is None or payment.amount == self.amount)
            and (self.day is None or self.day in {payment.day, payment.received_on})
            and (self.older_than_days is None or payment.received_on <= today - timedelta(days=self.older_than_days))
            and is_payer(self.payer, payment)
            and words_in(self.words) <= words_in(payment.purpose)
        )


def is_payer(asked: str, payment: Traits) -> bool:
    """Return whether this tax number is the payer's, or all these words stand in its name."""
    if _INN.fullmatch(asked.strip()):
        return payment.payer_inn == asked.strip()
    return words_in(asked) <= words_in(payment.payer)


@dataclass(frozen=True, slots=True)
class Rule:
    """Which payments of suspense are closed without a person, and how."""

    id: int
    payer: str
    words: str
    house: str
    reason: str
    actor: str
    added_at: datetime

    def fits(self, payment: Traits) -> bool:
        """Return whether it closes this payment."""
        return is_payer(self.payer, payment) and words_in(self.words) <= words_in(payment.purpose)


@dataclass(frozen=True, slots=True)
class Closing:
    """Why a payment left suspense. `event`: the key of its event, whose origin is CLOSE."""

    event: str
    house: str
    reason: str
    actor: str
    closed_at: datetime
    rule_id: int | None = None


CLOSE = "close"  # the origin of the events by which money leaves suspense to the house
