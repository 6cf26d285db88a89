"""A bank's statement as values: its documents, what it says they come to, and how they are put together from a file."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from k5web.domain.money import Money

MOST_DOCUMENTS = 1_000_000  # of a file; a year of two thousand a day is less

Line = tuple[int, str]  # its number, from 1, and its text without the end


class Lenience(StrEnum):
    """What was read although it is not as it should be: it moves no money. The value is how people read it."""

    OTHER_SIDE = "outgoing documents without the other side's account"
    INCOMPLETE = "outgoing documents without a number, a day or a sum"
    ZERO = "documents with the sum 0"
    NO_NUMBER = "incoming documents without a number"
    UNTOLD_DAY = "incoming documents that tell one day only"
    TWICE = "transfers told in the parts of both accounts"
    REPEATED = "purposes on several lines"
    NAMES = "names of sections in other letters"
    LOOSE = "lines that say nothing"
    ABOVE = "lines above the heading"
    BALANCES = "rows of balances"
    EMPTY_CELLS = "rows with empty cells behind the last column"
    NO_END = "parts without КонецФайла, whole by their totals"
    PARTS = "exchange files in one, after the first"
    CODING = "parts whose letters are not those they say"
    PADDING = "lines of padding"
    NO_BIC = "tables without the payer's BIC"


Notes = Counter[Lenience]


@dataclass(frozen=True, slots=True)
class Cells:
    """Parts as the file writes them; payments of before November 2026 are known by these."""

    number: str
    payer_account: str
    payer_bic: str


@dataclass(frozen=True, slots=True)
class BankDocument:
    """One payment that comes to an account of ours from outside. `line` is where it begins in the file.

    A part that the file does not tell is empty. `purpose_apart` is another reading of the purpose where its pieces are
    cut between two digits: the number may be one, or two.
    """

    line: int
    part: int  # of the file, from 0: several exchange files may be put into one
    number: str
    day: date  # of the document
    amount: Money
    payer_account: str
    payer_bic: str
    payer_inn: str
    payer: str
    payee_account: str
    purpose: str
    received_on: date | None  # when it came to the payee's account; None where the file does not tell
    spent_on: date | None = None  # when it left the payer's account
    purpose_apart: str = ""
    cells: Cells = Cells("", "", "")

    @property
    def came_on(self) -> date:
        """Return the day it is booked for: its own where the file tells no other."""
        return self.received_on or self.day


class Direction(StrEnum):
    """Where a document goes that brings nothing from outside."""

    OUTGOING = "outgoing"
    BETWEEN = "between"  # two accounts of ours
    FOREIGN = "foreign"  # neither side is ours
    EMPTY = "empty"  # its sum is 0


@dataclass(frozen=True, slots=True)
class OtherDocument:
    """A document that brings nothing: it counts for the totals alone. `amount` None: it cannot be read."""

    line: int
    part: int
    direction: Direction
    amount: Money | None
    payer_account: str
    payee_account: str
    is_received: bool
    is_spent: bool
    name: tuple[str, ...]  # by what it is known where it is told twice


@dataclass(frozen=True, slots=True)
class AccountTotals:
    """What the bank says an account's documents come to. None: it does not say. `line` is its end."""

    line: int
    part: int
    account: str
    opening: Money | None = None
    received: Money | None = None
    spent: Money | None = None
    closing: Money | None = None
    documents: int | None = None
    may_be_net: bool = False  # `received` may be less what was spent: a table's one column has both
    has_balances: bool = True  # tables have none


@dataclass(frozen=True, slots=True)
class PartEnd:
    """The end of an exchange file, or of a table. `accounts`: whose it says it is."""

    line: int
    part: int
    accounts: frozenset[str]
    is_marked: bool = True  # КонецФайла was there
    is_own: bool = False  # K5 wrote it


Record = BankDocument | OtherDocument | AccountTotals | PartEnd


@dataclass(frozen=True, slots=True)
class Text:
    """A text put together from pieces, glued where a cut may have gone through a number, and the same with a space."""

    glued: str
    apart: str

    def letters(self) -> str:
        """Return what is compared: the text without its spaces."""
        return "".join(self.glued.split()).casefold()


_NUMBER_GOES_ON = re.compile(r"[0-9][-/.]?$", re.ASCII), re.compile(r"[-/.]?[0-9]", re.ASCII)


def put_together(pieces: Iterable[str]) -> Text:
    """Return one text of pieces in their order."""
    glued = apart = ""
    for piece in (" ".join(piece.split()) for piece in pieces):
        if not piece or not glued:
            glued, apart = glued + piece, apart + piece
            continue
        is_cut = _NUMBER_GOES_ON[0].search(glued[-2:]) is not None and _NUMBER_GOES_ON[1].match(piece) is not None
        glued, apart = f"{glued}{'' if is_cut else ' '}{piece}", f"{apart} {piece}"
    return Text(glued, apart)


def whole_and_pieces(whole: Sequence[str], pieces: Sequence[str]) -> Text:
    """Return a text told whole and in pieces: the longer where one begins the other, else both, the whole first."""
    first, second = put_together(whole), put_together(pieces)
    if not second.glued or (first.glued and first.letters().startswith(second.letters())):
        return first
    if second.letters().startswith(first.letters()):
        return second
    return Text(f"{first.glued} {second.glued}", f"{first.apart} {second.apart}")
