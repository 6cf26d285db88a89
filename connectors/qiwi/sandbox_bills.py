"""The simulated bills: one store for the three interfaces, and the notices each of them sends."""

import itertools
import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from defusedxml.ElementTree import ParseError, fromstring

from connectors.qiwi import bill as bill_protocol
from connectors.qiwi import payin, pull, wire
from connectors.qiwi.sandbox_courier import deliver, send
from k5web.domain.money import Money
from k5web.domain.payments.sandbox import SandboxOptions

MOSCOW = ZoneInfo("Europe/Moscow")


@dataclass
class Bill:
    """A bill and what became of it. States are those of Bill Payments v1."""

    site: "Site"
    id: str
    amount: Money
    comment: str
    created_at: datetime
    expires_at: datetime
    payer: str = ""
    state: str = "WAITING"
    changed_at: datetime | None = None
    uid: str = field(default_factory=lambda: secrets.token_hex(16))
    payment_id: str = ""
    refunds: dict[str, Money] = field(default_factory=dict)

    @property
    def given_back(self) -> Money:
        """Return the sum of the refunds."""
        return Money(sum(part.minor for part in self.refunds.values()), self.amount.currency)


class Site:
    """One partner that K5 makes out bills at."""

    def __init__(self, table: Mapping[str, Any], options: SandboxOptions) -> None:
        self.protocol: str = table["protocol"]
        self.site: str = table["site"]
        self.title: str = table.get("title", self.site)
        self.authorization = (
            wire.basic(table["login"], table["password"]) if self.protocol == "pull" else f"Bearer {table['api_key']}"
        )
        self.bills: dict[str, Bill] = {}
        self._table = table
        self._options = options
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def issue(self, bill_id: str, amount: Money, comment: str, expires_at: datetime, payer: str = "") -> Bill | None:
        """Return the bill of this number, a new one where there is none; None where it is known with another sum."""
        now = self._options.clock()
        bill = self.bills.setdefault(bill_id, Bill(self, bill_id, amount, comment, now, expires_at, payer))
        return bill if bill.amount == amount else None

    def find(self, bill_id: str) -> Bill | None:
        """Return a bill, expired by now where its time is over."""
        bill = self.bills.get(bill_id)
        if bill and bill.state == "WAITING" and self._options.clock() >= bill.expires_at:
            self._end(bill, "EXPIRED")
        return bill

    def decide(self, bill: Bill, state: str, delay_s: float = 0, copies: int = 1) -> bool:
        """Pay or reject a waiting bill and send the notices; return False where it waits no more."""
        with self._lock:
            if self.find(bill.id) is not bill or bill.state != "WAITING":
                return False
            self._end(bill, state)
        if state == "PAID":
            bill.payment_id = f"A{next(self._numbers):07d}{bill.uid[:12].upper()}"
        if copies:
            self.notify(bill, delay_s, copies)
        return True

    def refund(self, bill: Bill, refund_id: str, amount: Money) -> bool:
        """Give back under this id, once; return False where it would be more than was paid."""
        with self._lock:
            if bill.refunds.get(refund_id) == amount:
                return True
            if bill.state != "PAID" or refund_id in bill.refunds or bill.given_back + amount > bill.amount:
                return False
            bill.refunds[refund_id] = amount
        return True

    def notify(self, bill: Bill, delay_s: float = 0, copies: int = 1) -> None:
        """Tell K5 how the bill stands, until it has understood."""
        url = f"{self._options.k5_url}/hooks/qiwi-{self.protocol}/{self.site}"
        content = {"bill": self._bill_notice, "pull": self._pull_notice, "payin": self._payin_notice}
        deliver(lambda: _is_understood(url, **content[self.protocol](bill)), delay_s, copies)

    def _end(self, bill: Bill, state: str) -> None:
        bill.state, bill.changed_at = state, self._options.clock()

    def _bill_notice(self, bill: Bill) -> dict[str, Any]:
        document = {"bill": bill_json(bill), "version": "1"}
        _, message = bill_protocol.signed_message(document["bill"])  # type: ignore[arg-type]
        signature = wire.encoded(wire.sign(message, self._table["secrets"][0], "sha256"), "hex")
        return _json_notice(document, "X-Api-Signature-SHA256", signature)

    def _payin_notice(self, bill: Bill) -> dict[str, Any]:
        payment = payment_json(bill) | {
            "type": "PAYMENT",
            "status": {"value": "SUCCESS" if bill.state == "PAID" else "DECLINE", "changedDateTime": stamp(bill)},
        }
        document = {"payment": payment, "type": "PAYMENT", "version": "1"}
        encoding = self._table.get("payin_signature_encoding", "hex")
        message = payin.signed_message(document)
        signature = wire.encoded(wire.sign(message, self._table["secrets"][0], "sha256"), encoding)
        return _json_notice(document, "Signature", signature)

    def _pull_notice(self, bill: Bill) -> dict[str, Any]:
        sent = {
            "command": "bill",
            "bill_id": bill.id,
            "status": bill.state.lower(),
            "error": "0",
            "amount": str(bill.amount),
            "user": bill.payer,
            "prv_name": self.title,
            "ccy": bill.amount.currency,
            "comment": bill.comment,
        }
        secret = self._table["secrets"][0]
        if self._table.get("authentication") == "basic":
            return {"data": sent, "headers": {"Authorization": wire.basic(self.site, secret)}}
        signature = wire.encoded(wire.sign(pull.signed_text(sent), secret, "sha1"), "base64")
        return {"data": sent, "headers": {"X-Api-Signature": signature}}


def stamp(bill: Bill) -> str:
    """Return when the bill changed last, by the provider's clock."""
    return (bill.changed_at or bill.created_at).astimezone(MOSCOW).isoformat(timespec="seconds")


def bill_json(bill: Bill) -> dict[str, object]:
    """Return a bill as Bill Payments v1 shows it."""
    return {
        "siteId": bill.site.site,
        "billId": bill.id,
        "amount": {"value": str(bill.amount), "currency": bill.amount.currency},
        "status": {"value": bill.state, "changedDateTime": stamp(bill)},
        "customer": {"account": bill.payer} if bill.payer else {},
        "customFields": {},
        "comment": bill.comment,
        "creationDateTime": bill.created_at.astimezone(MOSCOW).isoformat(timespec="seconds"),
        "expirationDateTime": bill.expires_at.astimezone(MOSCOW).isoformat(timespec="seconds"),
    }


def payment_json(bill: Bill) -> dict[str, object]:
    """Return the payment of a bill as Payin v1 shows it."""
    state = "COMPLETED" if bill.state == "PAID" else "DECLINED"
    amount = {"value": str(bill.amount), "currency": bill.amount.currency}
    return {
        "paymentId": bill.payment_id or f"none-{bill.uid[:8]}",
        "billId": bill.id,
        "createdDateTime": stamp(bill),
        "amount": amount,
        "capturedAmount": amount,
        "refundedAmount": {"value": str(bill.given_back), "currency": bill.amount.currency},
        "paymentMethod": {"type": "QIWI_WALLET"},
        "status": {"value": state, "changedDateTime": stamp(bill)},
        "customFields": {},
        "flags": ["SALE"],
    }


def _json_notice(document: Mapping[str, object], header: str, signature: bytes) -> dict[str, Any]:
    headers = {"Content-Type": "application/json", header: signature}
    return {"data": json.dumps(document).encode(), "headers": headers}


def _is_understood(url: str, **content: Any) -> bool:
    """Return whether K5 took the notice: HTTP 200, and code 0 where the answer has one."""
    answer = send("POST", url, **content)
    if answer is None or answer.status != 200:
        return False
    if not answer.content_type.startswith("text/xml"):
        return True
    try:
        return bool(fromstring(answer.body, forbid_dtd=True).findtext("result_code") == "0")
    except ParseError:
        return False
