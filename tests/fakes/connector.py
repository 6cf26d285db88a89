"""A made-up provider: signed forms, answers of one line; its orders are played by the test."""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from k5web.config.table import PartnerTable
from k5web.domain.money import Money
from k5web.domain.payments.connector import Opening, PaymentConnector, RegisterLine, Seen, Started
from k5web.domain.payments.notice import (
    Cancelled,
    Check,
    Credited,
    Ignored,
    Look,
    Notice,
    NoticeOutcome,
    OrderEnded,
    OrderPaid,
    Paid,
    Possible,
    Query,
    Refused,
    Standing,
    Undone,
    WireRequest,
    WireResponse,
)
from k5web.domain.payments.partner import Partner
from k5web.domain.payments.top_up import TopUp, TopUpState
from k5web.errors import ForgedNotice, K5Error, MalformedNotice, ProviderRefused, WrongMoney, WrongRegister

SECRET = "fake-partners-secret"
PARTNER: Mapping[str, object] = {
    "code": "bank",
    "title": "Банк",
    "protocol": "plain",
    "currency": "RUB",
    "allowed": ["127.0.0.1/32"],
    "secrets": [SECRET],
}


class FakeConnector:
    """Every port a connector may have. `seen` is what its provider says about orders, `troubles` what it does first."""

    code = "fake"
    tells_back = True

    def __init__(self, partner: Partner) -> None:
        self.partner = partner
        self.origin = f"fake:{partner.code}"
        self.address = f"fake/{partner.code}"
        self.started: list[TopUp] = []
        self.refunded: list[tuple[str, Money, str]] = []
        self.cancelled: list[str] = []
        self.seen: dict[str, Seen] = {}
        self.troubles: list[K5Error] = []
        self.on_start: Callable[[TopUp], None] = lambda top_up: None

    def read(self, request: WireRequest) -> Notice:
        """Return what the form says."""
        fields = dict(parse_qsl(request.query or request.body.decode(), keep_blank_values=True))
        if not hmac.compare_digest(fields.pop("sign", ""), sign(fields)):
            raise ForgedNotice(reason="signature")
        try:
            return self._notice(fields)
        except (KeyError, WrongMoney) as error:
            raise MalformedNotice(reason=type(error).__name__) from error

    def _notice(self, fields: dict[str, str]) -> Notice:
        currency = fields.get("currency", self.partner.currency)
        amount = Money.parse(fields["sum"], currency) if "sum" in fields else None
        match fields["do"]:
            case "check":
                return Check(fields["account"], amount, fields.get("type", ""))
            case "pay":
                if amount is None:
                    raise MalformedNotice(reason="no sum")
                kind, code = fields.get("type", ""), fields.get("code", "")
                return Paid(fields["key"], fields["account"], amount, account_type=kind, payment_code=code)
            case "cancel":
                ours = int(fields["number"]) if "number" in fields else None
                return Cancelled(fields.get("key", ""), fields.get("cancel_key", ""), amount, number=ours)
            case "query":
                return Query(fields["key"])
            case "order" if amount is not None:
                return OrderPaid(fields["number"], amount, provider_id=fields.get("id", ""))
            case "declined":
                return OrderEnded(fields["number"], "declined")
            case "look":
                return Look(fields["number"], receipt=fields.get("receipt", ""), has_failed=fields.get("tried") == "0")
            case "hello":
                return Ignored("a greeting")
            case "bug":
                raise RuntimeError("a bug of the connector")
        raise MalformedNotice(reason="unknown command")

    def answer(self, request: WireRequest, notice: Notice | None, outcome: NoticeOutcome) -> WireResponse:
        """Return one line: a word, then facts."""
        match outcome:
            case Possible(name, minimum, maximum):
                return WireResponse(f"possible {name} {minimum} {maximum}".encode())
            case Credited(number, amount):
                return WireResponse(f"paid {number} {amount}".encode())
            case Undone(number, amount):
                return WireResponse(f"undone {number} {amount}".encode())
            case Standing(state):
                return WireResponse(state.encode())
            case Refused(why):
                status = {"forged": 403, "malformed": 400, "later": 503}.get(why, 200)
                return WireResponse(f"refused {why}".encode(), status=status)
        return WireResponse(b"noted")

    def start(self, top_up: TopUp) -> Started:
        """Remember the order, unless trouble is due."""
        self.started.append(top_up)
        self.on_start(top_up)
        if self.troubles:
            raise self.troubles.pop(0)
        return Started(provider_id=f"id-{top_up.number}", pay_url=f"https://fake.example/{top_up.number}")

    def look(self, top_up: TopUp) -> Seen:
        """Return what the test put there: by default the order waits."""
        if self.troubles:
            raise self.troubles.pop(0)
        return self.seen.get(top_up.number, Seen(TopUpState.WAITING))

    def cancel(self, top_up: TopUp) -> None:
        """Take the order back, unless trouble is due or it does not wait."""
        self.cancelled.append(top_up.number)
        if self.troubles:
            raise self.troubles.pop(0)
        if self.seen.get(top_up.number, Seen(TopUpState.WAITING)).state is not TopUpState.WAITING:
            raise ProviderRefused(reason="it does not wait")
        self.seen[top_up.number] = Seen(TopUpState.EXPIRED)

    def pauses_s(self) -> tuple[int, ...]:
        """Look after 1, 3 and 10 minutes, then hourly."""
        return (60, 120, 420, 3600)

    def refund(self, top_up: TopUp, amount: Money, refund_key: str) -> None:
        """Give back, unless trouble is due."""
        self.refunded.append((top_up.number, amount, refund_key))
        if self.troubles:
            raise self.troubles.pop(0)

    def read_register(self, lines: Iterable[str]) -> Iterator[RegisterLine]:
        """Yield lines of `key;moment;account;sum`, the last one `total;count;sum`."""
        count = total = 0
        for at, line in enumerate(lines, 1):
            cells = line.strip().split(";")
            if cells[0] == "total":
                if cells[1:] != [str(count), str(Money(total, self.partner.currency))]:
                    raise WrongRegister(line=at, reason="the totals differ from the lines")
                return
            if len(cells) != 4:
                raise WrongRegister(line=at, reason="is not key, moment, account and sum between semicolons")
            minus = cells[3].startswith("-")
            amount = Money.parse(cells[3].removeprefix("-"), self.partner.currency)
            amount = -amount if minus else amount
            count, total = count + 1, total + amount.minor
            yield RegisterLine(at, cells[0], datetime.fromisoformat(cells[1]), cells[2], amount, is_cancel=minus)
        raise WrongRegister(line=count, reason="the totals are missing")


def open_all(tables: Iterable[Mapping[str, object]], opening: Opening) -> list[PaymentConnector]:
    """The opener of the registry."""
    return [FakeConnector(PartnerTable(table, ()).partner({"plain"})) for table in tables]


def sign(fields: Mapping[str, str]) -> str:
    """Return the form's signature."""
    message = "\n".join(f"{name}={value}" for name, value in sorted(fields.items()))
    return hmac.digest(SECRET.encode(), message.encode(), hashlib.sha256).hex()


def query(**fields: str) -> str:
    """Return a signed query."""
    return urlencode(fields | {"sign": sign(fields)})
