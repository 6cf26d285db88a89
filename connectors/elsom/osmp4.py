"""The wallet as a client of OSMP XML, protocol version 4.00: it checks, pays and cancels by XML documents."""

import hashlib
import hmac
import re
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import parse_qsl
from xml.etree.ElementTree import Element, SubElement, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from connectors.elsom import wire
from connectors.elsom.biller import Biller
from k5web.config.table import PartnerTable
from k5web.domain.money import Money
from k5web.domain.payments.notice import (
    Cancelled,
    Check,
    Credited,
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
from k5web.errors import ForgedNotice, MalformedNotice

CHECK, PAY, CANCEL = "1", "2", "3"
VERSION: Final = "4.00"

AUTHORISED, DONE, NOT_PROCESSED, REFUSED = "30", "60", "10", "160"

CODES: Final = {  # (status-id, result-code)
    Refusal.LATER: (NOT_PROCESSED, "13"),
    Refusal.FORGED: (NOT_PROCESSED, "150"),
    Refusal.ACCOUNT_FORMAT: (REFUSED, "4"),
    Refusal.ACCOUNT_UNKNOWN: (REFUSED, "5"),
    Refusal.ACCOUNT_INACTIVE: (REFUSED, "300"),
    Refusal.CLOSED: (REFUSED, "300"),
    Refusal.SUM_TOO_SMALL: (REFUSED, "241"),
    Refusal.SUM_TOO_LARGE: (REFUSED, "275"),
    Refusal.WRONG_CURRENCY: (REFUSED, "202"),
    Refusal.CONFLICT: (REFUSED, "202"),
    Refusal.MALFORMED: (REFUSED, "202"),
    Refusal.UNKNOWN_PAYMENT: (REFUSED, "203"),
    Refusal.CANCELLED_BEFORE: (REFUSED, "240"),
    Refusal.CANNOT_CANCEL: (REFUSED, "240"),
}

CURRENCIES: Final = {"417": "KGS", "KGS": "KGS", "643": "RUB", "RUB": "RUB"}

ECHOED: Final = ("request-type", "terminal-id", "transaction-number")

_KEY = re.compile(r"[0-9A-Za-z._-]{1,64}", re.ASCII)
_XML: Final = "text/xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class _Document:
    """A request's document: texts by path, without the white space around them."""

    root: Element

    def text(self, path: str, default: str | None = None) -> str:
        """Return the text of the only element there. Raises: MalformedNotice."""
        found = self.root.findall(path)
        if len(found) > 1 or (not found and default is None):
            raise MalformedNotice(reason=f"{path} is expected once")
        return (found[0].text or "").strip() if found else default or ""

    def named_extra(self, name: str) -> str:
        """Return a named extra, empty where it is missing or stands twice."""
        found = [element.text or "" for element in self.root.findall("extra") if element.get("name") == name]
        return found[0].strip() if len(found) == 1 else ""


class XmlBiller(Biller):
    """A wallet that pays to our accounts by XML documents."""

    def __init__(self, table: PartnerTable) -> None:
        """Raises: WrongKey."""
        super().__init__(table, "osmp4")
        self._login = table.text("login")
        self._service = table.text("service")
        self._needs_secret("the password shared with the wallet")
        self._passwords = [password_md5(secret) for secret in self.partner.secrets]
        shown = [digest.decode() for digest in self._passwords]  # what may not stand in a kept notice
        hidden = (*self.partner.secrets, *shown, *(digest.upper() for digest in shown))
        self.partner = replace(self.partner, secrets=hidden)

    def read(self, request: WireRequest) -> Notice:
        """Return what the wallet says. Raises: ForgedNotice, MalformedNotice."""
        document = _document(request)
        self._check_password(document)
        if document.text("protocol-version") != VERSION:
            raise MalformedNotice(reason=f"protocol-version must be {VERSION}")
        status = document.root.find("status")
        if status is not None:
            return Query(_key(_Document(status).text("transaction-number", document.text("transaction-number", ""))))
        kind = document.text("request-type")
        key = _key(document.text("transaction-number"))
        match kind:
            case "1":
                return Check(account=self._account(document), amount=_asked_amount(document), key=key)
            case "2":
                return Paid(
                    key=key,
                    account=self._account(document),
                    amount=_amount(document),
                    occurred_at=wire.moment(document.text("receipt/datetime", "")),
                    receipt=document.text("receipt/receipt-number", ""),
                )
            case "3":
                return Cancelled(key)
        raise MalformedNotice(reason=f"request-type {kind[:10]} is not served")

    def answer(self, request: WireRequest, notice: Notice | None, outcome: NoticeOutcome) -> WireResponse:
        """Return the answer's document: echoes, state, code. What is no XML at all gets HTTP 400."""
        try:
            document = _document(request)
        except MalformedNotice:
            return WireResponse(status=400)
        response = Element("response")
        _add(response, "protocol-version", VERSION)
        for name in ECHOED:
            _add(response, name, _echo(document, name))
        if outcome == Refused(Refusal.MALFORMED) and _echo(document, "request-type") == CHECK:
            outcome = Refused(Refusal.LATER)  # it moves no money, and the provider may ask again later
        status, result = _state(outcome)
        _add(response, "status-id", status)
        _add(response, "result-code", result)
        match outcome:
            case Credited(number=number, at=at):
                _add(response, "txn-id", str(number))
                _add(response, "txn-date", wire.stamp(at))
            case Undone(number=number):
                _add(response, "txn-id", str(number))
                _add(response, "txn-date", wire.stamp(request.at))
            case Standing(number=int(number)):
                _add(response, "txn-id", str(number))
            case Possible(name=name):
                _add(response, "extra", name).set("name", "account-name")
            case Refused(text=text) if text:
                _add(response, "extra", text).set("name", "comment")
        return WireResponse(tostring(response, "utf-8", xml_declaration=True), _XML)

    def _account(self, document: _Document) -> str:
        if document.text("to/service-id") != self._service:
            raise MalformedNotice(reason="this service is not ours")
        return document.text("to/account-number")

    def _check_password(self, document: _Document) -> None:
        given = document.named_extra("password-md5").lower().encode()
        fits = [hmac.compare_digest(password, given) for password in self._passwords]
        is_login = hmac.compare_digest(self._login.encode(), document.named_extra("login").encode())
        if not (any(fits) and is_login):
            raise ForgedNotice(reason="login or password does not fit")


def password_md5(secret: str) -> bytes:
    """Return the password as the protocol sends it: its MD5, which is a password itself and kept as one."""
    return hashlib.md5(secret.encode(), usedforsecurity=False).hexdigest().encode()


def _document(request: WireRequest) -> _Document:
    """Return the request's document; the XML declaration names its encoding. Raises: MalformedNotice."""
    body = request.body
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        fields = parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
        documents = [value.encode("latin-1") for name, value in fields if name == "data"]
        if len(documents) != 1:
            raise MalformedNotice(reason="one field data is expected")
        [body] = documents
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, LookupError, ValueError, RecursionError):
        raise MalformedNotice(reason="not an XML document of ours") from None
    if root.tag != "request":
        raise MalformedNotice(reason="the root must be request")
    return _Document(root)


def _amount(document: _Document) -> Money:
    found = document.root.findall("to/amount")
    if len(found) != 1:
        raise MalformedNotice(reason="to/amount is expected once")
    told = found[0].get("currency-code", "")
    return wire.sum_of((found[0].text or "").strip(), CURRENCIES.get(told, told))


def _asked_amount(document: _Document) -> Money | None:
    """Return the sum a check asks about, None where it asks about the account alone."""
    return _amount(document) if document.text("to/amount", "") else None


def _key(text: str) -> str:
    if not _KEY.fullmatch(text):
        raise MalformedNotice(reason="transaction-number must be letters or digits")
    return text


def _state(outcome: NoticeOutcome) -> tuple[str, str]:
    match outcome:
        case Refused(why=why):
            return CODES[why]
        case Possible():
            return AUTHORISED, "0"
        case Standing(state="paid"):
            return DONE, "0"
        case Standing(state="cancelled"):
            return REFUSED, "240"
        case Standing():
            return CODES[Refusal.UNKNOWN_PAYMENT]
    return DONE, "0"


def _echo(document: _Document, name: str) -> str:
    try:
        return document.text(name, "")[:64]
    except MalformedNotice:
        return ""


def _add(parent: Element, name: str, text: str) -> Element:
    """Add an element; signs that XML cannot carry are left out."""
    element = SubElement(parent, name)
    element.text = "".join(letter for letter in text if letter.isprintable())
    return element
