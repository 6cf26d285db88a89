"""The register of a day: what the network says it paid, one line each, with a total that must be right."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from k5web.domain.money import MINOR_PER_MAJOR, Money
from k5web.domain.payments.partner import Partner
from k5web.domain.payments.top_up import RegisterLine
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
        """Yield the payments as they are read. Raises: WrongRegister, at the end too where the totals are wrong."""
        count = total_minor = line_no = 0
        is_over = False
        for line_no, raw in enumerate(lines, 1):
            line = raw.strip("\r\n\ufeff ")
            if len(raw) > LONGEST_LINE or "\r" in line:
                raise WrongRegister(line=line_no, reason="is not one line of five columns")
            if not line or (count == 0 and "@" in line and "\t" not in line):
                continue  # one bank's mail program leaves an address and an empty line before the payments
            if is_over:
                raise WrongRegister(line=line_no, reason="stands behind the total")
            columns = line.split("\t")
            if columns[0] == "Total:":
                _hold_against(columns, count, total_minor, line_no)
                is_over = True
                continue
            found = self._payment(columns, line_no)
            count, total_minor = count + 1, total_minor + found.amount.minor
            yield found
        if not is_over:
            raise WrongRegister(line=line_no + 1, reason="the line with the total is missing")

    def _payment(self, columns: list[str], line_no: int) -> RegisterLine:
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


def _hold_against(columns: list[str], count: int, total_minor: int, line_no: int) -> None:
    """Raises: WrongRegister where the total line does not say what the lines say."""
    match = _TOTAL.fullmatch(columns[2]) if len(columns) == 3 and _COUNT.fullmatch(columns[1]) else None
    if match is None:
        raise WrongRegister(line=line_no, reason="the total is not a count and a sum between tabs")
    if (int(columns[1]), int(match[1]) * MINOR_PER_MAJOR + int(match[2])) != (count, total_minor):
        shown = f"{total_minor // MINOR_PER_MAJOR}.{total_minor % MINOR_PER_MAJOR:02d}"
        raise WrongRegister(
            line=line_no, reason=f"the total says {columns[1]} and {columns[2]}, the lines {count} and {shown}"
        )
