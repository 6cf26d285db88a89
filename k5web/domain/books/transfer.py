"""Money from one subscriber to another: two events under names that tell of each other, and what may be passed on."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from k5web.domain.books.ledger import EventName
from k5web.domain.money import Money
from k5web.errors import InsufficientFunds, TransferLimit, WrongRequest

SENT, RECEIVED = "transfer", "transfer.in"  # origins of the two events
COUNTER = "transfer"  # the house account between both sides: it is always empty
LEAST_MINOR = 1_00
TRANSFER_DAY = Money(3000_00)  # sent in a day, unless K5_TRANSFER_DAY says otherwise
YOUNG_FOR = timedelta(hours=24)  # money from a card is not passed on meanwhile: its owner's bank may take it back

_FORM = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)

Bound = Literal["day", "card"]


def sent_name(form_id: str) -> EventName:
    """Return the sender's name of a transfer: that of the form, which was given before it was sent.

    Raises: WrongRequest.
    """
    if not _FORM.fullmatch(form_id):
        raise WrongRequest(where="form_key")
    return EventName(SENT, form_id)


def received_name(sender_id: int, sent: EventName) -> EventName:
    """Return the receiver's name of the same transfer."""
    return EventName(RECEIVED, f"{sender_id} {sent.key}")


def sender_of(received: EventName) -> tuple[int, EventName]:
    """Return who sent what was received, and the sender's name of it."""
    sender_id, _, form_id = received.key.partition(" ")
    return int(sender_id), EventName(SENT, form_id)


@dataclass(frozen=True, slots=True)
class Passable:
    """What an account may pass on now, and what bounds it. Credit is nobody's to pass on: it is no part of `own`."""

    own: Money  # the balance less what is held
    young: Money  # of it, what cards brought lately
    day: Money  # the limit of a day
    sent: Money  # of it, sent today

    @property
    def most(self) -> Money:
        """The largest sum that may be sent now."""
        return max(min(self.own - self.young, self.day - self.sent), Money(0, self.own.currency))

    def before(self, amount: Money) -> "Passable":
        """Return the same as it was before this sum was sent."""
        return Passable(self.own + amount, self.young, self.day, self.sent - amount)

    def check(self, amount: Money) -> None:
        """Let this sum be sent. Raises: InsufficientFunds, TransferLimit."""
        if self.own < amount:
            raise InsufficientFunds(available=max(self.own, Money(0, amount.currency)), needed=amount)
        if self.most < amount:
            bound: Bound = "day" if self.day - self.sent < amount else "card"
            raise TransferLimit(bound=bound, most=self.most, maximum=self.day)
