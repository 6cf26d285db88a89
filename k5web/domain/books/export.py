"""Files that subscribers have made of their statement or call detail: what was asked for, and how far it is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from k5web.domain.books.period import Movements, Period

MOST_OPEN: Final = 3  # of one subscriber, not made yet
MOST_KEPT: Final = 10  # of one subscriber, those that are not made yet among them
MOST_LINES: Final = 300_000
MOST_BYTES: Final = 128 * 1024 * 1024  # of the file; it is kept compressed
KEPT_FOR: Final = timedelta(days=7)
MOST_ATTEMPTS: Final = 3
LEASE: Final = timedelta(minutes=2)  # whoever makes a file tells of it more often; after that another may begin anew


class Paper(StrEnum):
    """What the file tells."""

    STATEMENT = "statement"
    CALLS = "calls"


class Format(StrEnum):
    """How the file is written."""

    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"


class ExportState(StrEnum):
    """Where a file stands."""

    WAITING = "waiting"
    MAKING = "making"
    READY = "ready"
    TOO_LARGE = "too_large"
    FAILED = "failed"

    @property
    def is_open(self) -> bool:
        """Whether it is still to be made."""
        return self in OPEN_STATES


OPEN_STATES: Final = (ExportState.WAITING, ExportState.MAKING)


@dataclass(frozen=True, slots=True)
class ExportWish:
    """What somebody wants as a file."""

    paper: Paper
    period: Period
    movements: Movements
    format: Format
    other: str = ""  # digits: only calls with this number, "" all; of the call detail alone

    @property
    def name(self) -> str:
        """The file's name: `k5-statement-2026-12-01-2026-12-31.pdf`."""
        only = "" if self.paper is Paper.CALLS or self.movements is Movements.ALL else f"-{self.movements}"
        whom = f"-{self.other}" if self.other else ""
        return f"k5-{self.paper}{only}{whom}-{self.period.first}-{self.period.last}.{self.format}"


@dataclass(frozen=True, slots=True)
class Export:
    """A file that was asked for. Units: `size` bytes, once it is made."""

    owner_id: int
    token: str  # nobody guesses it, and it tells nothing
    wish: ExportWish
    state: ExportState
    asked_at: datetime
    lines: int  # in all
    lines_done: int
    size: int
    expires_at: datetime | None  # once it is made
    letter_link: str  # where the letter about it leads, without the token; "": no letter is wished
