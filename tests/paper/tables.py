"""A table to be written in each way."""

from collections.abc import Iterator
from datetime import date, datetime

from k5web.domain.money import Money, Price
from k5web.paper.table import Column, Row, Table, TableWords

COLUMNS = (
    Column("Номер", 30),
    Column("День"),
    Column("Когда", 30),
    Column("Что", 70),
    Column("Сумма", 50, is_right=True),
    Column("Цена"),
    Column("Секунд"),
)


def amount_of(n: int) -> Money:
    """Return the sum of a line: kopecks that no binary fraction holds, of both signs."""
    return Money(1_000_000_000_009 + n if n % 3 == 0 else -(n * 7 + 1))


def rows(count: int, text: str = "Звонок") -> Iterator[Row]:
    """Yield so many lines."""
    for n in range(count):
        day, price = date(2026, 12, 1 + n % 31), Price(1_750_001 + n)
        moment = datetime(2026, 12, 1, 9, 5, n % 60)  # noqa: DTZ001 — the operator's clock
        yield Row((str(n), day, moment, text, amount_of(n), price, n), (f"пояснение {n}",))


def table(count: int, text: str = "Звонок") -> Table:
    """Return a table of so many lines."""
    total = Money(sum(amount_of(n).minor for n in range(count)))
    facts = (("Лицевой счёт", "100001"), ("Абонент", "Өмүрбеков Үсөн"))
    words = TableWords("Итого, строк: %(count)s", "К переносу", "Перенос")
    return Table("Выписка", facts, COLUMNS, rows(count, text), 4, Money(0), (("Всего", total),), words)
