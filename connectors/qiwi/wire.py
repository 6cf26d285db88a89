"""Bytes and values: parameters, JSON, XML and signatures as the four protocols of this folder write them."""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl
from xml.etree import ElementTree

from k5web.domain import strict_json
from k5web.domain.money import Money
from k5web.domain.payments.notice import WireRequest, WireResponse
from k5web.errors import MalformedNotice, WrongMoney

MOST_PARAMETERS = 50
LONGEST_VALUE = 1000  # characters
LONGEST_COMMENT = 120

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)  # no arrays, no nesting
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_CURRENCY = re.compile(r"[A-Z]{3}|[0-9]{3}", re.ASCII)  # K5's own is another question: a foreign one is told as it is
_FORM = "application/x-www-form-urlencoded"
_CHARSETS = {"", "utf-8", "utf8"}


def parameters(request: WireRequest) -> Mapping[str, str]:
    """Return the parameters of the query and the form together, each there once. Raises: MalformedNotice."""
    if not request.query.isascii():
        raise MalformedNotice(reason="the query is not percent-encoded")
    parts = [request.query]
    if request.method == "POST":
        _want_content(request, _FORM)
        parts.append(_text(request.body))
    elif request.body:
        raise MalformedNotice(reason="a GET has no body")
    found: dict[str, str] = {}
    for text in parts:
        for name, value in _pairs(text):
            if name.lower() in {known.lower() for known in found}:
                raise MalformedNotice(reason=f"parameter {name} is there twice")
            found[name] = value
    return found


def _pairs(text: str) -> Iterable[tuple[str, str]]:
    if not text:
        return []
    if _BROKEN_ESCAPE.search(text):
        raise MalformedNotice(reason="a broken % escape")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except ValueError as error:  # not UTF-8, too many
        raise MalformedNotice(reason="the parameters cannot be decoded") from error
    for name, value in pairs:
        if not _NAME.fullmatch(name):
            raise MalformedNotice(reason="a parameter's name is not of letters and digits")
        if len(value) > LONGEST_VALUE or _CONTROL.search(value):
            raise MalformedNotice(reason=f"the value of {name} is too long or has control characters")
    return pairs


def json_object(request: WireRequest) -> Mapping[str, object]:
    """Return a request's JSON object. Raises: MalformedNotice."""
    if request.method != "POST" or request.query:
        raise MalformedNotice(reason="must be a POST without a query")
    _want_content(request, "application/json")
    return read_json(request.body)


def read_json(body: bytes) -> Mapping[str, object]:
    """Return a JSON object, its numbers as the text they were written in. Raises: MalformedNotice."""
    try:
        return strict_json.read_object(_text(body))
    except ValueError as error:
        raise MalformedNotice(reason=str(error)) from error


def at(document: object, *path: str) -> str:
    """Return the text or number that stands at this path. Raises: MalformedNotice."""
    for key in path:
        document = document.get(key) if isinstance(document, dict) else None
    if not isinstance(document, str) or len(document) > LONGEST_VALUE or _CONTROL.search(document):
        raise MalformedNotice(reason=f"{'.'.join(path)} is missing or no text")
    return document


def part(document: object, key: str) -> Mapping[str, object]:
    """Return the object at this key. Raises: MalformedNotice."""
    found = document.get(key) if isinstance(document, dict) else None
    if not isinstance(found, dict):
        raise MalformedNotice(reason=f"{key} is missing or no object")
    return found


def sum_of(text: str, currency: str) -> Money:
    """Return the sum of a parameter or a JSON value, where 5, 5.0 and 5.00 are one sum. Raises: MalformedNotice."""
    _want_currency(currency)
    try:
        return Money.sent(text, currency)
    except WrongMoney as error:
        raise MalformedNotice(reason="the sum is not written like 500.00") from error


def _want_currency(currency: str) -> None:
    if not _CURRENCY.fullmatch(currency):
        raise MalformedNotice(reason="the currency is neither three letters nor three digits")


# Proofs of who speaks. Nothing here tells a wrong secret from a wrong form, nor by its time how much was right.


def sign(message: str, secret: str, algorithm: str) -> bytes:
    """Return the HMAC of a message."""
    return hmac.digest(secret.encode(), message.encode(), algorithm)


def is_signed(given: str, message: str, secrets: Iterable[str], algorithm: str, encoding: str = "hex") -> bool:
    """Return whether one of the secrets made this signature, written exactly as the protocol writes it."""
    written = given.encode("utf-8", "replace")
    return any(hmac.compare_digest(written, encoded(sign(message, key, algorithm), encoding)) for key in secrets)


def encoded(digest: bytes, encoding: str) -> bytes:
    """Return a digest in lower-case hex or in Base64."""
    return base64.b64encode(digest) if encoding == "base64" else digest.hex().encode()


def is_md5_signed(given: str, text: str, secrets: Iterable[str]) -> bool:
    """Return whether one of the secrets, put behind the text, makes this MD5."""
    written = given.encode("utf-8", "replace")
    return any(hmac.compare_digest(written, md5(text + key).encode()) for key in secrets)


def md5(text: str) -> str:
    """Return the MD5 some gateways sign with: weak, but theirs."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def is_basic(header: str, login: str, passwords: Iterable[str]) -> bool:
    """Return whether an Authorization header has this login with one of these passwords."""
    scheme, _, text = header.partition(" ")
    try:
        given = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        given = b""
    is_right = any(hmac.compare_digest(given, f"{login}:{password}".encode()) for password in passwords)
    return is_right and scheme.lower() == "basic"


def basic(login: str, password: str) -> str:
    """Return an Authorization header."""
    return "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()


# Answers


def xml_answer(root: ElementTree.Element, status: int = 200) -> WireResponse:
    """Return an XML document."""
    body = b'<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="utf-8")
    return WireResponse(body, "text/xml; charset=utf-8", status)


def add(parent: ElementTree.Element, tag: str, text: str, **attributes: str) -> None:
    """Add an element with a text that is safe in XML, on a terminal and on a receipt."""
    ElementTree.SubElement(parent, tag, attributes).text = plain(text)


def plain(text: str) -> str:
    """Return the text without control characters, marks that turn the writing round, and what XML cannot hold."""
    return "".join(letter for letter in text if letter.isprintable())[:LONGEST_COMMENT]


def json_answer(content: Mapping[str, object], status: int = 200) -> WireResponse:
    """Return a JSON document."""
    return WireResponse(json.dumps(content).encode(), "application/json", status)


def _want_content(request: WireRequest, wanted: str) -> None:
    """Refuse another type, another charset, compressed bodies. Raises: MalformedNotice."""
    kind, _, rest = request.headers.get("content-type", "").partition(";")
    charset = rest.strip().lower().removeprefix("charset=").strip('"')
    if kind.strip().lower() != wanted or charset not in _CHARSETS:
        raise MalformedNotice(reason=f"the body must be {wanted} in UTF-8")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise MalformedNotice(reason="the body is compressed")


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedNotice(reason="not UTF-8") from error
