"""Applications on a sheet of A4, filled in: to end the contract, and for the advance that is left of it (B12)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from k5web.domain.accounts.undersigned import Undersigned
from k5web.domain.bank.payee import Payee
from k5web.paper.act import printable
from k5web.paper.invoice import wrapped
from k5web.paper.sheet import Item, Rule, Sheet, centred, text

WIDTH, LEFT, TOP = 180.0, 15.0, 15.0
SIZE, LABEL, TITLE = 10.5, 7.5, 13.0  # points
STEP: Final = 5.4  # from line to line
RIGHT: Final = 84.0  # where «Кому» and «От» stand
VALUES: Final = 14.0  # from there to what they say
FACTS: Final = 42.0  # where the values of the facts begin


@dataclass(frozen=True, slots=True)
class Application:
    """What an application says; a fact without a value is a line for the pen, `note` stands at the foot."""

    title: str  # «о расторжении договора»
    text: str
    facts: Sequence[tuple[str, str]]
    day: str  # of the application, "" to be written by hand
    note: str


def sheet(application: Application, operator: Payee, signer: Undersigned) -> Sheet:
    """Return the application drawn."""
    items, y = _heads(operator, signer)
    y += 14
    items.append(centred(0, WIDTH, y, "ЗАЯВЛЕНИЕ", TITLE, "bold"))
    items.append(centred(0, WIDTH, y + 6, application.title, SIZE, "bold"))
    y += 16
    for line in _wrapped(application.text, WIDTH):
        items.append(text(0, y, line, SIZE, "regular", WIDTH))
        y += STEP
    for label, value in application.facts:
        y += 1.5
        items += _fact(0, y, label, value, FACTS, WIDTH)
        y += STEP * len(_wrapped(value, WIDTH - FACTS))
    y += 18
    items += _signature(application, signer, y)
    y += 20
    for line in wrapped(printable(application.note), WIDTH, "regular", LABEL + 1):
        items.append(text(0, y, line, LABEL + 1, "regular", WIDTH))
        y += 4
    return Sheet(f"Заявление {application.title}", WIDTH, y + 2, LEFT, TOP, tuple(items))


def _heads(operator: Payee, signer: Undersigned) -> tuple[list[Item], float]:
    """Return to whom it goes and from whom it comes, and where they end."""
    rows = [
        ("Кому:", ", ".join(filter(None, (operator.name, operator.address)))),
        ("От:", ", ".join(filter(None, (signer.name, signer.numbers)))),
        ("Адрес:", signer.address),
        ("Тел.:", signer.phone),
    ]
    items: list[Item] = []
    y = 5.0
    for label, value in rows:
        items += _fact(RIGHT, y, label, value, VALUES, WIDTH)
        y += STEP * len(_wrapped(value, WIDTH - RIGHT - VALUES)) + 1.5
    return items, y


def _fact(x: float, y: float, label: str, value: str, at: float, end: float) -> Iterator[Item]:
    """Return a label with its value, or with a line for the pen."""
    yield text(x, y, label, SIZE)
    if not value:
        yield Rule(x + at, y + 0.8, end, y + 0.8)
    for n, line in enumerate(_wrapped(value, end - x - at)):
        yield text(x + at, y + n * STEP, line, SIZE, "bold", end - x - at)


def _signature(application: Application, signer: Undersigned, y: float) -> Iterator[Item]:
    for x, end, words, known in (
        (0.0, 44.0, "дата", application.day),
        (52.0, 104.0, "подпись", ""),
        (112.0, WIDTH, "расшифровка подписи", "" if signer.numbers else printable(signer.name)),
    ):
        yield Rule(x, y + 0.8, end, y + 0.8)
        yield text(x, y + 4.4, words, LABEL)
        if known:
            yield text(x, y, known, SIZE, "bold", end - x)


def _wrapped(words: str, room: float) -> list[str]:
    return wrapped(printable(words), room, "bold", SIZE)
