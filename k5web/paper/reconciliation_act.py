"""An act of reconciliation on sheets of A4: by documents what the subscriber owed and paid, and who owes whom now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from k5web.domain.accounts.undersigned import Undersigned
from k5web.domain.bank.payee import Payee
from k5web.domain.books.reconciliation_act import ReconciliationAct
from k5web.domain.money import Money
from k5web.paper.act import SIGNS, printable
from k5web.paper.fonts import Face
from k5web.paper.invoice import wrapped
from k5web.paper.sheet import Item, Rule, Sheet, centred, right, text
from k5web.paper.spelling import day_in_words, in_figures, in_words

WIDTH, LEFT, TOP, BOTTOM = 180.0, 15.0, 15.0, 262.0  # nothing is drawn below the last one
SIZE, LABEL, TITLE = 8.5, 7.5, 13.0  # points
STEP: Final = 4.2  # from line to line
COLUMNS: Final = (0.0, 9.0, 27.0, 92.0, 114.0, 136.0, 158.0, 180.0)  # of the table; the last two are the subscriber's
HEADS: Final = ("№", "Дата", "Документ", "Дебет", "Кредит", "Дебет", "Кредит")
HEAD: Final = 10.5  # height of the table's head
NEXT_TOP: Final = 8.0  # where the table begins on the pages after the first
NAME: Final = "Акт сверки взаимных расчётов"
FOOT: Final = 72.0  # room that the words about the balance and the signatures need


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the table."""

    n: str
    day: str
    words: Sequence[str]
    debit: str
    credit: str
    face: Face

    @property
    def height(self) -> float:
        """How much room it takes."""
        return len(self.words) * STEP + 1.5


def sheets(act: ReconciliationAct, operator: Payee, signer: Undersigned) -> list[Sheet]:
    """Return the act drawn, one page or several with their numbers."""
    items, top = _top(act, operator, signer)
    pages: list[list[Item]] = []
    y = top + HEAD
    for line in _lines(act):
        if y + line.height > BOTTOM:
            pages.append([*items, *_frame(operator, top, y)])
            items, top = _continued(), NEXT_TOP
            y = top + HEAD
        items += _cells(line, y)
        y += line.height
    items += _frame(operator, top, y)
    if y + FOOT > BOTTOM:
        pages.append(items)
        items, y = _continued(), NEXT_TOP
    pages.append([*items, *_foot(act, operator, signer, y + 7)])
    return [_sheet(page, n, len(pages)) for n, page in enumerate(pages, 1)]


def _top(act: ReconciliationAct, operator: Payee, signer: Undersigned) -> tuple[list[Item], float]:
    """Return the title, both parties and the contract, and where they end."""
    period = f"за период с {act.period.first:%d.%m.%Y} по {act.period.last:%d.%m.%Y}, {SIGNS[act.opening.currency]}"
    items: list[Item] = [
        centred(0, WIDTH, 5, NAME, TITLE, "bold"),
        centred(0, WIDTH, 10.5, period, SIZE),
    ]
    y = 17.5
    numbers = ", ".join(f"{label} {value}" for label, value in (("ИНН", operator.inn), ("КПП", operator.kpp)) if value)
    said = (
        f"Мы, нижеподписавшиеся, {operator.name} ({numbers}), с одной стороны, и {signer.full}, с другой стороны, "
        f"составили этот акт о том, что состояние взаимных расчётов по документу «{signer.basis}» по данным учёта "
        "следующее:"
    )
    for line in wrapped(printable(said), WIDTH, "regular", SIZE):
        items.append(text(0, y, line, SIZE, "regular", WIDTH))
        y += STEP
    return items, y


def _lines(act: ReconciliationAct) -> Iterator[_Line]:
    """Return the opening balance, the documents, the turnovers and the closing balance."""
    yield _balance(f"Сальдо на начало {act.period.first:%d.%m.%Y}", act.opening)
    for n, row in enumerate(act.rows, 1):
        words = wrapped(printable(row.words), COLUMNS[3] - COLUMNS[2] - 3, "regular", SIZE)
        yield _Line(str(n), f"{row.day:%d.%m.%Y}", words, _sum(row.debit), _sum(row.credit), "regular")
    yield _Line("", "", ["Обороты за период"], in_figures(act.debit), in_figures(act.credit), "bold")
    yield _balance(f"Сальдо на конец {act.period.last:%d.%m.%Y}", act.closing)


def _balance(words: str, balance: Money) -> _Line:
    """Return a balance on the side of whoever owes it: debit is the subscriber's debt."""
    nothing = Money(0, balance.currency)
    return _Line("", "", [words], _sum(max(-balance, nothing)), _sum(max(balance, nothing)), "bold")


def _sum(amount: Money) -> str:
    return in_figures(amount) if amount.minor else ""


def _cells(line: _Line, y: float) -> Iterator[Item]:
    base = y + 3.7
    yield Rule(0, y, WIDTH, y)
    yield centred(COLUMNS[0], COLUMNS[1], base, line.n, SIZE)
    yield text(COLUMNS[1] + 1, base, line.day, SIZE, "regular", COLUMNS[2] - COLUMNS[1] - 2)
    for at, words in enumerate(line.words):
        yield text(COLUMNS[2] + 1.5, base + at * STEP, words, SIZE, line.face, COLUMNS[3] - COLUMNS[2] - 3)
    for end, figures in ((COLUMNS[4], line.debit), (COLUMNS[5], line.credit)):
        yield right(end - 1.5, base, figures, SIZE, line.face)


def _frame(operator: Payee, top: float, end: float) -> Iterator[Item]:
    """Return the head of the table and its lines from the head to the last row."""
    for x1, x2, whose in ((0.0, COLUMNS[5], f"По данным: {operator.name}"), (COLUMNS[5], WIDTH, "По данным абонента")):
        yield centred(x1 + 1, x2 - 1, top + 3.7, printable(whose), LABEL, "bold")
    for x1, x2, head in zip(COLUMNS[:-1], COLUMNS[1:], HEADS, strict=True):
        yield centred(x1 + 1, x2 - 1, top + 8.9, head, LABEL, "bold")
    for y in (top, top + HEAD / 2, end):
        yield Rule(0, y, WIDTH, y)
    for x in COLUMNS:
        yield Rule(x, top if x in (0.0, COLUMNS[5], WIDTH) else top + HEAD / 2, x, end)


def _foot(act: ReconciliationAct, operator: Payee, signer: Undersigned, y: float) -> Iterator[Item]:
    for line in wrapped(printable(owed(act, operator, signer)), WIDTH, "bold", SIZE):
        yield text(0, y, line, SIZE, "bold", WIDTH)
        y += STEP
    y += 7
    half = WIDTH / 2 + 3
    for x, who, name in ((0.0, operator.name, operator.director), (half, signer.name, "")):
        end, place = x + WIDTH / 2 - 3, y
        for line in wrapped(printable(f"От {who}"), WIDTH / 2 - 3, "bold", SIZE):
            yield text(x, place, line, SIZE, "bold", end - x)
            place += STEP
        place += 8
        yield Rule(x, place, x + 38, place)
        yield Rule(x + 42, place, end, place)
        yield text(x, place + 3.5, "подпись", LABEL)
        yield text(x + 42, place + 3.5, "расшифровка подписи", LABEL)
        if name:
            yield text(x + 42, place - 1, printable(name), SIZE, "regular", end - x - 42)
        yield text(x, place + 11, "М. П.", LABEL)
        yield text(x + 42, place + 11, "Дата _______________", LABEL)


def owed(act: ReconciliationAct, operator: Payee, signer: Undersigned) -> str:
    """Return in words who owes whom at the end."""
    when = f"По состоянию на {day_in_words(act.period.last)}"
    if not act.closing.minor:
        return f"{when} взаимной задолженности нет."
    sides = (operator.name, signer.name) if act.closing.minor > 0 else (signer.name, operator.name)
    amount = max(act.closing, -act.closing)
    note = " (неиспользованный аванс)" if act.closing.minor > 0 else ""
    said = f"{in_figures(amount)} {SIGNS[amount.currency]} ({in_words(amount)})"
    return f"{when} задолженность стороны {sides[0]} перед стороной {sides[1]} составляет {said}{note}."


def _continued() -> list[Item]:
    return [text(0, 4, f"{NAME}, продолжение", LABEL)]


def _sheet(items: Sequence[Item], page: int, pages: int) -> Sheet:
    title = NAME + (f", лист {page} из {pages}" if pages > 1 else "")
    numbered = [text(0, BOTTOM + 4, title, LABEL)] if pages > 1 else []
    height = BOTTOM + 5 if pages > 1 else max(item.y2 if isinstance(item, Rule) else item.y for item in items) + 2
    return Sheet(title, WIDTH, height, LEFT, TOP, (*items, *numbered))
