"""Prices on their way: a draft that waits for the second person, and a version that was taken back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal, get_args

Priced = Literal["deck", "plan"]
PRICED: tuple[Priced, ...] = get_args(Priced)


class DraftState(StrEnum):
    """What became of a draft."""

    OPEN = "open"
    PUBLISHED = "published"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class NewDraft:
    """A checked file before it is kept as a draft. `name` is that of the price list, or the code of the plan."""

    subject: Priced
    name: str
    effective: date
    file: str
    content: bytes
    options: Mapping[str, Any]
    shown: Mapping[str, Any]  # what the check found


@dataclass(frozen=True, slots=True)
class PriceDraft:
    """A draft as it is kept, without its content."""

    id: int
    subject: Priced
    name: str
    effective: date
    file: str
    options: Mapping[str, Any]
    shown: Mapping[str, Any]
    state: DraftState
    drafted_by: str
    drafted_at: datetime
    ended_by: str | None
    ended_at: datetime | None
    version_id: int | None


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A published version that was taken back before it took force."""

    subject: Priced
    version_id: int
    name: str
    withdrawn_at: datetime
    actor: str
    reason: str
