"""Payin v1, the newest: a notice's signature covers neither state nor bill, so the interface is asked each time."""

import re
from collections.abc import Iterator, Mapping

from connectors.qiwi import wire
from connectors.qiwi.bill import acknowledge
from connectors.qiwi.bills import (
    COMMENT,
    Bills,
    amount_json,
    amount_of,
    believed,
    changed_at,
    expiry,
    is_foreign,
    own_bill,
    pay_page,
    refund_id,
)
from k5web.config.table import PartnerTable
from k5web.domain.money import Money
from k5web.domain.payments.connector import Opening, Seen, Started
from k5web.domain.payments.notice import Ignored, Look, Notice, NoticeOutcome, WireRequest, WireResponse
from k5web.domain.payments.top_up import RefundState, TopUp, TopUpState
from k5web.errors import ForgedNotice, MalformedNotice, ProviderRefused, ProviderUnknown

KEYS = frozenset({"base_url", "site", "api_key", "payin_signature_encoding", "methods"})

# What a notice is about: where it stands in the JSON, and the name of its id, which is signed
SUBJECTS = {
    "PAYMENT": ("payment", "paymentId"),
    "CAPTURE": ("capture", "captureId"),
    "REFUND": ("refund", "refundId"),
}
NOTICE_STATES = frozenset({"SUCCESS", "DECLINE"})
BILL_STATES = {
    "CREATED": TopUpState.WAITING,
    "WAITING": TopUpState.WAITING,
    "PAID": TopUpState.PAID,
    "REJECTED": TopUpState.DECLINED,
    "EXPIRED": TopUpState.EXPIRED,
}
COMPLETED = "COMPLETED"
PAYMENT_STATES = frozenset({COMPLETED, "WAITING", "DECLINED", "DECLINE"})
REFUND_STATES = {
    "WAITING": RefundState.UNDER_WAY,
    COMPLETED: RefundState.DONE,
    "DECLINED": RefundState.FAILED,
    "DECLINE": RefundState.FAILED,
}
METHODS = ("QIWI_WALLET", "SBP", "CARD")

_BILL = re.compile(r"[A-Za-z0-9._-]{1,200}", re.ASCII)


class Payin(Bills):
    """One site of Payin v1."""

    protocol = "payin"

    def __init__(self, table: PartnerTable, opening: Opening) -> None:
        """Raises: WrongKey."""
        super().__init__(table, opening)
        self._encoding = table.choice("payin_signature_encoding", {"hex", "base64"}, "hex")
        self._methods = list(table.texts("methods", METHODS))
        self._path = ("partner", "payin", "v1", "sites", self.site)

    def _authorization(self, table: PartnerTable) -> str:
        return f"Bearer {table.text('api_key')}"

    def read(self, request: WireRequest) -> Notice:
        """Return which bill to look at. Raises: ForgedNotice, MalformedNotice."""
        try:
            document = wire.json_object(request)
            message = signed_message(document)
        except MalformedNotice as error:  # what cannot be read cannot have been signed
            raise ForgedNotice(reason="signature") from error
        given = request.headers.get("signature", "")
        if not wire.is_signed(given, message, self.partner.secrets, "sha256", self._encoding):
            raise ForgedNotice(reason="signature")
        kind = wire.at(document, "type")
        if kind not in SUBJECTS:
            return Ignored("a card was checked")
        subject = wire.part(document, SUBJECTS[kind][0])
        if wire.at(subject, "status", "value") not in NOTICE_STATES:
            raise MalformedNotice(reason="the state is unknown")
        reference = wire.at(subject, "billId")
        if not _BILL.fullmatch(reference):
            raise MalformedNotice(reason="billId")
        return Look(reference)

    def answer(self, request: WireRequest, notice: Notice | None, outcome: NoticeOutcome) -> WireResponse:
        """Return the acknowledgement; a stranger and our own trouble get a bare status."""
        return acknowledge(outcome)

    def start(self, top_up: TopUp) -> Started:
        """Make out the bill. Raises: NumberUsed, ProviderRefused, ProviderUnknown."""
        expires_at = expiry(top_up, self._clock())
        bill = self._api.ask(
            "PUT",
            *self._path,
            "bills",
            top_up.number,
            json={
                "amount": amount_json(top_up.amount),
                "billPaymentMethodsType": self._methods,
                "expirationDateTime": expires_at.isoformat(timespec="seconds"),
                "comment": COMMENT,
                "customer": {"account": top_up.payer_key} if top_up.payer_key else {},
            },
        )
        if bill is None:
            raise ProviderRefused(reason="status 404")
        own_bill(bill, top_up, expires_at)
        return Started(top_up.number, pay_page(bill, top_up), expires_at=expires_at)

    def _find(self, top_up: TopUp) -> Seen | None:
        bill = self._details(top_up)
        if bill is None:
            return None
        if is_foreign(bill, top_up):
            return Seen(TopUpState.UNCLEAR, provider_id=top_up.number, is_foreign=True)
        done = [found for found in _payments(bill) if _state(found) == COMPLETED]
        if not done:
            state = BILL_STATES.get(_state(bill))
            if state is None or state is TopUpState.PAID:
                raise ProviderUnknown(reason="the bill's state is unknown, or paid without a payment")
            return Seen(state, provider_id=top_up.number)
        taken = _sum([_captured(found) for found in done])
        refunded = _sum([_given_back(found) for found in done])
        state = TopUpState.PAID if taken.minor else TopUpState.HELD
        if refunded.minor:
            state = TopUpState.REFUNDED if refunded == taken else TopUpState.PART_REFUNDED
        amount = taken if taken.minor else None
        return Seen(state, amount, refunded, top_up.number, changed_at(done[0]), _card(done[0]))

    def _details(self, top_up: TopUp) -> Mapping[str, object] | None:
        bill = self._api.ask("GET", *self._path, "bills", top_up.number, "details")
        if bill is not None and believed(lambda: wire.at(bill, "billId")) != top_up.number:
            raise ProviderUnknown(reason="the answer speaks of another bill")
        return bill

    def _refund_path(self, top_up: TopUp, refund_key: str) -> tuple[str, ...]:
        """Return the address of a refund: below the payment, which only the bill's details name."""
        done = [found for found in _payments(self._details(top_up) or {}) if _state(found) == COMPLETED]
        if not done:
            raise ProviderRefused(reason="nothing was paid")
        payment = believed(lambda: wire.at(done[0], "paymentId"))
        return (*self._path, "payments", payment, "refunds", refund_id(refund_key, 36))

    def _refund_state(self, top_up: TopUp, amount: Money, refund_key: str) -> RefundState:
        found = self._api.ask("GET", *self._refund_path(top_up, refund_key))
        return RefundState.ABSENT if found is None else _refunded(found, amount)

    def _refund(self, top_up: TopUp, amount: Money, refund_key: str) -> RefundState:
        path = self._refund_path(top_up, refund_key)
        found = self._api.ask("PUT", *path, json={"amount": amount_json(amount)})
        if found is None:
            raise ProviderRefused(reason="there is no such payment")
        return _refunded(found, amount)


def signed_message(document: Mapping[str, object]) -> str:
    """Return what a notice's signature covers, the sum as it stands in the JSON. Raises: MalformedNotice."""
    kind = wire.at(document, "type")
    if kind == "CHECK_CARD":
        subject = wire.part(document, "checkPaymentMethod")
        return "|".join((wire.at(subject, "requestUid"), wire.at(subject, "checkOperationDate")))
    if kind not in SUBJECTS:
        raise MalformedNotice(reason="the type is unknown")
    place, name = SUBJECTS[kind]
    subject = wire.part(document, place)
    return "|".join((wire.at(subject, name), wire.at(subject, "createdDateTime"), wire.at(subject, "amount", "value")))


def _payments(bill: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    found = bill.get("payments", [])
    if not isinstance(found, list) or not all(isinstance(payment, dict) for payment in found):
        raise ProviderUnknown(reason="payments is no list")
    for payment in found:
        if _state(payment) not in PAYMENT_STATES:
            raise ProviderUnknown(reason="a payment's state is unknown")
        yield payment


def _state(document: Mapping[str, object]) -> str:
    return believed(lambda: wire.at(document, "status", "value"))


def _captured(payment: Mapping[str, object]) -> Money:
    """Return what was taken; a payment that says nothing of it is of one stage."""
    return believed(lambda: amount_of(payment, "capturedAmount" if "capturedAmount" in payment else "amount"))


def _given_back(payment: Mapping[str, object]) -> Money:
    if "refundedAmount" not in payment:
        return Money(0, _captured(payment).currency)
    return believed(lambda: amount_of(payment, "refundedAmount"))


def _sum(parts: list[Money]) -> Money:
    if len({part.currency for part in parts}) != 1:
        raise ProviderUnknown(reason="payments in several currencies")
    return Money(sum(part.minor for part in parts), parts[0].currency)


def _card(payment: Mapping[str, object]) -> str:
    """Return the mask of the card that paid; empty for other means."""
    method = payment.get("paymentMethod")
    mask = method.get("maskedPan") if isinstance(method, dict) else None
    return wire.plain(mask)[:19] if isinstance(mask, str) and "*" in mask else ""


def _refunded(refund: Mapping[str, object], amount: Money) -> RefundState:
    """Return where the refund stands. Raises: ProviderUnknown."""
    state = REFUND_STATES.get(_state(refund))
    if state is None:
        raise ProviderUnknown(reason="the refund is in an unknown state")
    if believed(lambda: amount_of(refund)) != amount:
        raise ProviderUnknown(reason="the refund is another")
    return state
