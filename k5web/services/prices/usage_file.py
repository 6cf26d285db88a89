"""A file of a month's uses: rows of text become events, a wrong one is named with its reason."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from k5web.domain.prices.deck_cells import shown
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.rating import MICROSECONDS
from k5web.domain.prices.usage import Kind, UsageEvent, Zone, is_code
from k5web.errors import WrongFile, WrongNumber
from k5web.services.ports import OPERATOR_ZONE

COLUMNS = ("at", "kind", "to", "zone", "quantity", "option")
LARGEST = 8 * 1024 * 1024  # bytes; a month of one subscriber has some thousand rows
UNPAID = ":unpaid"  # behind an option that is connected and whose fee could not be taken
_QUANTITY = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,6}))?", re.ASCII)


class WrongRow(ValueError):
    """Why a row of the file cannot be priced."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file: its cells in the order of COLUMNS, and why it cannot be read, if it cannot."""

    cells: Sequence[str]
    wrong: str = ""

    def use(self) -> UsageEvent:
        """Return the use that the row tells. Raises: WrongRow."""
        if self.wrong:
            raise WrongRow(self.wrong)
        at, kind, to, zone, quantity, option = self.cells
        what = _kind(kind)
        options = [code.strip() for code in option.split(";") if code.strip()]
        paid = frozenset(code for code in options if not code.endswith(UNPAID))
        unpaid = frozenset(code.removesuffix(UNPAID) for code in options if code.endswith(UNPAID))
        if paid & unpaid:
            raise WrongRow(f"option '{shown(min(paid & unpaid))}' is named as paid and as unpaid")
        return UsageEvent(_moment(at), what, _to(what, to), _quantity(what, quantity), _zone(zone), paid, unpaid)


def read_rows(path: Path) -> Iterator[Row]:
    """Yield the rows of the file. Raises: WrongFile."""
    heading, *lines = _lines(path)
    delimiter = max((",", ";", "\t"), key=heading.count)
    names = [name.strip().lower() for name in _cells(heading, delimiter) or []]
    missing = [name for name in ("at", "kind", "quantity") if name not in names]
    if missing:
        reason = f"the heading has no column '{missing[0]}'; wanted are {', '.join(COLUMNS)}"
        raise WrongFile(file=path.name, reason=reason)
    places = [names.index(name) if name in names else -1 for name in COLUMNS]
    for line in lines:
        if line.strip():
            yield _row(line, delimiter, places, len(names))


def _lines(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise WrongFile(file=path.name, reason=f"the file is larger than {LARGEST // 1024 // 1024} MB")
        return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    except OSError as error:
        raise WrongFile(file=str(path), reason=(error.strerror or "cannot be read").lower()) from error
    except UnicodeDecodeError as error:
        raise WrongFile(file=path.name, reason="the file is not UTF-8 text") from error


def _row(line: str, delimiter: str, places: Sequence[int], width: int) -> Row:
    cells = _cells(line, delimiter)
    if cells is None:
        return Row([line[:40], *[""] * (len(COLUMNS) - 1)], "the quotes of this row are damaged")
    wrong = "" if len(cells) == width else f"{len(cells)} cells, the heading has {width}"
    return Row([cells[at].strip() if 0 <= at < len(cells) else "" for at in places], wrong)


def _cells(line: str, delimiter: str) -> list[str] | None:
    """Return the cells of one line, None where its quotes are damaged. A quote never reaches into the next line."""
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error:
        return None


def _kind(text: str) -> Kind:
    if text not in list(Kind):
        raise WrongRow(f"kind '{shown(text)}' is not one of {', '.join(Kind)}")
    return Kind(text)


def _zone(text: str) -> Zone:
    if text and text not in list(Zone):
        raise WrongRow(f"zone '{shown(text)}' is not one of {', '.join(Zone)}")
    return Zone(text) if text else Zone.HOME


def _to(kind: Kind, text: str) -> str:
    if kind is Kind.SERVICE:
        if not text:
            raise WrongRow("to is empty: write the code of the service")
        return text
    if kind is Kind.DATA:
        return ""
    if is_code(text) and not text.isdigit():
        return text  # a direction group of the plan, where no number is at hand
    try:
        return Msisdn.e164(text).digits
    except WrongNumber as error:
        raise WrongRow(str(error)) from error


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise WrongRow(f"at '{shown(text)}' is not a moment like 2026-12-01T09:30:00+03:00") from None
    if moment.tzinfo is None:
        raise WrongRow("at has no zone: add Z or +03:00")
    return moment.astimezone(OPERATOR_ZONE)


def _quantity(kind: Kind, text: str) -> int:
    match = _QUANTITY.fullmatch(text)
    if match is None or (match[2] and not kind.is_timed):
        unit = {Kind.SMS: "parts", Kind.INCOMING_SMS: "parts", Kind.DATA: "bytes", Kind.SERVICE: "pieces"}.get(
            kind, "seconds"
        )
        raise WrongRow(f"quantity '{shown(text)}' is not a number of {unit}")
    whole = int(match[1])
    return whole * MICROSECONDS + int((match[2] or "").ljust(6, "0")) if kind.is_timed else whole
