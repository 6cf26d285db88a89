"""A file of a month's uses: rows of text become events, a wrong one is named with its reason."""

import csv
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.rating import MICROSECONDS
from k5web.domain.prices.usage import Kind, UsageEvent, Zone
from k5web.errors import K5Error, WrongFile
from k5web.services.ports import OPERATOR_ZONE

COLUMNS = ("at", "kind", "to", "zone", "quantity", "option")
LARGEST = 64 * 1024 * 1024  # bytes
UNPAID = ":unpaid"  # behind an option that is connected and whose fee could not be taken
_QUANTITY = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,6}))?", re.ASCII)


class WrongRow(ValueError):
    """Why a row of the file cannot be priced."""


def read_rows(path: Path) -> Iterator[Sequence[str]]:
    """Yield the rows in the order of COLUMNS. Raises: WrongFile."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WrongFile(file=str(path), reason=(error.strerror or "cannot be read").lower()) from error
    if len(content) > LARGEST:
        raise WrongFile(file=path.name, reason=f"the file is larger than {LARGEST // 1024 // 1024} MB")
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise WrongFile(file=path.name, reason="the file is not UTF-8 text") from error
    heading, *rest = lines or [""]
    delimiter = max((",", ";", "\t"), key=heading.count)
    names = [name.strip().lower() for name in heading.split(delimiter)]
    missing = [name for name in ("at", "kind", "quantity") if name not in names]
    if missing:
        reason = f"the heading has no column '{missing[0]}'; wanted are {', '.join(COLUMNS)}"
        raise WrongFile(file=path.name, reason=reason)
    places = [names.index(name) if name in names else -1 for name in COLUMNS]
    for cells in csv.reader((line for line in rest if line.strip()), delimiter=delimiter):
        yield [cells[at].strip() if 0 <= at < len(cells) else "" for at in places]


def read_use(row: Sequence[str]) -> UsageEvent | WrongRow:
    """Return the use that a row tells, or what is wrong with it."""
    at, kind, to, zone, quantity, option = row
    try:
        what = _kind(kind)
        options = [code.strip() for code in option.split(";") if code.strip()]
        return UsageEvent(
            at=_moment(at),
            kind=what,
            to=_to(what, to),
            zone=_zone(zone),
            quantity=_quantity(what, quantity),
            options=frozenset(code for code in options if not code.endswith(UNPAID)),
            unpaid=frozenset(code.removesuffix(UNPAID) for code in options if code.endswith(UNPAID)),
        )
    except (WrongRow, K5Error) as error:
        return error if isinstance(error, WrongRow) else WrongRow(str(error))


def _kind(text: str) -> Kind:
    if text not in list(Kind):
        raise WrongRow(f"kind '{text[:40]}' is not one of {', '.join(Kind)}")
    return Kind(text)


def _zone(text: str) -> Zone:
    if text and text not in list(Zone):
        raise WrongRow(f"zone '{text[:40]}' is not one of {', '.join(Zone)}")
    return Zone(text) if text else Zone.HOME


def _to(kind: Kind, text: str) -> str:
    if kind is Kind.SERVICE:
        if not text:
            raise WrongRow("to is empty: write the code of the service")
        return text
    if kind is Kind.DATA:
        return ""
    return Msisdn.e164(text).digits


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise WrongRow(f"at '{text[:40]}' is not a moment like 2026-12-01T09:30:00+03:00") from None
    if moment.tzinfo is None:
        raise WrongRow("at has no zone: add Z or +03:00")
    return moment.astimezone(OPERATOR_ZONE)


def _quantity(kind: Kind, text: str) -> int:
    match = _QUANTITY.fullmatch(text)
    if match is None or (match[2] and not kind.is_timed):
        unit = {Kind.SMS: "parts", Kind.DATA: "bytes", Kind.SERVICE: "pieces"}.get(kind, "seconds")
        raise WrongRow(f"quantity '{text[:40]}' is not a number of {unit}")
    whole = int(match[1])
    return whole * MICROSECONDS + int((match[2] or "").ljust(6, "0")) if kind.is_timed else whole
