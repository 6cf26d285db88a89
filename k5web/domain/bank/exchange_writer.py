"""The 1C exchange text written: documents of an account of ours, as the reader beside it takes them.

Source: «Стандарт обмена с системами „Клиент банка“», version 1.03, v8.1c.ru/edi/edi_stnd/100/101.htm.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from k5web.domain.bank.exchange_text import OWN_SENDER, SIGNATURE
from k5web.domain.bank.payee import Payee
from k5web.domain.money import Money

CODING = "cp1251"  # what «Windows» means there
LINE_END = "\r\n"


@dataclass(frozen=True, slots=True)
class Statement:
    """Whose account a file is of, and which days it has, both included. `made_at` is Moscow's."""

    payee: Payee
    account: str
    first: date
    last: date
    made_at: datetime


@dataclass(frozen=True, slots=True)
class ExchangeDocument:
    """Money of one day that came to the account, or left it where the sum is below zero."""

    number: str
    day: date
    amount: Money
    other: str  # whose name stands on the other side
    purpose: str


def write_exchange(statement: Statement, documents: Sequence[ExchangeDocument]) -> Iterator[str]:
    """Yield the lines of a file, without their ends. No balance is told, for the ledger does not know the bank's."""
    yield SIGNATURE
    yield from _told(
        ВерсияФормата="1.03",
        Кодировка="Windows",
        Отправитель=OWN_SENDER,
        ДатаСоздания=f"{statement.made_at:%d.%m.%Y}",
        ВремяСоздания=f"{statement.made_at:%H:%M:%S}",
        ДатаНачала=f"{statement.first:%d.%m.%Y}",
        ДатаКонца=f"{statement.last:%d.%m.%Y}",
        РасчСчет=statement.account,
    )
    yield "СекцияРасчСчет"
    yield from _told(
        ДатаНачала=f"{statement.first:%d.%m.%Y}",
        ДатаКонца=f"{statement.last:%d.%m.%Y}",
        РасчСчет=statement.account,
        ВсегоПоступило=str(Money(sum(one.amount.minor for one in documents if one.amount.minor > 0))),
        ВсегоСписано=str(Money(-sum(one.amount.minor for one in documents if one.amount.minor < 0))),
    )
    yield "КонецРасчСчет"
    for document in documents:
        yield from _document(statement, document)
    yield "КонецФайла"


def _document(statement: Statement, document: ExchangeDocument) -> Iterator[str]:
    is_incoming, day = document.amount.minor > 0, f"{document.day:%d.%m.%Y}"
    ours, theirs = ("Получатель", "Плательщик") if is_incoming else ("Плательщик", "Получатель")
    yield "СекцияДокумент=Платежное поручение"
    yield from _told(
        Номер=document.number,
        Дата=day,
        Сумма=str(Money(abs(document.amount.minor))),
        **{
            f"{theirs}": document.other,
            f"{theirs}1": document.other,
            f"{ours}Счет": statement.account,
            f"{ours}": f"ИНН {statement.payee.inn} {statement.payee.name}",
            f"{ours}1": statement.payee.name,
            f"{ours}ИНН": statement.payee.inn,
            "ДатаПоступило" if is_incoming else "ДатаСписано": day,
            "НазначениеПлатежа": document.purpose,
        },
    )
    yield "КонецДокумента"


def _told(**fields: str) -> Iterator[str]:
    """Yield fields a line each: what is told cannot end its line."""
    for name, value in fields.items():
        yield f"{name}={' '.join(value.split())}"
