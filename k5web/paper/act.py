"""An act of a month's services on sheets of A4: who rendered what to whom, how much it came to, and places to sign."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from k5web.domain.books.act import Act, ActLine, Operator
from k5web.domain.books.service import ServiceKind
from k5web.errors import NotPrintable
from k5web.paper.fonts import face_for
from k5web.paper.invoice import wrapped
from k5web.paper.sheet import Item, Rule, Sheet, centred, right, text
from k5web.paper.spelling import day_in_words, in_figures, in_words, month_in_words

WIDTH, LEFT, TOP, BOTTOM = 180.0, 15.0, 15.0, 262.0  # nothing is drawn below the last one
SIZE, LABEL, TITLE = 9.0, 7.5, 13.0  # points
STEP: Final = 4.5  # from line to line
VALUES: Final = 28.0  # where the values after «Исполнитель:» begin
COLUMNS: Final = (0.0, 9.0, 108.0, 121.0, 134.0, 157.0, 180.0)  # of the table
HEADS: Final = ("№", "Наименование услуги", "Кол-во", "Ед.", "Цена", "Сумма")
HEAD: Final = 6.0  # height of the table's head
FOOT: Final = 78.0  # room that sums and signatures need below the last line
UNITS: Final = {ServiceKind.MONTHLY_FEE: "мес.", ServiceKind.DAILY_FEE: "дн."}
SIGNS: Final = {"RUB": "руб.", "KGS": "сом"}
NO_SIGN: Final = "…"  # for letters of a name that no face of ours has


class Party(Protocol):
    """Who is named beside the operator; what is not known is empty."""

    @property
    def name(self) -> str: ...
    @property
    def inn(self) -> str: ...
    @property
    def kpp(self) -> str: ...
    @property
    def ogrn(self) -> str: ...
    @property
    def address(self) -> str: ...


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of the table with its name in lines."""

    n: int
    line: ActLine
    name: Sequence[str]

    @property
    def height(self) -> float:
        """How much room it takes."""
        return len(self.name) * STEP + 1.5


def sheets(act: Act, party: Party) -> list[Sheet]:
    """Return the act drawn, one page or several."""
    items, y = _top(act, party)
    rows = [_Row(n, line, wrapped(name_of(line), _room(1), "regular", SIZE)) for n, line in enumerate(act.lines, 1)]
    pages: list[list[Item]] = []
    left = list(rows)
    while left:
        count = _fitting(left, BOTTOM - y - HEAD)
        items += _table(left[:count], y)
        y += HEAD + sum(row.height for row in left[:count])
        left = left[count:]
        if left or y + FOOT > BOTTOM:
            pages.append(items)
            items, y = [text(0, 4, f"Акт № {act.label}, продолжение", LABEL)], 9.0
    items += _foot(act, y + 6)
    pages.append(items)
    return [_sheet(act, page, n, len(pages)) for n, page in enumerate(pages, 1)]


def name_of(line: ActLine) -> str:
    """Return what a line is for: «Абонентская плата «GO»», «Телефонные соединения: звонков 15, минут 43»."""
    named = f" «{line.title}»" if line.title else ""
    match line.kind:
        case ServiceKind.CALLS:
            return f"Телефонные соединения: звонков – {line.pieces}, минут разговора – {line.minutes}"
        case ServiceKind.MONTHLY_FEE:
            return f"Абонентская плата{named}"
        case ServiceKind.DAILY_FEE:
            return f"Ежедневная абонентская плата{named}"
        case ServiceKind.NUMBER:
            return "Подключение телефонного номера"
        case ServiceKind.ORDER:
            return f"Услуга по заказу абонента{named}"
        case ServiceKind.PROMISE:
            return "Предоставление обещанного платежа"
        case _:
            return "Прочие услуги связи"


def _top(act: Act, party: Party) -> tuple[list[Item], float]:
    """Return the title, both parties and the contract, and where they end."""
    items: list[Item] = [text(0, 5, f"Акт № {act.label} от {day_in_words(act.day)}", TITLE, "bold", WIDTH)]
    period = f"с {act.month:%d.%m.%Y} по {act.last_day:%d.%m.%Y}"
    items.append(text(0, 11, f"об оказании услуг связи за {month_in_words(act.month)} ({period})", SIZE, room=WIDTH))
    y = 11.0
    if act.corrects:
        y += STEP
        items.append(text(0, y, f"Исправленный. Заменяет акт {act.corrects}.", SIZE, "bold", WIDTH))
    items.append(Rule(0, y + 2.5, WIDTH, y + 2.5, 1.5))
    y += 9
    for label, words in _parties(act, party):
        lines = wrapped(printable(words), WIDTH - VALUES, "bold", SIZE)
        items.append(text(0, y, label, SIZE))
        items += [text(VALUES, y + at * STEP, line, SIZE, "bold", WIDTH - VALUES) for at, line in enumerate(lines)]
        y += len(lines) * STEP + 2
    return items, y


def _parties(act: Act, party: Party) -> list[tuple[str, str]]:
    contract = f"Договор № {act.contract} от {act.contract_day:%d.%m.%Y}, лицевой счёт {act.owner_id}"
    return [("Исполнитель:", _named(act.operator)), ("Абонент:", _named(party)), ("Основание:", contract)]


def _named(party: Party | Operator) -> str:
    known = (("ИНН", party.inn), ("КПП", party.kpp), ("ОГРН", party.ogrn))
    return ", ".join(filter(None, [party.name, *(f"{key} {value}" for key, value in known if value), party.address]))


def printable(words: str) -> str:
    """Return the words; where no face has a letter of one, its place is marked: whose name it is the account tells."""
    return " ".join(word if _is_printable(word) else NO_SIGN for word in words.split())


def _is_printable(word: str) -> bool:
    try:
        face_for(word, "bold")
    except NotPrintable:
        return False
    return True


def _fitting(rows: Sequence[_Row], room: float) -> int:
    """Return how many rows there is room for; at least one."""
    count = 0
    while count < len(rows) and (room := room - rows[count].height) >= 0:
        count += 1
    return max(count, 1)


def _room(column: int) -> float:
    return COLUMNS[column + 1] - COLUMNS[column] - 3


def _table(rows: Sequence[_Row], y: float) -> Iterator[Item]:
    for x1, x2, head in zip(COLUMNS[:-1], COLUMNS[1:], HEADS, strict=True):
        yield centred(x1 + 1, x2 - 1, y + 4, head, LABEL, "bold")
    top, y = y, y + HEAD
    yield Rule(0, top, WIDTH, top)
    for row in rows:
        yield Rule(0, y, WIDTH, y)
        yield from _cells(row, y + 4)
        y += row.height
    yield Rule(0, y, WIDTH, y)
    for x in COLUMNS:
        yield Rule(x, top, x, y)


def _cells(row: _Row, y: float) -> Iterator[Item]:
    line = row.line
    yield centred(COLUMNS[0], COLUMNS[1], y, str(row.n), SIZE)
    for at, words in enumerate(row.name):
        yield text(COLUMNS[1] + 1.5, y + at * STEP, words, SIZE, "regular", _room(1))
    yield right(COLUMNS[3] - 1.5, y, str(line.quantity), SIZE)
    yield centred(COLUMNS[3], COLUMNS[4], y, UNITS.get(line.kind, "усл."), SIZE)
    yield right(COLUMNS[5] - 1.5, y, in_figures(line.price), SIZE)
    yield right(COLUMNS[6] - 1.5, y, in_figures(line.amount), SIZE)


def _foot(act: Act, y: float) -> Iterator[Item]:
    """Return the sums, in figures and in words, and the places to sign."""
    figures, vat = in_figures(act.total), printable(act.operator.vat)
    for label, value in (("Итого:", figures), ("НДС:", vat), ("Всего:", figures)):
        yield right(COLUMNS[5] - 1.5, y, label, SIZE, "bold")
        yield text(COLUMNS[5], y, value, SIZE, "bold", WIDTH - COLUMNS[5])
        y += STEP
    said = f"Всего оказано услуг на сумму {figures} {SIGNS[act.currency]} ({in_words(act.total)}). {vat}."
    y += 3
    for line in wrapped(said if act.lines else "За этот месяц платных услуг не оказано.", WIDTH, "bold", SIZE):
        yield text(0, y, line, SIZE, "bold", WIDTH)
        y += STEP
    yield from _signatures(act, y + 10)


def _signatures(act: Act, y: float) -> Iterator[Item]:
    half = WIDTH / 2 + 3
    for x, who, name in ((0.0, "Исполнитель", printable(act.operator.director)), (half, "Абонент", "")):
        end = x + WIDTH / 2 - 3
        yield text(x, y, who, SIZE, "bold")
        yield Rule(x, y + 11, x + 40, y + 11)
        yield Rule(x + 44, y + 11, end, y + 11)
        yield text(x, y + 14.5, "подпись", LABEL)
        yield text(x + 44, y + 14.5, "расшифровка подписи", LABEL)
        if name:
            yield text(x + 44, y + 10, name, SIZE, room=end - x - 44)
        yield text(x, y + 22, "М. П.", LABEL)


def _sheet(act: Act, items: Sequence[Item], page: int, pages: int) -> Sheet:
    title = f"Акт № {act.label}" + (f", лист {page} из {pages}" if pages > 1 else "")
    numbered = [text(0, BOTTOM + 3, title, LABEL)] if pages > 1 else []
    height = BOTTOM + 4 if pages > 1 else max(_end(item) for item in items) + 2
    return Sheet(title, WIDTH, height, LEFT, TOP, (*items, *numbered))


def _end(item: Item) -> float:
    return item.y2 if isinstance(item, Rule) else item.y
