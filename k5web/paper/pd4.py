"""The form PD-4: a notice for the bank and a receipt for the payer, 180 by 145 mm with all its lines.

No law draws the form for ordinary payees; this one most shops print: columns of 50 and 130 mm, halves of 65 and 80.
"""

from typing import Final

from k5web.domain.bank.receipt import Receipt
from k5web.paper.fonts import width
from k5web.paper.sheet import Blank, Cells, Item, Rule, Sheet, Square, centred, flow, right, text

WIDTH, HEIGHT = 180.0, 145.0
LEFT, TOP = 15.0, 12.0  # on A4
COLUMN, UPPER = 50.0, 65.0  # the left column, the notice
FROM, TO = 53.0, 176.0  # the working width of the right column
LOWER_IS_DEEPER: Final = 8.0  # baselines of the receipt, from its own top
CODE_SIDE, CODE_TOP = 36.0, 14.0
CELL_HEIGHT: Final = 4.0
ABOVE: Final = 3.35  # from a row of cells to the baseline they are named by
CAPTION_BELOW: Final = 2.5
RULE_BELOW: Final = 0.6
CAPTION, SMALL, LABEL, STRONG = 6.0, 7.0, 7.5, 9.0  # points
_GAP: Final = Blank(0.2, is_ruled=False)
CONSENT: Final = (
    "С условиями приема указанной в платежном документе суммы, в т.ч. с суммой взимаемой платы за услуги банка, "
    "ознакомлен и согласен."
)


def sheet(receipt: Receipt) -> Sheet:
    """Return the form filled as far as the receipt knows. Raises: NotPrintable."""
    items = [
        *_frame(),
        *_left_column(receipt),
        right(TO, 4.5, "Форма № ПД-4", SMALL, "italic"),
        *_details(receipt, 0),
        *_details(receipt, UPPER + LOWER_IS_DEEPER),
    ]
    return Sheet("Квитанция ПД-4", WIDTH, HEIGHT, LEFT, TOP, tuple(items))


def _frame() -> list[Item]:
    corners = [(0.0, 0.0), (WIDTH, 0.0), (WIDTH, HEIGHT), (0.0, HEIGHT)]
    ends = [*corners[1:], corners[0]]
    edges = [Rule(*start, *end, is_dashed=True) for start, end in zip(corners, ends, strict=True)]
    return [*edges, Rule(0, UPPER, WIDTH, UPPER, 1.5), Rule(COLUMN, 0, COLUMN, HEIGHT, 1.5)]


def _left_column(receipt: Receipt) -> list[Item]:
    foot = UPPER + LOWER_IS_DEEPER + 50
    return [
        centred(0, COLUMN, 9, "Извещение", 10, "bold"),
        Square((COLUMN - CODE_SIDE) / 2, CODE_TOP, CODE_SIDE, receipt.payload()),
        centred(0, COLUMN, 58, "Кассир", 10, "bold"),
        centred(0, COLUMN, foot, "Квитанция", 10, "bold"),
        centred(0, COLUMN, foot + 8, "Кассир", 10, "bold"),
    ]


def _details(receipt: Receipt, top: float) -> list[Item]:
    """Return the rows of one half, from the baseline `top` on."""
    return [
        *_payee(receipt, top),
        *_payer(receipt, top),
        *_sums(receipt, top),
        text(FROM, top + 59.5, CONSENT, SMALL, "narrow", TO - FROM),
        *_signature(top + 63.5),
    ]


def _payee(receipt: Receipt, top: float) -> list[Item]:
    payee = receipt.payee
    room = TO - FROM
    items: list[Item] = []
    if payee.kpp:
        kpp = right(TO, top + 10, f"КПП {payee.kpp}", STRONG, "bold")
        items.append(kpp)
        room = kpp.x - 2 - FROM
    return [
        *items,
        text(FROM, top + 10, payee.name, STRONG, "bold", room),
        *_ruled(FROM, TO, top + 10, "(наименование получателя платежа)"),
        _cells(FROM, 37, top + 17, payee.inn),
        centred(FROM, FROM + 37, top + 17 + CAPTION_BELOW, "(ИНН получателя платежа)", CAPTION),
        _cells(TO - 74, 74, top + 17, payee.account),
        centred(TO - 74, TO, top + 17 + CAPTION_BELOW, "(номер счета получателя платежа)", CAPTION),
        text(FROM, top + 24, "в", LABEL),
        text(56, top + 24, payee.bank, STRONG, "bold", 78),
        *_ruled(56, 134, top + 24, "(наименование банка получателя платежа)"),
        text(135.5, top + 24, "БИК", LABEL),
        _cells(TO - 33, 33, top + 24, payee.bic),
        text(FROM, top + 30, "Номер кор./сч. банка получателя платежа", LABEL, "regular", 48),
        _cells(TO - 74, 74, top + 30, payee.correspondent),
        *_purpose(receipt, top + 36),
    ]


def _purpose(receipt: Receipt, y: float) -> list[Item]:
    lines = _in_two(receipt.purpose, 67, SMALL)
    heights = [y - 2.7 * at for at in reversed(range(len(lines)))]
    return [
        *[text(FROM, height, line, SMALL, "narrow", 67) for height, line in zip(heights, lines, strict=True)],
        *_ruled(FROM, FROM + 67, y, "(наименование платежа)"),
        centred(TO - 50, TO, y, receipt.account, STRONG, "bold"),
        *_ruled(TO - 50, TO, y, "(номер лицевого счета (код) плательщика)"),
    ]


def _payer(receipt: Receipt, top: float) -> list[Item]:
    items: list[Item] = []
    for y, label, known in ((42.5, "Ф.И.О. плательщика", receipt.payer), (47, "Адрес плательщика", receipt.address)):
        start = FROM + width(label, "regular", LABEL) + 1.5
        items += [text(FROM, top + y, label, LABEL), Rule(start, top + y + RULE_BELOW, TO, top + y + RULE_BELOW)]
        if known:
            items.append(text(start + 1, top + y, known, 8, "regular", TO - start - 1))
    return items


def _sums(receipt: Receipt, top: float) -> list[Item]:
    return [
        *flow(
            FROM,
            top + 51.5,
            LABEL,
            [
                "Сумма платежа",
                Blank(19, receipt.roubles),
                "руб.",
                Blank(7, receipt.kopecks),
                "коп.",
                _GAP,
                "Сумма платы за услуги",
                Blank(15),
                "руб.",
                Blank(7),
                "коп.",
            ],
        ),
        *flow(
            FROM,
            top + 56,
            LABEL,
            ["Итого", Blank(19), "руб.", Blank(7), "коп.", _GAP, "«", Blank(7), "»", Blank(30), "20", Blank(7), "г."],
        ),
    ]


def _signature(y: float) -> list[Item]:
    words = "Подпись плательщика"
    start = 118.0
    rule = start + width(words, "bold", LABEL) + 1.5
    return [text(start, y, words, LABEL, "bold"), Rule(rule, y + RULE_BELOW, TO, y + RULE_BELOW)]


def _ruled(x1: float, x2: float, y: float, caption: str) -> list[Item]:
    return [
        Rule(x1, y + RULE_BELOW, x2, y + RULE_BELOW),
        centred(x1, x2, y + CAPTION_BELOW, caption, CAPTION),
    ]


def _cells(x: float, across: float, y: float, digits: str) -> Cells:
    return Cells(x, y - ABOVE, across / len(digits), CELL_HEIGHT, digits, STRONG)


def _in_two(words: str, room: float, size: float) -> list[str]:
    """Return the words on one line where they fit, else parted so that the longer of two lines is shortest."""
    if width(words, "narrow", size) <= room or " " not in words:
        return [words]
    pieces = words.split(" ")
    parted = [(" ".join(pieces[:at]), " ".join(pieces[at:])) for at in range(1, len(pieces))]
    return list(min(parted, key=lambda lines: max(width(line, "narrow", size) for line in lines)))
