"""The register of a day: what the network says it paid, one line each, with a total that must be right."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from k5web.domain.money import MINOR_PER_MAJOR, Money
from k5web.domain.payments.connector import RegisterLine
from k5web.domain.payments.partner import Partner
from k5web.domain.payments.register import lines_within_total
from k5web.errors import WrongMoney, WrongRegister

LONGEST_LINE = 1000

_TXN_ID = re.compile(r"[0-9]{1,20}", re.ASCII)
_COUNT = re.compile(r"[0-9]{1,12}", re.ASCII)
_TOTAL = re.compile(r"([0-9]{1,15})\.([0-9]{2})", re.ASCII)  # a day's total is longer than any one sum
_DAY = re.compile(r"([0-9]{2})\.([0-9]{2})\.([0-9]{4})", re.ASCII)
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}", re.ASCII)


class Register:
    """The reading half of a connector: five columns between tabs, then `Total:`, the count and the sum."""

    tells_back = False  # the file has what was paid and nothing else
    partner: Partner
    zone: ZoneInfo  # of the register's clock

    def read_register(self, lines: Iterable[str]) -> Iterator[RegisterLine]:
        """Return the payments as they are read. Raises: WrongRegister, at the end too where the totals are wrong."""
        return lines_within_total(_rows(lines), lambda columns: columns[0] == "Total:", self._payment, _total)

    def _payment(self, line_no: int, columns: list[str]) -> RegisterLine:
        if len(columns) != 5 or not _TXN_ID.fullmatch(columns[0]):
            raise WrongRegister(line=line_no, reason="is not number, date, time, account and sum between tabs")
        try:
            amount = Money.parse(columns[4], self.partner.currency)
        except WrongMoney as error:
            raise WrongRegister(line=line_no, reason="the sum is not written like 500.00") from error
        at = self._time(columns[1], columns[2], line_no)
        return RegisterLine(line_no, columns[0], at, columns[3], amount)

    def _time(self, day: str, time: str, line_no: int) -> datetime:
        text = "T".join((_DAY.sub(r"\3-\2-\1", day), time))
        try:
            if not _ISO.fullmatch(text):
                raise ValueError(text)
            return datetime.fromisoformat(text).replace(tzinfo=self.zone).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            reason = "the time is not written like 20.11.2026 and 14:30:05"
            raise WrongRegister(line=line_no, reason=reason) from error


def _rows(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines that say something, each cut into its columns. Raises: WrongRegister."""
    is_begun = False
    for line_no, raw in enumerate(lines, 1):
        line = raw.strip("\r\n\ufeff ")
        if len(raw) > LONGEST_LINE or "\r" in line:
            raise WrongRegister(line=line_no, reason="is not one line of five columns")
        if not line or (not is_begun and "@" in line and "\t" not in line):
            continue  # one bank's mail program leaves an address and an empty line before the payments
        is_begun = is_begun or not line.startswith("Total:")
        yield line_no, line.split("\t")


def _total(line_no: int, columns: list[str]) -> tuple[int, int]:
    match = _TOTAL.fullmatch(columns[2]) if len(columns) == 3 and _COUNT.fullmatch(columns[1]) else None
    if match is None:
        raise WrongRegister(line=line_no, reason="the total is not a count and a sum between tabs")
    return int(columns[1]), int(match[1]) * MINOR_PER_MAJOR + int(match[2])
