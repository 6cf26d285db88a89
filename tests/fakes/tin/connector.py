"""The tin box: JSON notices under an HMAC of the body, answers of two members, a way told to people."""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping

from k5web.config.table import PartnerTable
from k5web.domain.money import Money
from k5web.domain.payments.connector import Opening, PaymentConnector
from k5web.domain.payments.notice import (
    Credited,
    Notice,
    NoticeOutcome,
    Paid,
    Refusal,
    Refused,
    WireRequest,
    WireResponse,
)
from k5web.domain.payments.partner import Partner
from k5web.domain.payments.payment_way import Fact, Payer, Way
from k5web.domain.phrase import phrase
from k5web.errors import ForgedNotice, MalformedNotice, WrongMoney

STATUS = dict.fromkeys(Refusal, 422) | {Refusal.FORGED: 403, Refusal.MALFORMED: 400, Refusal.LATER: 503}


class Tin:
    """One box."""

    code = "tin"

    def __init__(self, partner: Partner) -> None:
        self.partner = partner
        self.origin = f"tin:{partner.code}"
        self.address = f"tin/{partner.code}"

    def read(self, request: WireRequest) -> Notice:
        """Return the payment. Raises: ForgedNotice, MalformedNotice."""
        given = request.headers.get("x-tin-seal", "").encode()
        if not any(hmac.compare_digest(seal(request.body, secret).encode(), given) for secret in self.partner.secrets):
            raise ForgedNotice(reason="seal")
        try:
            told = json.loads(request.body)
            amount = Money.parse(told["sum"], told["currency"])
            return Paid(told["id"], told["account"], amount)
        except (ValueError, KeyError, TypeError, WrongMoney) as error:
            raise MalformedNotice(reason=type(error).__name__) from error

    def answer(self, request: WireRequest, notice: Notice | None, outcome: NoticeOutcome) -> WireResponse:
        """Return the state and, of a payment, its number."""
        if isinstance(outcome, Refused):
            return WireResponse(json.dumps({"refused": outcome.why}).encode(), "application/json", STATUS[outcome.why])
        number = outcome.number if isinstance(outcome, Credited) else None
        return WireResponse(json.dumps({"taken": True, "number": number}).encode(), "application/json")

    def explain(self, payer: Payer | None) -> Way:
        """Return how a person pays by the box."""
        account = str(payer.id) if payer else ""
        return Way(
            self.partner.title,
            phrase("Опустите монеты."),
            (Fact(phrase("Счёт"), account),) if payer else (),
            account=account,
        )


def open_boxes(tables: Iterable[Mapping[str, object]], opening: Opening) -> list[PaymentConnector]:
    """The entry of the registry. Raises: WrongKey."""
    return [Tin(PartnerTable(table, ()).partner({"seal"})) for table in tables]


def seal(body: bytes, secret: str) -> str:
    """Return the seal of a notice."""
    return hmac.digest(secret.encode(), body, hashlib.sha256).hex()
