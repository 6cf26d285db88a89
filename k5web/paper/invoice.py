"""An invoice on a sheet of A4: whom to pay, for what, how much in figures and in words, and a code that says it."""

from collections.abc import Iterator
from typing import Final

from k5web.domain.bank.invoice import Invoice
from k5web.domain.bank.payee import Payee
from k5web.paper.fonts import Face, face_for, width
from k5web.paper.sheet import Item, Rule, Sheet, Square, Text, centred, right, text
from k5web.paper.spelling import day_in_words, in_figures, in_words

WIDTH, LEFT, TOP = 180.0, 15.0, 15.0
SIZE, LABEL, TITLE = 9.0, 7.5, 13.0  # points
STEP: Final = 4.5  # from line to line
ACCOUNTS: Final = 110.0  # where the right column of the bank's block begins
VALUES: Final = 24.0  # where the values after «Покупатель:» begin
COLUMNS: Final = (0.0, 8.0, 128.0, 140.0, 160.0, 180.0)  # of the table
CODE_SIDE: Final = 36.0


def sheet(invoice: Invoice, payee: Payee) -> Sheet:
    """Return the invoice drawn. Raises: NotPrintable."""
    items: list[Item] = list(_bank(payee))
    y = 37.0
    items.append(text(0, y, f"Счёт на оплату № {invoice.number} от {day_in_words(invoice.day)}", TITLE, "bold", WIDTH))
    items.append(Rule(0, y + 2.5, WIDTH, y + 2.5, 1.5))
    y += 9
    for label, words in _parties(invoice, payee):
        lines = wrapped(words, WIDTH - VALUES, "bold", SIZE)
        items.append(text(0, y, label, SIZE))
        items += [text(VALUES, y + at * STEP, line, SIZE, "bold", WIDTH - VALUES) for at, line in enumerate(lines)]
        y += len(lines) * STEP + 2
    items += _table(invoice, y)
    y = _bottom(items) + 7
    items += _sums(invoice, y)
    y = _bottom(items) + 7
    items += _foot(invoice, payee, y)
    height = _bottom(items) + 2
    return Sheet(f"Счёт № {invoice.number}", WIDTH, height, LEFT, TOP, tuple(items))


def wrapped(words: str, room: float, face: Face, size: float) -> list[str]:
    """Return the words in lines no longer than the room where spaces allow it."""
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width(longer, face_for(longer, face), size) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines or [""]


def check_letters(words: str) -> None:
    """Raises: NotPrintable where no face has a letter, before a number is spent on a paper that cannot be."""
    for word in words.split():
        face_for(word, "bold")


def _bank(payee: Payee) -> Iterator[Item]:
    """Return the payee's bank details in their usual box."""
    for y in (0.0, 9.0, 18.0, 28.0):
        yield Rule(0, y, WIDTH, y)
    for x in (0.0, ACCOUNTS, WIDTH):
        yield Rule(x, 0, x, 28)
    room = ACCOUNTS - 3
    yield text(1.5, 4, payee.bank, SIZE, "bold", room)
    yield text(1.5, 7.6, "Банк получателя", LABEL)
    yield text(ACCOUNTS + 1.5, 5.5, "БИК", LABEL)
    yield text(ACCOUNTS + 14, 5.5, payee.bic, SIZE, "bold")
    yield text(1.5, 14.5, f"ИНН {payee.inn}" + (f"   КПП {payee.kpp}" if payee.kpp else ""), SIZE, "bold", room)
    yield text(ACCOUNTS + 1.5, 14.5, "Кор. счёт", LABEL)
    yield text(ACCOUNTS + 14, 14.5, payee.correspondent, SIZE, "bold")
    yield text(1.5, 22.5, payee.name, SIZE, "bold", room)
    yield text(1.5, 26.4, "Получатель", LABEL)
    yield text(ACCOUNTS + 1.5, 23.5, "Счёт", LABEL)
    yield text(ACCOUNTS + 14, 23.5, payee.account, SIZE, "bold")


def _parties(invoice: Invoice, payee: Payee) -> list[tuple[str, str]]:
    buyer, contract = invoice.buyer, invoice.contract
    of_payee = [payee.name, f"ИНН {payee.inn}", f"КПП {payee.kpp}" if payee.kpp else ""]
    of_buyer = [buyer.name, f"ИНН {buyer.inn}", f"КПП {buyer.kpp}" if buyer.kpp else "", buyer.address]
    return [
        ("Поставщик:", ", ".join(filter(None, of_payee))),
        ("Покупатель:", ", ".join(filter(None, of_buyer))),
        ("Основание:", f"Договор № {contract.number} от {contract.day:%d.%m.%Y}"),
    ]


def _table(invoice: Invoice, y: float) -> Iterator[Item]:
    for x1, x2, head in zip(COLUMNS[:-1], COLUMNS[1:], ("№", "Наименование", "Кол.", "Цена", "Сумма"), strict=True):
        yield centred(x1 + 1, x2 - 1, y + 4, head, LABEL, "bold")
    room = COLUMNS[2] - COLUMNS[1] - 3
    lines = wrapped(invoice.subject, room, "regular", SIZE)
    end = y + 6 + len(lines) * STEP + 1.5
    for edge in (y, y + 6, end):
        yield Rule(0, edge, WIDTH, edge)
    for x in COLUMNS:
        yield Rule(x, y, x, end)
    first = y + 6 + 4
    yield centred(COLUMNS[0], COLUMNS[1], first, "1", SIZE)
    for at, line in enumerate(lines):
        yield text(COLUMNS[1] + 1.5, first + at * STEP, line, SIZE, "regular", room)
    yield centred(COLUMNS[2], COLUMNS[3], first, "1", SIZE)
    for end_x in COLUMNS[4:]:
        yield right(end_x - 1.5, first, in_figures(invoice.amount), SIZE)


def _sums(invoice: Invoice, y: float) -> Iterator[Item]:
    figures = in_figures(invoice.amount)
    for at, (label, value) in enumerate((("Итого:", figures), ("НДС:", invoice.vat), ("Всего к оплате:", figures))):
        yield right(COLUMNS[4] - 1.5, y + at * STEP, label, SIZE, "bold")
        yield text(COLUMNS[4], y + at * STEP, value, SIZE, "bold", WIDTH - COLUMNS[4])
    y += 3 * STEP + 3
    for line in wrapped(f"Всего к оплате {figures} ({in_words(invoice.amount)}). {invoice.vat}.", WIDTH, "bold", SIZE):
        yield text(0, y, line, SIZE, "bold", WIDTH)
        y += STEP


def _foot(invoice: Invoice, payee: Payee, y: float) -> Iterator[Item]:
    """Return the code, the words to put into the payment, and the places to sign."""
    yield Square(1.5, y, CODE_SIDE, invoice.payload(payee))
    start = CODE_SIDE + 8
    yield text(start, y + 3, "Назначение платежа:", LABEL)
    for at, line in enumerate(wrapped(invoice.purpose, WIDTH - start, "regular", SIZE)):
        yield text(start, y + 8 + at * STEP, line, SIZE, "regular", WIDTH - start)
    for at, who in enumerate(("Руководитель", "Бухгалтер")):
        at_y = y + 24 + at * 9
        yield text(start, at_y, who, SIZE)
        yield Rule(start + 24, at_y + 0.6, start + 74, at_y + 0.6)


def _bottom(items: list[Item]) -> float:
    """Return where the lowest of these ends."""
    ends = [
        item.y if isinstance(item, Text) else item.y + item.side if isinstance(item, Square) else 0 for item in items
    ]
    return max([*ends, *(item.y2 for item in items if isinstance(item, Rule))])
