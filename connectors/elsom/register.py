"""The wallet's daily register: TAB separated payments and cancels of a Bishkek day, and a line of totals."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from connectors.elsom.wire import BISHKEK, CURRENCY
from k5web.domain.money import Money
from k5web.domain.payments.connector import RegisterLine
from k5web.domain.payments.register import lines_within_total
from k5web.errors import WrongMoney, WrongRegister

_COUNT = re.compile(r"[0-9]{1,12}", re.ASCII)


def read_register(lines: Iterable[str]) -> Iterator[RegisterLine]:
    """Return the lines as they are read; the total is held against them at the end. Raises: WrongRegister."""
    cut = ((line_no, text.rstrip("\r\n").split("\t")) for line_no, text in enumerate(lines, 1))
    rows = ((line_no, cells) for line_no, cells in cut if cells != [""])
    return lines_within_total(rows, lambda cells: cells[0] == "Total:", _line, _total)


def _line(line_no: int, cells: list[str]) -> RegisterLine:
    if len(cells) != 6:
        raise WrongRegister(line=line_no, reason="six columns are expected")
    key, date, time, account, amount, kind = cells
    if not 0 < len(key) <= 64 or kind not in {"P", "C"}:
        raise WrongRegister(line=line_no, reason="an empty number, or a type other than P and C")
    found = _sum(line_no, amount)
    if (found.minor < 0) != (kind == "C") or found.minor == 0:
        raise WrongRegister(line=line_no, reason="the sign of the sum does not fit its type")
    try:
        if not (date + time).isascii():  # strptime also takes other scripts' digits
            raise ValueError(date)
        at = datetime.strptime(f"{date} {time}", "%d.%m.%Y %H:%M:%S").replace(tzinfo=BISHKEK).astimezone(UTC)
    except ValueError:
        raise WrongRegister(line=line_no, reason="the date must be DD.MM.YYYY and hh:mm:ss") from None
    return RegisterLine(line_no, key, at, account, found, is_cancel=kind == "C")


def _total(line_no: int, cells: list[str]) -> tuple[int, int]:
    if len(cells) != 3 or not _COUNT.fullmatch(cells[1]):
        raise WrongRegister(line=line_no, reason="the total must be a count and a sum")
    return int(cells[1]), _sum(line_no, cells[2]).minor


def _sum(line_no: int, text: str) -> Money:
    try:
        return -Money.parse(text[1:], CURRENCY) if text.startswith("-") else Money.parse(text, CURRENCY)
    except WrongMoney:
        raise WrongRegister(line=line_no, reason="a sum must look like 250.00") from None
