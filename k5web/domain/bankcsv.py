"""A bank's statement as a table: one payment a row, columns known by their names, Russian or English."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from k5web.domain.bankstatement import AccountTotals, BankDocument, Line, Record, exact_day, exact_sum
from k5web.errors import WrongStatement

DELIMITERS = (";", "\t", ",")

# What a column may be called; the first name is the one the refusals use
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "number": ("номер", "номер документа", "№", "№ документа", "number"),
    "day": ("дата", "дата документа", "date"),
    "amount": ("сумма", "поступление", "кредит", "amount", "credit"),
    "spent": ("списание", "дебет", "debit"),
    "payer_account": ("счет плательщика", "счёт плательщика", "payer_account"),
    "payer_bic": ("бик плательщика", "бик банка плательщика", "payer_bic"),
    "payer_inn": ("инн плательщика", "payer_inn"),
    "payer": ("плательщик", "наименование плательщика", "payer"),
    "payee_account": ("счет получателя", "счёт получателя", "payee_account"),
    "purpose": ("назначение платежа", "назначение", "purpose"),
    "received_on": ("дата поступления", "дата проводки", "received"),
}
NEEDED = ("number", "day", "amount", "payer_account", "payer_bic", "purpose")
TOTAL = re.compile(r"итого:?|всего:?|total:?", re.IGNORECASE)


def read_table(lines: Iterable[Line]) -> Iterator[Record]:
    """Yield the rows as documents, and a last row «Итого» as totals. Raises: WrongStatement naming the line."""
    feed = _Feed(lines)
    heading = next(feed, "")
    delimiter = max(DELIMITERS, key=heading.count)
    places = _places([cell.strip().strip('"').lower() for cell in heading.split(delimiter)])
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    total: AccountTotals | None = None
    begin = feed.at + 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if total is not None:
                    raise WrongStatement(line=begin, reason="something stands after the totals")
                total = _total(begin, cells, places)
                yield total or _row(begin, cells, places)
            begin = feed.at + 1
    except csv.Error as error:
        raise WrongStatement(line=begin, reason=f"the row is damaged: {error}") from error


class _Feed(Iterator[str]):
    """The lines for the csv module, and the number of the last one it took."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._lines = iter(lines)
        self.at = 0

    def __next__(self) -> str:
        self.at, text = next(self._lines)
        return f"{text}\n"


def _places(names: Sequence[str]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for column, known in COLUMNS.items():
        at = [place for place, name in enumerate(names) if name in known]
        if len(at) > 1:
            raise WrongStatement(line=1, reason=f"the column «{known[0]}» is there twice")
        if at:
            found[column] = at[0]
        elif column in NEEDED:
            raise WrongStatement(line=1, reason=f"there is no column «{known[0]}» (or {', '.join(known[1:])})")
    found[""] = len(names)
    return found


def _cells(line: int, cells: Sequence[str], places: Mapping[str, int]) -> dict[str, str]:
    if len(cells) != places[""]:
        raise WrongStatement(line=line, reason=f"{len(cells)} cells, {places['']} are wanted")
    return {column: cells[place].strip() for column, place in places.items() if column}


def _row(line: int, cells: Sequence[str], places: Mapping[str, int]) -> BankDocument:
    """Return a row; what went out is told by a minus, or by a sum in the column of spendings."""
    found = _cells(line, cells, places)
    spent, amount = found.get("spent", ""), found["amount"]
    is_spent = bool(spent.strip("-0,. ")) or amount.startswith("-")
    text = spent if spent.strip("-0,. ") else amount
    sum_ = exact_sum(text.removeprefix("-"), line, "сумма")
    if sum_.minor <= 0:
        raise WrongStatement(line=line, reason="a row without a sum above zero")
    if not found["number"]:
        raise WrongStatement(line=line, reason="a row without a number")
    day = exact_day(found["day"], line, "дата")
    came = found.get("received_on", "")
    moved_on = exact_day(came, line, "дата поступления") if came else day
    return BankDocument(
        line=line,
        number=found["number"],
        day=day,
        amount=sum_,
        payer_account=found["payer_account"],
        payer_bic=found["payer_bic"],
        payer_inn=found.get("payer_inn", ""),
        payer=found.get("payer", ""),
        payee_account=found.get("payee_account", ""),
        purpose=found["purpose"],
        received_on=None if is_spent else moved_on,
        spent_on=moved_on if is_spent else None,
    )


def _total(line: int, cells: Sequence[str], places: Mapping[str, int]) -> AccountTotals | None:
    """Return the totals where this is their row."""
    if not any(TOTAL.fullmatch(cell.strip()) for cell in cells):
        return None
    found = _cells(line, cells, places)
    received = found["amount"]
    return AccountTotals(
        line=line,
        account=found.get("payee_account", ""),
        opening=None,
        received=exact_sum(received, line, "сумма") if received else None,
        spent=None,
        closing=None,
    )
