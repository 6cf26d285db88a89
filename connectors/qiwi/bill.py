"""Bill Payments v1: JSON both ways; a notice is signed over everything that moves money, so its word is enough."""

import re
from collections.abc import Mapping

from connectors.qiwi import wire
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
from k5web.domain.payments.connector import Seen, Started
from k5web.domain.payments.notice import (
    Ignored,
    Notice,
    NoticeOutcome,
    OrderEnded,
    OrderPaid,
    Refusal,
    Refused,
    WireRequest,
    WireResponse,
)
from k5web.domain.payments.top_up import RefundState, TopUp, TopUpState
from k5web.errors import ForgedNotice, MalformedNotice, ProviderRefused, ProviderUnknown

KEYS = frozenset({"base_url", "site", "api_key"})

STATES = {
    "WAITING": TopUpState.WAITING,
    "PAID": TopUpState.PAID,
    "REJECTED": TopUpState.DECLINED,
    "EXPIRED": TopUpState.EXPIRED,
}
REFUNDED = {"PARTIAL", "FULL"}
# Nothing of these is mended by a repeat, so they are acknowledged; what happened is in our own list of incidents
STATUSES = {Refusal.FORGED: 403, Refusal.MALFORMED: 400, Refusal.LATER: 500}

_BILL = re.compile(r"[A-Za-z0-9._-]{1,200}", re.ASCII)  # no "|": it parts the signed fields
_PATH = ("partner", "bill", "v1", "bills")


class Bill(Bills):
    """One site of Bill Payments v1."""

    protocol = "bill"

    def _authorization(self, table: PartnerTable) -> str:
        return f"Bearer {table.text('api_key')}"

    def read(self, request: WireRequest) -> Notice:
        """Return what became of the bill. Raises: ForgedNotice, MalformedNotice."""
        try:
            bill = wire.part(wire.json_object(request), "bill")
            amount, message = signed_message(bill)
        except MalformedNotice as error:  # what cannot be read cannot have been signed
            raise ForgedNotice(reason="signature") from error
        given = request.headers.get("x-api-signature-sha256", "")
        if not wire.is_signed(given, message, self.partner.secrets, "sha256"):
            raise ForgedNotice(reason="signature")
        reference, status = wire.at(bill, "billId"), wire.at(bill, "status", "value")
        if wire.at(bill, "siteId") != self.site or not _BILL.fullmatch(reference):
            raise MalformedNotice(reason="another site's bill")
        state = STATES.get(status)
        if state is None:
            raise MalformedNotice(reason="the status is unknown")
        if state is TopUpState.PAID:
            return OrderPaid(reference, amount, changed_at(bill), provider_id=reference)
        if state is TopUpState.WAITING:
            return Ignored("the bill waits")
        return OrderEnded(reference, "declined" if state is TopUpState.DECLINED else "expired")

    def answer(self, request: WireRequest, notice: Notice | None, outcome: NoticeOutcome) -> WireResponse:
        """Return the acknowledgement; a stranger and our own trouble get a bare status."""
        return acknowledge(outcome)

    def cancel(self, top_up: TopUp) -> None:
        """Reject the bill that nobody has paid yet. Raises: ProviderRefused, ProviderUnknown."""
        if self._api.ask("POST", *_PATH, top_up.number, "reject") is None:
            raise ProviderRefused(reason="there is no such bill")

    def start(self, top_up: TopUp) -> Started:
        """Make out the bill. Raises: NumberUsed, ProviderRefused, ProviderUnknown."""
        expires_at = expiry(top_up, self._clock())
        bill = self._api.ask(
            "PUT",
            *_PATH,
            top_up.number,
            json={
                "amount": amount_json(top_up.amount),
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
        bill = self._api.ask("GET", *_PATH, top_up.number)
        if bill is None:
            return None
        state = STATES.get(believed(lambda: wire.at(bill, "status", "value")))
        if state is None or believed(lambda: wire.at(bill, "billId")) != top_up.number:
            raise ProviderUnknown(reason="the answer speaks of another bill, or in unknown words")
        if is_foreign(bill, top_up):
            return Seen(TopUpState.UNCLEAR, provider_id=top_up.number, is_foreign=True)
        amount = believed(lambda: amount_of(bill)) if state is TopUpState.PAID else None
        return Seen(state, amount, provider_id=top_up.number, occurred_at=changed_at(bill))

    def _refund_path(self, top_up: TopUp, refund_key: str) -> tuple[str, ...]:
        return (*_PATH, top_up.number, "refunds", refund_id(refund_key, 36))

    def _refund_state(self, top_up: TopUp, amount: Money, refund_key: str) -> RefundState:
        found = self._api.ask("GET", *self._refund_path(top_up, refund_key))
        return RefundState.ABSENT if found is None else _given_back(found, amount)

    def _refund(self, top_up: TopUp, amount: Money, refund_key: str) -> RefundState:
        path = self._refund_path(top_up, refund_key)
        found = self._api.ask("PUT", *path, json={"amount": amount_json(amount)})
        if found is None:
            raise ProviderRefused(reason="there is no such bill")
        return _given_back(found, amount)


def signed_message(bill: Mapping[str, object]) -> tuple[Money, str]:
    """Return a notice's sum and what its signature covers, the sum with two decimals however it was sent.

    Raises: MalformedNotice.
    """
    amount = amount_of(bill)
    fields = amount.currency, str(amount), wire.at(bill, "billId"), wire.at(bill, "siteId")
    return amount, "|".join((*fields, wire.at(bill, "status", "value")))


def acknowledge(outcome: NoticeOutcome) -> WireResponse:
    """Return what a JSON notice gets back."""
    status = STATUSES.get(outcome.why, 200) if isinstance(outcome, Refused) else 200
    return wire.json_answer({"error": "0"}) if status == 200 else WireResponse(status=status)


def _given_back(found: Mapping[str, object], amount: Money) -> RefundState:
    """Return that it is done. Raises: ProviderUnknown where the provider's refund is not the one that was asked for."""
    if believed(lambda: wire.at(found, "status")) not in REFUNDED or believed(lambda: amount_of(found)) != amount:
        raise ProviderUnknown(reason="the refund is another, or in unknown words")
    return RefundState.DONE
