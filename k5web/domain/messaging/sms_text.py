"""What people write by SMS: a command, or whatever makes them members (A6, A7, A9)."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from k5web.domain.prices.number import HOME, Msisdn, the_reading
from k5web.errors import WrongNumber

Command = Literal["balance", "password", "call"]

LONGEST: Final = 1000  # characters that are looked at; ten parts of Cyrillic have 670
MOST_WORDS: Final = 60
NUMBER_WORDS: Final = 6  # a number is written in at most so many pieces: 8 916 123 45 67
_COMMANDS: Final[dict[str, Command]] = {
    "БАЛАНС": "balance",
    "BALANS": "balance",
    "BALANCE": "balance",
    "ПАРОЛЬ": "password",
    "СЫРСӨЗ": "password",
    "ҚҰПИЯСӨЗ": "password",
    "PAROL": "password",
    "PASSWORD": "password",
    "ЗВОНОК": "call",
    "ЧАЛУУ": "call",
    "ҚОҢЫРАУ": "call",
    "ZVONOK": "call",
    "CALL": "call",
}
_MARKS: Final = ".,:;!?'\"«»`ʹ’"
_ENDS: Final = ",;:="  # what people write between a password and a number without a space
_NUMBER_SIGNS: Final = re.compile(r"[+0-9 ()\-.\u2010-\u2015]+")


@dataclass(frozen=True, slots=True)
class Order:
    """A command and what stands behind it."""

    command: Command
    rest: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A telephone number in a text, and what the text says without it."""

    number: Msisdn
    without: str


def clean(text: str) -> str:
    """Return a text with single spaces and no invisible signs, cut where it is far too long."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST])
    seen = "".join(sign if sign.isprintable() or sign.isspace() else "" for sign in plain)
    return " ".join(seen.split())


def command_of(text: str) -> Order | None:
    """Return the command that a cleaned text begins with, in any of our languages or in Latin letters, of any case."""
    first, _, rest = text.partition(" ")
    command = _COMMANDS.get(first.strip(_MARKS).upper())
    return None if command is None else Order(command, rest.strip())


def mentions(text: str, home: str = HOME) -> list[Mention]:
    """Return the telephone numbers that a cleaned text may hold, the longest spelling first, in any place."""
    words = _pieces(text, home)[:MOST_WORDS]
    found: dict[Msisdn, Mention] = {}
    for length in range(min(NUMBER_WORDS, len(words)), 0, -1):
        for at in range(len(words) - length + 1):
            number = _number(" ".join(words[at : at + length]), home)
            if number is not None and number not in found:
                found[number] = Mention(number, " ".join([*words[:at], *words[at + length :]]))
    return list(found.values())


def _pieces(text: str, home: str) -> Sequence[str]:
    """Return the words of a text; a word like «пароль,89161234567» is two, where one of them is a number."""
    found: list[str] = []
    for word in text.split(" "):
        pieces = [piece for piece in re.split(f"[{_ENDS}]", word) if piece]
        is_glued = len(pieces) > 1 and any(_number(piece, home) for piece in pieces)
        found += pieces if is_glued else [word]
    return [word for word in found if word]


def _number(text: str, home: str) -> Msisdn | None:
    """Return the one number that a text is, where the numbering data know it."""
    bare = text.strip(_ENDS)
    if not _NUMBER_SIGNS.fullmatch(bare) or sum(sign.isdigit() for sign in bare) < 9:
        return None
    try:
        found = the_reading(bare, home)
    except WrongNumber:
        return None
    return None if found is None or found.looks_wrong else found
