"""The 1C exchange text of a bank's statement, line by line: strict about what brings money, lenient about the rest.

Source: «Стандарт обмена с системами „Клиент банка“», version 1.03, v8.1c.ru/edi/edi_stnd/100/101.htm.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from k5web.domain.bank.parts import (
    exact_account,
    exact_bic,
    exact_day,
    exact_number,
    exact_sum,
    is_in_roubles,
    is_our_kind,
    is_readable,
    plain_account,
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
    Text,
    whole_and_pieces,
)
from k5web.domain.money import Money
from k5web.errors import WrongStatement

SIGNATURE = "1CClientBankExchange"
OWN_SENDER = "K5"  # what `exchange_writer` tells as «Отправитель»
MOST_LINES = 1000  # of one section

_SECTION, _SECTION_END = "СекцияРасчСчет", "КонецРасчСчет"
_DOCUMENT, _DOCUMENT_END = "СекцияДокумент", "КонецДокумента"
_END = "КонецФайла"
_MARKS = {mark.casefold(): mark for mark in (_SECTION, _SECTION_END, _DOCUMENT, _DOCUMENT_END, _END)}

# A text may be written in pieces: «НазначениеПлатежа1» … «6»; or go on, without a name, on the next lines
_PIECES = range(1, 7)
_TEXTS = re.compile(r"(?:назначениеплатежа|плательщик|получатель)[1-6]?")
_NAME = re.compile(r"\s*[\w.]{1,60}\s*")
_ACCOUNTS = ("ПлательщикСчет", "ПлательщикРасчСчет"), ("ПолучательСчет", "ПолучательРасчСчет")
_CURRENCIES = ("ВалютаПлатежа", "ВалютаДокумента", "Валюта", "КодВалюты")
_ONCE = (*_ACCOUNTS[0], *_ACCOUNTS[1], *_CURRENCIES, "Номер", "Дата", "Сумма", "ПлательщикБИК", "ПлательщикИНН")
_TOTALS = ("РасчСчет", "НачальныйОстаток", "ВсегоПоступило", "ВсегоСписано", "КонечныйОстаток")


def read_exchange(lines: Iterable[Line], own: frozenset[str], notes: Notes) -> Iterator[Record]:
    """Yield the documents and totals of an exchange file as they come; `own` are our accounts.

    Raises: WrongStatement naming the line.
    """
    return _Reader(lines, own, notes).records()


@dataclass(frozen=True, slots=True)
class _Fields:
    """The lines of one section by their names; `loose` is the first without one."""

    begin: int
    end: int
    values: dict[str, list[Line]]
    loose: int

    def lines(self, *names: str) -> list[Line]:
        """Return the filled lines of these names."""
        return [line for name in names for line in self.values.get(name.casefold(), []) if line[1]]

    def one(self, *names: str) -> Line:
        """Return the first of these that is filled in."""
        return next(iter(self.lines(*names)), (self.begin, ""))

    def texts(self, *names: str) -> list[str]:
        """Return the texts of these names."""
        return [text for _at, text in self.lines(*names)]

    def sum(self, name: str) -> Money | None:
        """Return a sum, None where it is not filled in. Raises: WrongStatement."""
        at, text = self.one(name)
        return exact_sum(text, at, name) if text else None

    def refuse_two(self, *names: str) -> None:
        """Raises: WrongStatement where one of these is told twice, differently, or a line has no name."""
        if self.loose:
            raise WrongStatement(
                line=self.loose, reason=f"the section of line {self.begin} is not ended before this line"
            )
        for name in names:
            found = self.lines(name)
            if len({text for _at, text in found}) > 1:
                raise WrongStatement(line=found[-1][0], reason=f"{name} is there twice")
        for at, text in (line for found in self.values.values() for line in found):
            if not is_readable(text):
                raise WrongStatement(line=at, reason="letters that cannot be read")


@dataclass
class _Reader:
    """Where the reading is: the part of the file, and what its head says."""

    lines: Iterable[Line]
    own: frozenset[str]
    notes: Notes
    part: int = 0
    documents: int = 0
    accounts: set[str] = field(default_factory=set)
    is_own: bool = False
    at: int = 1

    def records(self) -> Iterator[Record]:
        numbered = iter(self.lines)
        self.at, first = next(numbered, (1, ""))
        if _folded(first) != SIGNATURE.casefold():
            raise WrongStatement(line=self.at, reason=f"an exchange file begins with {SIGNATURE}")
        is_open = True
        for self.at, text in numbered:
            mark, _, value = text.partition("=")
            name = self._mark(mark)
            if _folded(text) == SIGNATURE.casefold():
                if is_open:
                    yield self._end(is_marked=False)
                self._next_part()
                is_open = True
            elif not is_open:
                self._refuse_rest(text)
            elif name == _SECTION:
                yield self._totals(self._fields(numbered, _SECTION, _SECTION_END))
            elif name == _DOCUMENT:
                yield self._document(self._fields(numbered, _DOCUMENT, _DOCUMENT_END))
            elif name in {_SECTION_END, _DOCUMENT_END}:
                raise WrongStatement(line=self.at, reason=f"{name} ends nothing")
            elif name == _END:
                yield self._end(is_marked=True)
                is_open = False
            else:
                self._head(mark, value, text)
        if is_open:
            yield self._end(is_marked=False)

    def _mark(self, mark: str) -> str:
        name = _MARKS.get(_folded(mark), "")
        if name and mark.strip() != name:
            self.notes[Lenience.NAMES] += 1
        return name

    def _head(self, name: str, value: str, text: str) -> None:
        if _folded(name) == "расчсчет" and (account := plain_account(value)):
            self.accounts.add(account)
        elif _folded(name) == "отправитель" and value.strip() == OWN_SENDER:
            self.is_own = True
        elif not _is_padding(text) and "=" not in text:
            self.notes[Lenience.LOOSE] += 1
        elif text and _is_padding(text):
            self.notes[Lenience.PADDING] += 1

    def _refuse_rest(self, text: str) -> None:
        if not _is_padding(text):
            raise WrongStatement(line=self.at, reason=f"something stands after {_END}")
        if text:
            self.notes[Lenience.PADDING] += 1

    def _end(self, is_marked: bool) -> PartEnd:
        return PartEnd(self.at, self.part, frozenset(self.accounts), is_marked, self.is_own)

    def _next_part(self) -> None:
        self.notes[Lenience.PARTS] += 1
        self.part += 1
        self.accounts, self.is_own = set(), False

    def _fields(self, lines: Iterator[Line], start: str, end: str) -> _Fields:
        """Read one section to its end. Raises: WrongStatement."""
        values: dict[str, list[Line]] = {}
        begin, last, loose = self.at, "", 0
        for self.at, text in lines:
            name, equals, value = text.partition("=")
            mark = self._mark(name)
            if mark == end:
                return _Fields(begin, self.at, values, loose)
            if self.at - begin > MOST_LINES:
                raise WrongStatement(line=self.at, reason=f"{start} of line {begin} has more than {MOST_LINES} lines")
            if mark or _folded(text) == SIGNATURE.casefold():
                raise WrongStatement(line=self.at, reason=f"{start} of line {begin} is not ended before this line")
            if equals and _NAME.fullmatch(name):
                last = _folded(name)
                self._keep(values, last, value.strip(), is_named=True)
            elif _is_padding(text):
                continue
            elif _TEXTS.fullmatch(last):
                self._keep(values, last, text.strip(), is_named=False)
            elif text.lstrip().startswith(("#", "//", ";", "--")):
                self.notes[Lenience.LOOSE] += 1
            else:
                loose = loose or self.at
        raise WrongStatement(line=self.at, reason=f"the file ends too early: inside the {start} of line {begin}")

    def _keep(self, values: dict[str, list[Line]], name: str, value: str, is_named: bool) -> None:
        found = values.setdefault(name, [])
        if is_named and any(value == text for _at, text in found):
            return
        self.notes[Lenience.REPEATED] += bool(found) and name == "назначениеплатежа"
        found.append((self.at, value))

    # --- what a section says

    def _totals(self, fields: _Fields) -> AccountTotals:
        """Return the totals of an account; those of others' accounts are not looked at."""
        account = plain_account(fields.one("РасчСчет")[1])
        account = account or (next(iter(self.accounts)) if len(self.accounts) == 1 else "")
        self.accounts.add(account)
        if account not in self.own:
            return AccountTotals(fields.end, self.part, account)
        fields.refuse_two(*_TOTALS)
        opening, received, spent, closing = (fields.sum(name) for name in _TOTALS[1:])
        return AccountTotals(fields.end, self.part, account, opening, received, spent, closing)

    def _document(self, fields: _Fields) -> Record:
        payers, payees = ([plain_account(text) for text in fields.texts(*names)] for names in _ACCOUNTS)
        payer = next((one for one in payers if one in self.own), next(iter(payers), ""))
        payee = next((one for one in payees if one in self.own), next(iter(payees), ""))
        if payer not in self.own and (payee in self.own or not self._is_readable_as_others(fields, payee)):
            return self._incoming(fields, payee)
        direction = Direction.FOREIGN if payer not in self.own else Direction.OUTGOING
        return self._other(fields, Direction.BETWEEN if {payer, payee} <= self.own else direction, payer, payee)

    @staticmethod
    def _is_readable_as_others(fields: _Fields, payee: str) -> bool:
        """Return whether a document surely did not come to us: to others' account, or it only left somebody's."""
        return is_our_kind(payee) or bool(_told(fields, "ДатаСписано") and not _told(fields, "ДатаПоступило"))

    def _other(self, fields: _Fields, direction: Direction, payer: str, payee: str) -> OtherDocument:
        amount = _lenient_sum(fields)
        name = (payer, payee, *(fields.one(part)[1] for part in ("Номер", "Дата", "Сумма")))
        if direction is not Direction.FOREIGN and not is_our_kind(payee):
            self.notes[Lenience.OTHER_SIDE] += 1
        if amount is not None and not amount.minor:
            self.notes[Lenience.ZERO] += 1
            direction = Direction.EMPTY
        elif direction is not Direction.FOREIGN and (amount is None or not all(name[2:4])):
            self.notes[Lenience.INCOMPLETE] += 1
        received, spent = _told(fields, "ДатаПоступило"), _told(fields, "ДатаСписано")
        return OtherDocument(fields.begin, self.part, direction, amount, payer, payee, received, spent, name)

    def _incoming(self, fields: _Fields, payee: str) -> Record:
        """Return what came to us, exactly as it stands. Raises: WrongStatement."""
        fields.refuse_two(*_ONCE, "ДатаПоступило", "ДатаСписано")
        amount = fields.sum("Сумма")
        if amount is not None and not amount.minor:
            self.notes[Lenience.ZERO] += 1
            return OtherDocument(fields.begin, self.part, Direction.EMPTY, amount, "", payee, True, False, ())
        if amount is None or amount.minor < 0:
            raise WrongStatement(line=fields.begin, reason="a document without a sum above zero")
        if payee not in self.own:
            raise WrongStatement(
                line=fields.begin, reason="a document that came, and its payee's account is not of 20 digits"
            )
        for at, text in fields.lines(*_CURRENCIES):
            if not is_in_roubles(text):
                raise WrongStatement(line=at, reason="a document that is not in roubles")
        received_on, spent_on = (_day(fields, name) for name in ("ДатаПоступило", "ДатаСписано"))
        day = _day(fields, "Дата") or received_on
        if day is None:
            raise WrongStatement(line=fields.begin, reason="a document without a day")
        number, account, bic = (
            fields.one("Номер"),
            fields.one(*_ACCOUNTS[0]),
            fields.one("ПлательщикБИК"),
        )
        purpose = _purpose(fields)
        found = BankDocument(
            line=fields.begin,
            part=self.part,
            number=exact_number(number[1], number[0], "Номер"),
            day=day,
            amount=amount,
            payer_account=exact_account(account[1], account[0], "ПлательщикСчет"),
            payer_bic=exact_bic(bic[1], bic[0], "ПлательщикБИК"),
            payer_inn=unquoted(fields.one("ПлательщикИНН")[1]),
            payer=" ".join(fields.texts("Плательщик1") or fields.texts("Плательщик")),
            payee_account=payee,
            purpose=purpose.glued,
            received_on=received_on,
            spent_on=spent_on,
            purpose_apart="" if purpose.apart == purpose.glued else purpose.apart,
            cells=Cells(number[1], account[1], bic[1]),
        )
        self.notes[Lenience.NO_NUMBER] += not found.number
        self.notes[Lenience.UNTOLD_DAY] += received_on is None or not _told(fields, "Дата")
        return found


def _purpose(fields: _Fields) -> Text:
    name = "НазначениеПлатежа"
    return whole_and_pieces(fields.texts(name), [text for n in _PIECES for text in fields.texts(f"{name}{n}")])


def _lenient_sum(fields: _Fields) -> Money | None:
    try:
        found = fields.sum("Сумма")
    except WrongStatement:
        return None
    return found if found is None or found.minor >= 0 else -found


def _told(fields: _Fields, name: str) -> bool:
    """Return whether a day is told, whatever it is."""
    try:
        return _day(fields, name) is not None
    except WrongStatement:
        return True


def _day(fields: _Fields, name: str) -> date | None:
    at, text = fields.one(name)
    return exact_day(text, at, name)


def _folded(name: str) -> str:
    return name.strip("\ufeff \t\xa0").casefold().replace("ё", "е")


def _is_padding(text: str) -> bool:
    """Return whether a line is empty but for what programs fill files with: Ctrl-Z of DOS, NUL, byte order marks."""
    return not text.strip("\x1a\x00\ufeff \t\xa0")
