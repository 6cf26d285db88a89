"""The provider protocol (OSMP): a network asks whether an account may be paid, and pays it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree.ElementTree import Element
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.qiwi import ways, wire
from connectors.qiwi.register import Register
from k5web.config.table import PartnerTable
from k5web.domain.money import Money
from k5web.domain.payments.notice import (
    Cancelled,
    Check,
    Credited,
    Noted,
    Notice,
    NoticeOutcome,
    Paid,
    Possible,
    Query,
    Refusal,
    Refused,
    Standing,
    Undone,
    WireRequest,
    WireResponse,
)
from k5web.domain.payments.payment_way import Payer, Way
from k5web.errors import ForgedNotice, MalformedNotice, WrongKey

KEYS = frozenset(
    {"txn_element", "elements", "authentication", "login", "cancel", "cancel_unknown", "status", "reply_currency"}
    | {"zone", "merchant_id"}
)

# Not fatal, so that the network repeats: 1 alone. An exception of ours must never become another, and neither does a
# check that cannot be read: it moves nothing, and whoever is wrong may mend it.
CODES = {
    Refusal.ACCOUNT_FORMAT: 4,
    Refusal.ACCOUNT_UNKNOWN: 5,
    Refusal.ACCOUNT_INACTIVE: 79,
    Refusal.CLOSED: 7,
    Refusal.SUM_TOO_SMALL: 241,
    Refusal.SUM_TOO_LARGE: 242,
    Refusal.WRONG_CURRENCY: 300,
    Refusal.CONFLICT: 300,
    Refusal.MALFORMED: 300,
    Refusal.UNKNOWN_PAYMENT: 5,  # or the partner's `cancel_unknown`
    Refusal.CANCELLED_BEFORE: 7,
    Refusal.CANNOT_CANCEL: 251,
    Refusal.LATER: 1,
}
STANDINGS = {"paid": 0, "cancelled": 7, "absent": 1}
CURRENCIES = {"RUB": "RUB", "643": "RUB", "KGS": "KGS", "417": "KGS"}  # ISO 4217 in letters and in digits

ELEMENTS = {name: name for name in ("prv_txn", "sum", "ccy", "result", "comment", "fields", "cancel_txn_id")}

GET_INFO = "getinfo"
CHECKS = frozenset({"check", GET_INFO})

_TXN_ID = re.compile(r"[0-9]{1,20}", re.ASCII)
_DATE = re.compile(r"[0-9]{14}", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
_ELEMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}", re.ASCII)
LONGEST_ACCOUNT = 200


@dataclass(frozen=True, slots=True)
class Dialect:
    """What the protocol leaves to the partner."""

    txn_element: str
    elements: Mapping[str, str]
    authentication: str  # none or address (addresses alone; the second says that it is meant so), basic, md5
    login: str
    cancel: str  # no, txn_id: names the payment by the network's number; prv_txn: by ours
    cancel_unknown: int
    has_status: bool
    reply_currency: bool
    zone: ZoneInfo

    @classmethod
    def read(cls, table: PartnerTable) -> "Dialect":
        """Raises: WrongKey."""
        authentication = table.choice("authentication", {"none", "address", "basic", "md5"}, "none")
        if authentication in {"basic", "md5"} and not table.texts("secrets"):
            raise WrongKey(key="secrets", reason=f"authentication {authentication} needs one")
        dialect = cls(
            txn_element=table.text("txn_element", "osmp_txn_id"),
            elements=table.names("elements", ELEMENTS),
            authentication=authentication,
            login=table.text("login", None if authentication == "basic" else ""),
            cancel=table.choice("cancel", {"no", "txn_id", "prv_txn"}, "no"),
            cancel_unknown=int(table.choice("cancel_unknown", {"0", "5", "79"}, "5")),
            has_status=table.truth("status", False),
            reply_currency=table.truth("reply_currency", False),
            zone=read_zone(table),
        )
        for key, name in (("txn_element", dialect.txn_element), *dialect.elements.items()):
            if not _ELEMENT.fullmatch(name):
                raise WrongKey(key=key, reason=f"'{name}' is not the name of an XML element")
        return dialect


def read_zone(table: PartnerTable) -> ZoneInfo:
    """Return the zone of the network's clock. Raises: WrongKey."""
    name = table.text("zone", "Europe/Moscow")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise WrongKey(key="zone", reason=f"'{name}' is not a time zone like Asia/Bishkek") from error


class Osmp(Register):
    """One network that pays to accounts, and sends a register of the day."""

    code = "qiwi"

    def __init__(self, table: PartnerTable) -> None:
        """Raises: WrongKey."""
        self.partner = table.partner({"osmp"})
        self.origin = f"{self.code}:{self.partner.code}"
        self.address = f"{self.code}/{self.partner.code}"
        self._dialect = Dialect.read(table)
        self.zone = self._dialect.zone
        self._merchant_id = table.text("merchant_id", "")  # «ID ТСП», what payers type to find us

    def explain(self, payer: Payer | None) -> Way:
        """Return how a person pays through this network."""
        return ways.to_account(self.partner.title, self._merchant_id, payer)

    def read(self, request: WireRequest) -> Notice:
        """Return what the network says. Raises: ForgedNotice, MalformedNotice."""
        sent = self._authentic(request)
        command = sent.get("command", "").lower()
        if sent.get("test", "") not in {"", "0"}:  # not covered by the MD5: a try must never become money
            raise MalformedNotice(reason="trial requests are not taken")
        if command in CHECKS:
            return self._check(sent)
        if command == "pay":
            return self._pay(sent)
        if command == "cancel" and self._dialect.cancel != "no":
            return self._cancel(sent)
        if command == "status" and self._dialect.has_status:
            return Query(_txn_id(sent, "txn_id"))
        raise MalformedNotice(reason="the command is unknown")

    def _authentic(self, request: WireRequest) -> Mapping[str, str]:
        """Return the parameters of a request whose sender has proved himself as far as the dialect wants it."""
        secrets, kind = self.partner.secrets, self._dialect.authentication
        if kind == "basic" and not wire.is_basic(
            request.headers.get("authorization", ""), self._dialect.login, secrets
        ):
            raise ForgedNotice(reason="login or password")
        if kind != "md5":
            return wire.parameters(request)
        try:
            sent = wire.parameters(request)
        except MalformedNotice as error:  # what cannot be read cannot have been signed
            raise ForgedNotice(reason="sign") from error
        if not wire.is_md5_signed(sent.get("sign", ""), signed_text(sent), secrets):
            raise ForgedNotice(reason="sign")
        return sent

    def _check(self, sent: Mapping[str, str]) -> Check:
        """Return whose account is asked about: neither the sum nor the network's number need be there yet."""
        amount = self._sum(sent) if sent.get("sum") else None
        txn_id = sent.get("txn_id", "")
        return Check(_account(sent), amount, key=txn_id if _TXN_ID.fullmatch(txn_id) else "")

    def _pay(self, sent: Mapping[str, str]) -> Paid:
        key, amount = _txn_id(sent, "txn_id"), self._sum(sent)
        return Paid(key, _account(sent), amount, self._sent_at(sent.get("txn_date", "")))

    def _cancel(self, sent: Mapping[str, str]) -> Cancelled:
        amount = self._sum(sent) if "sum" in sent else None
        if self._dialect.cancel == "txn_id":
            return Cancelled(_txn_id(sent, "cancel_txn_id"), _txn_id(sent, "txn_id"), amount)
        if not _NUMBER.fullmatch(sent.get("prv_txn", "")):
            raise MalformedNotice(reason="prv_txn is missing or not of digits")
        return Cancelled("", amount=amount, number=int(sent["prv_txn"]))

    def _sum(self, sent: Mapping[str, str]) -> Money:
        told = sent.get("ccy", self.partner.currency).upper()
        return wire.sum_of(sent.get("sum", ""), CURRENCIES.get(told, told))  # a foreign one is refused as such

    def _sent_at(self, text: str) -> datetime | None:
        """Return the time by the network's clock; None where it is not sent."""
        if not text:
            return None
        try:
            if not _DATE.fullmatch(text):
                raise ValueError(text)
            return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=self._dialect.zone).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise MalformedNotice(reason="txn_date is not YYYYMMDDhhmmss") from error

    def answer(self, request: WireRequest, notice: Notice | None, outcome: NoticeOutcome) -> WireResponse:
        """Return the XML of the outcome; a stranger gets a bare status."""
        if isinstance(outcome, Refused) and outcome.why is Refusal.FORGED:
            return WireResponse(status=401 if self._dialect.authentication == "basic" else 403)
        try:
            sent = wire.parameters(request)
        except MalformedNotice:
            sent = {}
        root = Element("response")
        has_none = isinstance(notice, Cancelled) or sent.get("command", "").lower() == GET_INFO
        if "txn_id" in sent or not has_none:
            txn_id = sent.get("txn_id", "")
            wire.add(root, self._dialect.txn_element, txn_id if _TXN_ID.fullmatch(txn_id) else "")
        if isinstance(notice, Cancelled) and notice.cancel_key:
            wire.add(root, self._dialect.elements["cancel_txn_id"], notice.key)
        if outcome == Refused(Refusal.MALFORMED) and sent.get("command", "").lower() in CHECKS:
            outcome = Refused(Refusal.LATER, "cannot be read")
        self._fill(root, notice, outcome)
        if isinstance(outcome, Possible) and sent.get("command", "").lower() == GET_INFO:
            fields = Element(self._dialect.elements["fields"])
            wire.add(fields, "field1", outcome.name, name="name")
            root.append(fields)
        return wire.xml_answer(root)

    def _fill(self, root: Element, notice: Notice | None, outcome: NoticeOutcome) -> None:
        names = self._dialect.elements
        number, amount, result, comment = self._facts(notice, outcome)
        if number is not None:
            wire.add(root, names["prv_txn"], str(number))
        if amount is not None:
            wire.add(root, names["sum"], str(amount))
            if self._dialect.reply_currency:
                wire.add(root, names["ccy"], amount.currency)
        wire.add(root, names["result"], str(result))
        wire.add(root, names["comment"], comment)

    def _facts(self, notice: Notice | None, outcome: NoticeOutcome) -> tuple[int | None, Money | None, int, str]:
        """Return our number, the sum, the code and the comment of an outcome."""
        match outcome:
            case Possible():
                return None, None, 0, outcome.name
            case Credited() | Undone():
                return outcome.number, outcome.amount, 0, "OK"
            case Standing():
                return outcome.number, outcome.amount, STANDINGS[outcome.state], outcome.state
            case Noted():  # nothing of this protocol is only noted
                return None, None, CODES[Refusal.LATER], "later"
            case Refused():
                is_unknown = outcome.why is Refusal.UNKNOWN_PAYMENT and isinstance(notice, Cancelled)
                code = self._dialect.cancel_unknown if is_unknown else CODES[outcome.why]
                return None, None, code, outcome.text or outcome.why.replace("_", " ")


def signed_text(sent: Mapping[str, str]) -> str:
    """Return what the MD5 dialect signs: the command, then the other values in the order of their names."""
    rest = sorted(set(sent) - {"sign", "command", "test"})
    return sent.get("command", "") + "".join(sent[name] for name in rest)


def _txn_id(sent: Mapping[str, str], name: str) -> str:
    if not _TXN_ID.fullmatch(sent.get(name, "")):
        raise MalformedNotice(reason=f"{name} is missing or not of 1 to 20 digits")
    return sent[name]


def _account(sent: Mapping[str, str]) -> str:
    if not 0 < len(sent.get("account", "")) <= LONGEST_ACCOUNT:
        raise MalformedNotice(reason="account is missing or too long")
    return sent["account"]
