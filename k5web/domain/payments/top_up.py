"""A top-up that K5 begins: its order at the provider, its states, its saved card.

A top-up that K5 begins goes through these states. The four of the first line are open: each may become each but `new`,
and `new` again only under another number. Money that comes late moves it from the second line to the third.

    new -> waiting -> held    unclear
      |        |        |        |
      +--------+--------+--------+--> declined, expired, cancelled
      |                                      |
      +--------------------------------------+--> paid -> part_refunded -> refunded
"""

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from k5web.domain.money import Money
from k5web.errors import NotFound

_REFERENCE = re.compile(r"K5-([1-9][0-9]{0,11})-([1-9][0-9]{0,11})", re.ASCII)
_MARK, _ATTEMPT = r"(?:-(?P<mark>[A-Z][A-Z0-9]{9}))?", r"(?:-(?P<attempt>[1-9][0-9]{0,2}))?"
_NUMBER = re.compile(f"(?P<reference>{_REFERENCE.pattern}){_MARK}{_ATTEMPT}", re.ASCII)


class TopUpState(StrEnum):
    """Where a started top-up stands. It only moves forward: what is paid stays paid, or goes back."""

    NEW = "new"  # written down; the provider may not know it
    WAITING = "waiting"  # the payer has a page, a code
    HELD = "held"  # the card's money is blocked, not taken
    UNCLEAR = "unclear"  # the provider's answers make no sense: asked again, then a person
    DECLINED = "declined"
    EXPIRED = "expired"
    CANCELLED = "cancelled"  # by the payer, who may have begun another, and the provider takes no money for it any more
    PAID = "paid"
    PART_REFUNDED = "part_refunded"
    REFUNDED = "refunded"

    @property
    def is_open(self) -> bool:
        """True while money may still come by itself."""
        return self in OPEN_STATES

    @property
    def is_paid(self) -> bool:
        """True where money came, whatever went back since."""
        return self in PAID_STATES

    def may_become(self, later: "TopUpState") -> bool:
        """Return whether this is a step forward: money that came is never taken for not come."""
        return later in _NEXT[self]


OPEN_STATES = (TopUpState.NEW, TopUpState.WAITING, TopUpState.HELD, TopUpState.UNCLEAR)


DECLINED_STATES = (TopUpState.DECLINED, TopUpState.EXPIRED)  # no money came, and the payer did not take it back


PAID_STATES = (TopUpState.PAID, TopUpState.PART_REFUNDED, TopUpState.REFUNDED)


_MONEY_CAME = frozenset(PAID_STATES)


_FROM_OPEN = frozenset(TopUpState) - {TopUpState.NEW}


# An order that the payer took back ends at the provider first, and a look may tell that end before we wrote ours
_OVER_FOR_THE_PROVIDER = _MONEY_CAME | {TopUpState.CANCELLED}


_NEXT: Mapping[TopUpState, Set[TopUpState]] = {
    TopUpState.NEW: _FROM_OPEN,
    TopUpState.WAITING: _FROM_OPEN,
    TopUpState.HELD: _FROM_OPEN,
    TopUpState.UNCLEAR: _FROM_OPEN,
    TopUpState.DECLINED: _OVER_FOR_THE_PROVIDER,
    TopUpState.EXPIRED: _OVER_FOR_THE_PROVIDER,
    TopUpState.CANCELLED: _MONEY_CAME,
    TopUpState.PAID: {TopUpState.PART_REFUNDED, TopUpState.REFUNDED},
    TopUpState.PART_REFUNDED: {TopUpState.REFUNDED},
    TopUpState.REFUNDED: set(),
}


def split_reference(reference: str) -> tuple[int, int]:
    """Return owner and number of a top-up's reference. Raises: NotFound."""
    parts = NotFound.unless(_REFERENCE.fullmatch(reference), "such top-up")
    return int(parts[1]), int(parts[2])


@dataclass(frozen=True, slots=True)
class TopUp:
    """A top-up the subscriber began on our pages."""

    reference: str  # ours, unique in K5, at most 32 characters: "K5-<owner>-<count>", like "K5-8841-12"
    owner_id: int
    origin: str  # of the connector: "cards:<acquirer>"
    amount: Money
    state: TopUpState
    created_at: datetime
    expires_at: datetime
    return_url: str  # where the provider sends the browser back to
    language: str  # ru, en …
    attempt: int = 1  # a provider's number that was lost is never used again: the next attempt has a new one
    mark: str = ""  # this house's letters and this top-up's own: nobody else makes the same number; old ones lack it
    provider_id: str = ""
    pay_url: str = ""
    code: str = ""  # what the payer types in the wallet
    qr: str = ""  # text of the QR code
    payer_key: str = ""  # the subscriber as this provider knows them: random, never a phone; "": not to be known
    payer_phone: str = ""  # E.164 digits, where a protocol needs it
    saved_card_id: str = ""  # pay by this saved card
    is_automatic: bool = False  # below the threshold, without the subscriber
    leads_to: str = ""  # our own page that the payer goes on to when it is paid; "": none
    refunded: Money | None = None

    @property
    def key(self) -> tuple[int, int]:
        """Owner and number of it, which the reference is made of."""
        return split_reference(self.reference)

    @property
    def needs_proof(self) -> bool:
        """True where a notice that it was paid is not enough: after its end, and of a number others may make too."""
        is_over = self.state in DECLINED_STATES or self.state is TopUpState.CANCELLED
        return is_over or (not self.mark and not self.state.is_paid)

    @property
    def number(self) -> str:
        """The number the provider knows this attempt by: "K5-8841-12-QKXR7T2P4W", from the second on with "-2" …"""
        return str(OrderNumber(self.reference, self.mark, self.attempt))


@dataclass(frozen=True, slots=True)
class OrderNumber:
    """What a provider's number of an order says: whose it is, which house made it, which attempt it was."""

    reference: str
    mark: str
    attempt: int

    @property
    def key(self) -> tuple[int, int]:
        """Owner and number of the top-up."""
        return split_reference(self.reference)

    @classmethod
    def read(cls, text: str) -> "OrderNumber":
        """Return what the number says. Raises: NotFound where it is none of ours."""
        match = _NUMBER.fullmatch(text)
        found = match and cls(match["reference"], match["mark"] or "", int(match["attempt"] or 1))
        if found is None or str(found) != text:
            raise NotFound(what="such top-up")
        return found

    def __str__(self) -> str:
        parts = (self.reference, self.mark, "" if self.attempt == 1 else str(self.attempt))
        return "-".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class SavedCard:
    """A card the gateway keeps for us; K5 knows a mask and never the number."""

    id: str
    mask: str  # "4111**1111"
    expires: str  # YYYYMM


class RefundState(StrEnum):
    """Where a refund stands at the provider."""

    ABSENT = "absent"
    UNDER_WAY = "under_way"
    DONE = "done"
    FAILED = "failed"
