"""A bank's statement: its documents and totals as values, and the 1C exchange text they are read from, line by line.

Source: «Стандарт обмена с системами „Клиент банка“», version 1.03, v8.1c.ru/edi/edi_stnd/100/101.htm.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from k5web.domain.money import Money
from k5web.errors import WrongStatement

SIGNATURE = "1CClientBankExchange"
CODINGS = {"windows": "cp1251", "dos": "cp866", "utf-8": "utf-8", "utf8": "utf-8"}  # what «Кодировка» may say

# A field of a document may be written in pieces: «НазначениеПлатежа1» … «6»
_PIECES = range(1, 7)
_SECTION, _SECTION_END = "СекцияРасчСчет", "КонецРасчСчет"
_DOCUMENT, _DOCUMENT_END = "СекцияДокумент", "КонецДокумента"
_END = "КонецФайла"

_SUM = re.compile(r"([0-9]{1,13})(?:[.,]([0-9]{1,2}))?", re.ASCII)
_DAY = re.compile(r"([0-9]{2})\.([0-9]{2})\.([0-9]{4})", re.ASCII)
_ACCOUNT = re.compile(r"[0-9]{20}", re.ASCII)
_SPACES = re.compile(r"[ \u00a0\u202f]")

Line = tuple[int, str]  # its number, from 1, and its text without the end


@dataclass(frozen=True, slots=True)
class BankDocument:
    """One payment as the bank tells it, whoever's it is. `line` is where it begins in the file."""

    line: int
    number: str
    day: date  # of the document
    amount: Money
    payer_account: str
    payer_bic: str
    payer_inn: str
    payer: str
    payee_account: str  # empty: the statement is of one account and does not say which
    purpose: str
    received_on: date | None  # when it came to the payee's account; None where it did not yet
    spent_on: date | None = None  # when it left the payer's account


@dataclass(frozen=True, slots=True)
class AccountTotals:
    """What the bank says an account's documents of a period come to. None: it does not say. `line` is its end."""

    line: int
    account: str
    opening: Money | None
    received: Money | None
    spent: Money | None
    closing: Money | None


Record = BankDocument | AccountTotals


def read_exchange(lines: Iterable[Line]) -> Iterator[Record]:
    """Yield the documents and totals of an exchange file as they come. Raises: WrongStatement naming the line."""
    numbered = iter(lines)
    at, first = next(numbered, (1, ""))
    if first.strip() != SIGNATURE:
        raise WrongStatement(line=at, reason=f"an exchange file begins with {SIGNATURE}")
    for at, text in numbered:
        name, _, value = text.partition("=")
        match name.strip():
            case "СекцияРасчСчет":
                yield _totals(_fields(at, numbered, _SECTION, _SECTION_END))
            case "СекцияДокумент":
                yield _document(_fields(at, numbered, _DOCUMENT, _DOCUMENT_END))
            case "КонецФайла":
                _refuse_rest(numbered)
                return
            case "КонецРасчСчет" | "КонецДокумента" as end:
                raise WrongStatement(line=at, reason=f"{end} ends nothing")
            case _ if text.strip() and "=" not in text:
                raise WrongStatement(line=at, reason="neither a section nor name=value")
            case "Кодировка" if value.strip().lower() not in CODINGS:
                raise WrongStatement(line=at, reason="Кодировка is neither Windows nor DOS nor UTF-8")
    raise WrongStatement(line=at, reason=f"the file ends too early: there is no {_END}")


def exact_sum(text: str, line: int, name: str) -> Money:
    """Return a sum as banks write it: `500`, `500.00`, `1 234,56`. Raises: WrongStatement."""
    match = _SUM.fullmatch(_SPACES.sub("", text))
    if match is None:
        raise WrongStatement(line=line, reason=f"{name} is not a sum like 500.00")
    return Money(int(match[1]) * 100 + int((match[2] or "").ljust(2, "0")), "RUB")


def exact_day(text: str, line: int, name: str) -> date:
    """Return a day written like 20.11.2026. Raises: WrongStatement."""
    match = _DAY.fullmatch(text.strip())
    try:
        if match is not None and int(match[3]) >= 2000:
            return date(int(match[3]), int(match[2]), int(match[1]))
    except ValueError:
        pass
    raise WrongStatement(line=line, reason=f"{name} is not a day like 20.11.2026")


@dataclass
class Totals:
    """Compares what the bank says own accounts come to with what their documents do."""

    own: frozenset[str]
    sections: list[AccountTotals] = field(default_factory=list)  # a few, one an account and a day at most
    received: dict[str, int] = field(default_factory=dict)
    spent: dict[str, int] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        """Take one more record into account. Raises: WrongStatement where a section contradicts itself."""
        if isinstance(record, AccountTotals):
            if record.account in self.own:
                _check_section(record)
                self.sections.append(record)
            return
        if record.received_on is not None and record.payee_account in self.own:
            self._count(self.received, record.payee_account, record.amount)
        if record.payer_account in self.own and (record.spent_on or record.received_on) is not None:
            self._count(self.spent, record.payer_account, record.amount)

    def check(self) -> None:
        """Compare, at the end of the file. Raises: WrongStatement."""
        for account in {section.account for section in self.sections}:
            of_it = [section for section in self.sections if section.account == account]
            self._compare(of_it, [section.received for section in of_it], self.received.get(account, 0), "received")
            self._compare(of_it, [section.spent for section in of_it], self.spent.get(account, 0), "spent")

    @staticmethod
    def _count(sums: dict[str, int], account: str, amount: Money) -> None:
        sums[account] = sums.get(account, 0) + amount.minor

    @staticmethod
    def _compare(sections: list[AccountTotals], said: list[Money | None], found: int, what: str) -> None:
        if any(total is None for total in said):
            return
        total = Money(sum(money.minor for money in said if money is not None))
        if total.minor != found:
            reason = f"{total} {what} by the bank's totals, {Money(found)} by the documents of the file"
            raise WrongStatement(line=sections[-1].line, reason=reason)


def _check_section(section: AccountTotals) -> None:
    parts = (section.opening, section.received, section.spent, section.closing)
    if any(part is None for part in parts):
        return
    opening, received, spent, closing = (part.minor for part in parts if part is not None)
    if opening + received - spent != closing:
        raise WrongStatement(line=section.line, reason="opening, received and spent do not come to the closing balance")


@dataclass(frozen=True, slots=True)
class _Fields:
    """The lines of one section by their names."""

    begin: int
    end: int
    values: Mapping[str, Line]

    def text(self, *names: str) -> str:
        """Return the first of these that is filled in."""
        found = (self.values[name][1] for name in names if name in self.values)
        return next((text for text in found if text), "")

    def sum(self, name: str) -> Money | None:
        """Return a sum, None where it is not filled in; an overdraft's minus is understood."""
        line, text = self.values.get(name, (0, ""))
        if not text:
            return None
        amount = exact_sum(text.removeprefix("-"), line, name)
        return -amount if text.startswith("-") else amount

    def day(self, name: str) -> date | None:
        """Return a day, None where it is not filled in."""
        line, text = self.values.get(name, (0, ""))
        return exact_day(text, line, name) if text else None

    def joined(self, name: str) -> str:
        """Return a text, from its pieces where it is not filled in as a whole."""
        return self.text(name) or " ".join(filter(None, (self.text(f"{name}{piece}") for piece in _PIECES)))


def _fields(begin: int, lines: Iterator[Line], start: str, end: str) -> _Fields:
    """Read one section to its end. Raises: WrongStatement."""
    values: dict[str, Line] = {}
    at = begin
    for at, text in lines:
        name, equals, value = text.partition("=")
        name = name.strip()
        if name == end:
            return _Fields(begin, at, values)
        if not text.strip():
            continue
        if not equals or name.startswith(("Секция", "Конец")):
            raise WrongStatement(line=at, reason=f"{start} of line {begin} is not ended before this line")
        if name in values and values[name][1] != value.strip():
            raise WrongStatement(line=at, reason=f"{name} is there twice")
        values[name] = at, value.strip()
    raise WrongStatement(line=at, reason=f"the file ends inside the {start} of line {begin}")


def _totals(fields: _Fields) -> AccountTotals:
    return AccountTotals(
        line=fields.end,
        account=fields.text("РасчСчет"),
        opening=fields.sum("НачальныйОстаток"),
        received=fields.sum("ВсегоПоступило"),
        spent=fields.sum("ВсегоСписано"),
        closing=fields.sum("КонечныйОстаток"),
    )


def _document(fields: _Fields) -> BankDocument:
    amount, day = fields.sum("Сумма"), fields.day("Дата")
    if amount is None or amount.minor <= 0:
        raise WrongStatement(line=fields.begin, reason="a document without a sum above zero")
    if day is None or not fields.text("Номер"):
        raise WrongStatement(line=fields.begin, reason="a document without a number or a day")
    payee = fields.text("ПолучательСчет", "ПолучательРасчСчет")
    if not _ACCOUNT.fullmatch(payee):
        raise WrongStatement(line=fields.begin, reason="a document whose payee's account is not of 20 digits")
    return BankDocument(
        line=fields.begin,
        number=fields.text("Номер"),
        day=day,
        amount=amount,
        payer_account=fields.text("ПлательщикСчет", "ПлательщикРасчСчет"),
        payer_bic=fields.text("ПлательщикБИК"),
        payer_inn=fields.text("ПлательщикИНН"),
        payer=fields.text("Плательщик1", "Плательщик"),
        payee_account=payee,
        purpose=fields.joined("НазначениеПлатежа"),
        received_on=fields.day("ДатаПоступило"),
        spent_on=fields.day("ДатаСписано"),
    )


def _refuse_rest(lines: Iterator[Line]) -> None:
    for at, text in lines:
        if text.strip("\x1a \t"):  # DOS programs end a text with Ctrl-Z
            raise WrongStatement(line=at, reason=f"something stands after {_END}")
