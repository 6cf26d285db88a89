"""A bank's statement as a table: one payment a row, columns known by their names, Russian or English."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from k5web.domain.bank.parts import (
    exact_account,
    exact_bic,
    exact_day,
    exact_number,
    exact_sum,
    is_our_kind,
    is_readable,
    plain_account,
    refuse_rounded,
    unquoted,
)
from k5web.domain.bank.statement import (
    AccountTotals,
    BankDocument,
    Cells,
    Direction,
    Lenience,
    Line,
    Notes,
    OtherDocument,
    PartEnd,
    Record,
    put_together,
)
from k5web.domain.money import Money
from k5web.errors import WrongStatement

DELIMITERS = (";", "\t", ",", "|")
HEADING_WITHIN = 50  # rows: above it banks write whose statement this is
MOST_CELLS = 200
ENOUGH_COLUMNS = 3  # known ones: a row that has them is the heading

# What a column may be called; the first name is the one the refusals use
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "number": ("номер", "номер документа", "№", "№ документа", "№ док", "number"),
    "day": ("дата", "дата документа", "date"),
    "amount": ("сумма", "поступление", "кредит", "приход", "зачисление", "amount", "credit"),
    "spent": ("списание", "дебет", "расход", "debit"),
    "payer_account": ("счет плательщика", "payer_account"),
    "payer_bic": ("бик плательщика", "бик банка плательщика", "payer_bic"),
    "payer_inn": ("инн плательщика", "payer_inn"),
    "payer": ("плательщик", "наименование плательщика", "payer"),
    "payee_account": ("счет получателя", "payee_account"),
    "purpose": ("назначение платежа", "назначение", "purpose"),
    "received_on": ("дата поступления", "дата проводки", "received"),
}
NEEDED = ("number", "day", "amount", "payer_account", "purpose")

_UNIT = re.compile(r"[,(]? ?(?:в )?(?:руб(?:лях|\.)?|rub|rur|₽)\)?$")
_TOTAL = re.compile(r"(?:итого|всего|total|количество)\b", re.IGNORECASE)
_BALANCE = re.compile(r"(?:остаток|сальдо|входящ|исходящ|баланс|opening|closing)", re.IGNORECASE)
_OF_RECEIVED = re.compile(r"поступ|приход|зачисл|кредит|credit", re.IGNORECASE)
_OF_SPENT = re.compile(r"спис|расход|дебет|debit", re.IGNORECASE)
_OF_DOCUMENTS = re.compile(r"докум|операц|запис|количество|платеж", re.IGNORECASE)
_ALONE = re.compile(r"[0-9]{1,9}", re.ASCII)
_COUNT = re.compile(r"[^0-9]*([0-9]{1,9})\.?", re.ASCII)


def read_table(lines: Iterable[Line], own: frozenset[str], account: str, notes: Notes) -> Iterator[Record]:
    """Yield the rows as documents, and the rows «Итого» as totals; `account` is whose a table is that names none.

    Raises: WrongStatement naming the line.
    """
    feed = _Feed(lines)
    table = _heading(feed, own, account, notes)
    reader = csv.reader(feed, delimiter=table.delimiter, strict=True)
    totals: list[AccountTotals] = []
    begin = feed.at + 1
    try:
        for cells in reader:
            if any(cell.strip("\x00\x1a\ufeff \t\xa0") for cell in cells):
                label = _label(cells)
                is_payment = table.names_payer(cells)
                if _TOTAL.match(label) and not is_payment:
                    totals.append(table.totals(begin, label, cells))
                elif _BALANCE.match(label) and not is_payment:
                    notes[Lenience.BALANCES] += 1
                elif totals:
                    raise WrongStatement(line=begin, reason="something stands after the totals")
                elif label.startswith(("#", "//")):
                    notes[Lenience.LOOSE] += 1
                else:
                    yield table.row(begin, cells)
            begin = feed.at + 1
    except csv.Error as error:
        raise WrongStatement(line=begin, reason=f"the row is damaged: {error}") from error
    if totals:
        yield _joined(totals)
    yield PartEnd(feed.at, 0, frozenset({table.account}))


class _Feed(Iterator[str]):
    """The lines for the csv module, and the number of the last one it took."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._lines = iter(lines)
        self.at = 0

    def __next__(self) -> str:
        self.at, text = next(self._lines)
        return f"{text}\n"


def _heading(feed: _Feed, own: frozenset[str], account: str, notes: Notes) -> "_Table":
    """Return the table whose heading comes, past `sep=;` and what banks write above. Raises: WrongStatement."""
    named: list[str] = []
    first = ""
    for text in feed:
        first = first or text
        delimiter = max(DELIMITERS, key=text.count)
        cells = [_column(cell) for cell in text.rstrip("\n").split(delimiter)]
        known = {column for column, names in COLUMNS.items() if set(names) & set(cells)}
        if len(known) >= ENOUGH_COLUMNS or (len(known) > 1 and feed.at == 1):
            notes[Lenience.NO_BIC] += "payer_bic" not in known
            whose = _whose(named, own, account, feed.at)
            return _Table(delimiter, _places(feed.at, cells), len(cells), own, whose, notes)
        if text.strip("\x00\x1a\ufeff \t\xa0\n"):
            notes[Lenience.ABOVE] += 1
            named += [plain for cell in text.split(delimiter) if is_our_kind(plain := plain_account(cell.strip()))]
        if feed.at >= HEADING_WITHIN:
            break
    wanted = "; ".join(f"«{COLUMNS[column][0]}»" for column in NEEDED)
    raise WrongStatement(
        line=1, reason=f"there is no heading with the columns {wanted} in the first {HEADING_WITHIN} lines"
    )


def _whose(named: Sequence[str], own: frozenset[str], account: str, at: int) -> str:
    """Return whose account the lines above the heading name. Raises: WrongStatement where it is not ours."""
    ours = [one for one in named if one in own]
    if named and not ours:
        raise WrongStatement(line=at, reason=f"this is a statement of the account {named[0]}, which is not ours")
    return ours[0] if ours else account


def _joined(rows: Sequence[AccountTotals]) -> AccountTotals:
    """Return rows of totals as one. Raises: WrongStatement where two say different sums of the same."""
    found = rows[0]
    for row in rows[1:]:
        is_exact = found.received is None or (found.may_be_net and not row.may_be_net)
        received = row.received if row.received is not None and is_exact else found.received
        for one, other in ((found.spent, row.spent), (found.documents, row.documents)):
            if one is not None and other is not None and one != other:
                raise WrongStatement(line=row.line, reason="two rows of totals say different things")
        if row.received not in {None, received} and found.may_be_net == row.may_be_net:
            raise WrongStatement(line=row.line, reason="two rows of totals say different things")
        found = replace(
            found,
            received=received,
            may_be_net=row.may_be_net if received is row.received else found.may_be_net,
            spent=row.spent if found.spent is None else found.spent,
            documents=row.documents if found.documents is None else found.documents,
        )
    return found


def _column(cell: str) -> str:
    plain = " ".join(unquoted(cell.strip("\ufeff")).lower().replace("ё", "е").replace("\xa0", " ").split())
    return _UNIT.sub("", plain).rstrip(" .:")


def _label(cells: Sequence[str]) -> str:
    """Return the first cell that says something."""
    return next((plain for cell in cells if (plain := unquoted(cell))), "")


def _places(line: int, names: Sequence[str]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for column, known in COLUMNS.items():
        at = [place for place, name in enumerate(names) if name in known]
        if len(at) > 1:
            raise WrongStatement(line=line, reason=f"the column «{known[0]}» is there twice")
        if at:
            found[column] = at[0]
        elif column in NEEDED:
            raise WrongStatement(line=line, reason=f"there is no column «{known[0]}» (or {', '.join(known[1:])})")
    return found


@dataclass(frozen=True, slots=True)
class _Table:
    """What the heading says, and whose statement this is."""

    delimiter: str
    places: Mapping[str, int]
    width: int
    own: frozenset[str]
    account: str
    notes: Notes

    def names_payer(self, cells: Sequence[str]) -> bool:
        """Return whether a row has an account of a payer: then it is a payment, whatever its first cell says."""
        return bool(plain_account(self._found(cells)["payer_account"]))

    def row(self, line: int, cells: Sequence[str]) -> Record:
        """Return a row; what went out is told by a minus, or by a sum in the column of what was spent."""
        found = self._found(cells)
        payer, payee = plain_account(found["payer_account"]), plain_account(found["payee_account"]) or self.account
        if payer in self.own or payee not in self.own or _is_negative(found["amount"], line):
            return self._other(line, found, payer, payee)
        if self._was_spent(line, found):
            return self._other(line, found, payer, payee)
        self._refuse_width(line, cells)
        if not found["amount"] and "spent" in self.places:
            amount = Money(0)
        else:
            amount = exact_sum(found["amount"], line, COLUMNS["amount"][0])
        if not amount.minor:
            self.notes[Lenience.ZERO] += 1
            return OtherDocument(line, 0, Direction.EMPTY, amount, payer, payee, False, False, ())
        return self._incoming(line, found, amount, payee)

    def totals(self, line: int, label: str, cells: Sequence[str]) -> AccountTotals:
        """Return what a row of totals says: sums below the columns of sums, or a count of documents."""
        found = self._found(cells)
        in_label = _COUNT.fullmatch(label)
        if in_label is None and _OF_DOCUMENTS.search(label):
            counts = [int(alone[0]) for cell in cells if (alone := _ALONE.fullmatch(cell.strip()))]
            documents = counts[0] if len(counts) == 1 else None
            return AccountTotals(line, 0, self.account, documents=documents, has_balances=False)
        received, spent = (
            exact_sum(found[column], line, COLUMNS[column][0]) if found[column] else None
            for column in ("amount", "spent")
        )
        if _OF_SPENT.search(label) and spent is None:
            received, spent = None, received
        documents = int(in_label[1]) if in_label else None
        is_net = "spent" not in self.places and not _OF_RECEIVED.search(label)
        return AccountTotals(line, 0, self.account, None, received, spent, None, documents, is_net, has_balances=False)

    def _was_spent(self, line: int, found: Mapping[str, str]) -> bool:
        """Return whether the column of what was spent has a sum. Raises: WrongStatement where both columns have one."""
        spent = exact_sum(found["spent"], line, COLUMNS["spent"][0]) if found["spent"] else Money(0)
        amount = _lenient(found["amount"], line)
        if spent.minor and amount is not None and amount.minor:
            raise WrongStatement(line=line, reason="a row with a sum in both columns: it came, or it went")
        return spent.minor != 0

    def _incoming(self, line: int, found: Mapping[str, str], amount: Money, payee: str) -> BankDocument:
        number, account, bic = found["number"], found["payer_account"], found["payer_bic"]
        if not is_readable("".join(found.values())):
            raise WrongStatement(line=line, reason="letters that cannot be read")
        received_on = exact_day(found["received_on"], line, COLUMNS["received_on"][0])
        day = exact_day(found["day"], line, COLUMNS["day"][0]) or received_on
        if day is None:
            raise WrongStatement(line=line, reason="a row without a day")
        purpose = put_together(found["purpose"].splitlines())
        made = BankDocument(
            line=line,
            part=0,
            number=exact_number(number, line, COLUMNS["number"][0]),
            day=day,
            amount=amount,
            payer_account=exact_account(account, line, COLUMNS["payer_account"][0]),
            payer_bic=exact_bic(bic, line, COLUMNS["payer_bic"][0]),
            payer_inn=unquoted(found["payer_inn"]),
            payer=" ".join(found["payer"].split()),
            payee_account=payee,
            purpose=purpose.glued,
            received_on=received_on,
            purpose_apart="" if purpose.apart == purpose.glued else purpose.apart,
            cells=Cells(number, account, bic),
        )
        refuse_rounded(made.payer_account, made.payer_bic, line, COLUMNS["payer_account"][0])
        self.notes[Lenience.NO_NUMBER] += not made.number
        return made

    def _other(self, line: int, found: Mapping[str, str], payer: str, payee: str) -> OtherDocument:
        spent = _lenient(found["spent"], line)
        amount = spent if spent is not None and spent.minor else _lenient(found["amount"], line)
        is_ours = payer in self.own or payee == self.account
        if payer in self.own and payee in self.own and payer != payee:
            direction = Direction.BETWEEN
        else:
            direction = Direction.OUTGOING if is_ours else Direction.FOREIGN
        if amount is not None and not amount.minor:
            self.notes[Lenience.ZERO] += 1
            direction = Direction.EMPTY
        elif is_ours and (amount is None or not found["number"] or not found["day"]):
            self.notes[Lenience.INCOMPLETE] += 1
        from_ = payer if payer in self.own or direction is Direction.FOREIGN else self.account
        name = (from_, payee, found["number"], found["day"], str(amount))
        is_received = direction is Direction.BETWEEN
        return OtherDocument(line, 0, direction, amount, from_, payee, is_received, True, name)

    def _found(self, cells: Sequence[str]) -> dict[str, str]:
        """Return the cells by their columns; a column that is not there is empty."""
        given = dict(enumerate(cells))
        return {column: given.get(self.places.get(column, -1), "").strip() for column in COLUMNS}

    def _refuse_width(self, line: int, cells: Sequence[str]) -> None:
        """Raises: WrongStatement where a row of a payment has cells that no column has."""
        filled = len(cells)
        while filled > self.width and not cells[filled - 1].strip():
            filled -= 1
        if filled != self.width or len(cells) > MOST_CELLS:
            raise WrongStatement(line=line, reason=f"{len(cells)} cells, {self.width} are wanted")
        self.notes[Lenience.EMPTY_CELLS] += len(cells) > filled


def _lenient(text: str, line: int) -> Money | None:
    """Return a sum without its sign, None where it is none or 0 in a column of what was spent."""
    try:
        found = exact_sum(text, line, "")
    except WrongStatement:
        return None
    return found if found.minor >= 0 else -found


def _is_negative(text: str, line: int) -> bool:
    try:
        return exact_sum(text, line, "").minor < 0
    except WrongStatement:
        return False
