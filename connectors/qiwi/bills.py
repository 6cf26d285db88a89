"""What the three protocols with bills have in common: one bill for each top-up, known by the top-up's number.

A bill's number is not given up for a new one because an answer was lost: the provider makes one bill of many equal
requests, so the request is repeated under the same number. A bill that is older than the top-up is somebody else's.
"""

import hashlib
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Literal, TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from connectors.qiwi import ways, wire
from connectors.qiwi.api import Api
from k5web.config.table import PartnerTable
from k5web.domain.money import Money
from k5web.domain.payments.connector import Opening, Seen, Started
from k5web.domain.payments.payment_way import Payer, Way
from k5web.domain.payments.top_up import RefundState, TopUp, TopUpState
from k5web.errors import MalformedNotice, NumberUsed, ProviderRefused, ProviderUnknown, WrongKey
from k5web.outgoing.request import Remote

CLOCKS_DIFFER_BY = timedelta(minutes=10)  # the provider's and ours
PAUSES_S = (15, 60, 300, 900, 3600)
MOSCOW = ZoneInfo("Europe/Moscow")
LONGEST_LIFE = timedelta(days=45)
COMMENT = "Пополнение счёта"

_SITE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_REFUND = re.compile(r"[A-Za-z0-9_-]{1,36}", re.ASCII)
_PAGE = re.compile(r"https?://[^\s\"'<>]+", re.ASCII)

T = TypeVar("T")


class Bills(ABC):
    """A site that K5 makes out bills at."""

    code = "qiwi"
    protocol: str
    starts_are_repeatable: Literal[True] = True

    def __init__(self, table: PartnerTable, opening: Opening) -> None:
        """Raises: WrongKey."""
        self.partner = table.partner({self.protocol})
        self.site = table.text("site")
        if not _SITE.fullmatch(self.site):
            raise WrongKey(key="site", reason=f"'{self.site}': letters, digits, '.', '_' and '-' only")
        if not self.partner.secrets:
            raise WrongKey(key="secrets", reason="is missing: notices are signed with it")
        self.origin = f"{self.code}:{self.partner.code}"
        self.address = f"{self.code}-{self.protocol}/{self.site}"
        self._clock = opening.clock
        self._api = Api(table.address("base_url"), Remote(self.origin, opening.timeout_s), self._authorization(table))

    def explain(self, payer: Payer | None) -> Way:
        """Return how a bill of ours is paid."""
        return ways.by_bill(self.partner.title)

    def look(self, top_up: TopUp) -> Seen:
        """Return how the bill stands. Raises: ProviderUnknown."""
        try:
            found = self._find(top_up)
        except ProviderRefused as error:
            raise ProviderUnknown(reason=str(error.facts["reason"])) from error
        if found is not None:
            return found
        # The request for it may still be under way, until its time is over
        return Seen(TopUpState.EXPIRED if self._clock() >= top_up.expires_at else TopUpState.NEW)

    def pauses_s(self) -> tuple[int, ...]:
        """Return the pauses before each look."""
        return PAUSES_S

    def refund(self, top_up: TopUp, amount: Money, refund_key: str) -> None:
        """Give back once under this key: what is there already is not asked for again.

        Raises: ProviderRefused, ProviderUnknown.
        """
        state = self._refund_state(top_up, amount, refund_key)
        if state is RefundState.ABSENT:
            try:
                state = self._refund(top_up, amount, refund_key)
            except ProviderUnknown:
                state = self.refund_state(top_up, amount, refund_key)
        if state is RefundState.FAILED:
            raise ProviderRefused(reason="the refund failed")
        if state is not RefundState.DONE:
            raise ProviderUnknown(reason="the refund may be under way")

    def refund_state(self, top_up: TopUp, amount: Money, refund_key: str) -> RefundState:
        """Return where the refund of this key stands. Raises: ProviderUnknown."""
        try:
            return self._refund_state(top_up, amount, refund_key)
        except ProviderRefused as error:  # the question was refused, which says nothing of the refund
            raise ProviderUnknown(reason=str(error.facts["reason"])) from error

    @abstractmethod
    def _authorization(self, table: PartnerTable) -> str:
        """Return the header that proves our requests. Raises: WrongKey."""

    @abstractmethod
    def start(self, top_up: TopUp) -> Started:
        """Ask for the bill. Raises: ProviderRefused, ProviderUnknown."""

    @abstractmethod
    def _find(self, top_up: TopUp) -> Seen | None:
        """Return how the bill stands, None where there is none."""

    @abstractmethod
    def _refund_state(self, top_up: TopUp, amount: Money, refund_key: str) -> RefundState:
        """Ask for the refund of this key. Raises: ProviderRefused (no answer to this question), ProviderUnknown."""

    @abstractmethod
    def _refund(self, top_up: TopUp, amount: Money, refund_key: str) -> RefundState:
        """Ask to refund, and return where it stands. Raises: ProviderRefused, ProviderUnknown."""


def believed(read: Callable[[], T]) -> T:
    """Return what was read of the provider's answer. Raises: ProviderUnknown."""
    try:
        return read()
    except MalformedNotice as error:
        raise ProviderUnknown(reason=str(error)) from error


def amount_of(document: object, key: str = "amount") -> Money:
    """Return the sum of a JSON object's {value, currency}. Raises: MalformedNotice."""
    return wire.sum_of(wire.at(document, key, "value"), wire.at(document, key, "currency"))


def amount_json(amount: Money) -> Mapping[str, str]:
    """Return a sum the way the interfaces take it."""
    return {"value": str(amount), "currency": amount.currency}


def own_bill(bill: Mapping[str, object], top_up: TopUp, expires_at: datetime) -> None:
    """Hold an answer to the making of a bill against what was asked.

    A bill of another sum or end, older than the top-up or not waiting was there before.
    Raises: ProviderUnknown where the answer speaks of another number, NumberUsed.
    """
    if believed(lambda: wire.at(bill, "billId")) != top_up.number:
        raise ProviderUnknown(reason="the answer speaks of another bill")
    ends_at = _moment(bill, "expirationDateTime") or expires_at
    has_our_end = abs(ends_at - expires_at) <= CLOCKS_DIFFER_BY
    has_our_sum = believed(lambda: amount_of(bill)) == top_up.amount
    is_waiting = believed(lambda: wire.at(bill, "status", "value")) in {"WAITING", "CREATED"}
    if not (has_our_end and has_our_sum and is_waiting) or is_foreign(bill, top_up):
        raise NumberUsed(reason=top_up.number)


def is_foreign(bill: Mapping[str, object], top_up: TopUp) -> bool:
    """Return whether the bill was there before the top-up, so far as its dates tell."""
    made_at = _moment(bill, "creationDateTime")
    decided_at = changed_at(bill) if made_at is None else None
    at = made_at or decided_at
    if at is None:
        return not top_up.mark  # a number that another house makes too, and nothing to know the bill by
    return at < top_up.created_at - CLOCKS_DIFFER_BY


def _moment(document: Mapping[str, object], key: str) -> datetime | None:
    """Return a date and time of an answer, None where there is none that can be read."""
    try:
        return _in_moscow(wire.at(document, key))
    except (MalformedNotice, ValueError):
        return None


def pay_page(bill: Mapping[str, object], top_up: TopUp) -> str:
    """Return the page to pay at, which leads back to ours. Raises: ProviderUnknown."""
    url = believed(lambda: wire.at(bill, "payUrl"))
    if not _PAGE.fullmatch(url):
        raise ProviderUnknown(reason="payUrl is no address")
    return f"{url}{'&' if '?' in url else '?'}{urlencode({'successUrl': top_up.return_url})}"


def expiry(top_up: TopUp, now: datetime) -> datetime:
    """Return when the bill ends, by the provider's clock."""
    return min(top_up.expires_at, now + LONGEST_LIFE).astimezone(MOSCOW)


def changed_at(document: object) -> datetime | None:
    """Return when a {value, changedDateTime} became so; None where it is not said."""
    try:
        return _in_moscow(wire.at(document, "status", "changedDateTime"))
    except (MalformedNotice, ValueError):
        return None


def _in_moscow(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=MOSCOW)


def refund_id(refund_key: str, longest: int) -> str:
    """Return the provider's name of a refund: ours, or where that does not fit, one made of it."""
    if len(refund_key) <= longest and _REFUND.fullmatch(refund_key):
        return refund_key
    return hashlib.sha256(refund_key.encode()).hexdigest()[:longest]
