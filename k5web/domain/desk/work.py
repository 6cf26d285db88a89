"""What waits for a person: one list of many kinds, the overdue first. When something is due is said by its subject."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any


class WorkKind(StrEnum):
    """What may wait."""

    INCIDENT = "incident"
    CLAIM = "claim"  # to be answered
    CLAIM_PAYMENT = "claim_payment"  # to be paid to a bank account
    ADVANCE = "advance"  # the unused advance is to be refunded
    SUSPENSE = "suspense"  # money whose owner is not known
    DOUBT = "doubt"  # a payment that may be known already
    BREACH = "breach"
    DEBT = "debt"
    ENDING = "ending"  # a contract that ends
    OBJECTION = "objection"
    ORIGINAL = "original"  # a signed act is to be sent
    ACT = "act"  # one that could not be made
    MESSAGE = "message"  # one that did not arrive
    PROPOSAL = "proposal"  # a second person is to decide


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One thing that waits, under its name within its kind; without a day it is due at once."""

    kind: WorkKind
    owner_id: int  # 0: nobody's
    key: str
    since: date
    due: date | None
    facts: Mapping[str, Any] = field(default_factory=dict)

    def is_late(self, today: date) -> bool:
        """Return whether the day by which it is due is over."""
        return self.due is not None and today > self.due

    def place(self, today: date) -> str:
        """Return where it stands in the list, as text that sorts: the overdue, what is due at once, the rest by day."""
        rank = 0 if self.is_late(today) else 1 if self.due is None else 2
        return f"{rank} {self.due or self.since} {self.kind} {self.owner_id:019d} {self.key}"


@dataclass(frozen=True, slots=True)
class WorkCount:
    """How many things of a kind wait, and how many of them are overdue."""

    kind: WorkKind
    waiting: int
    late: int


def in_order(items: Iterable[WorkItem], today: date) -> list[WorkItem]:
    """Return them as the list shows them."""
    return sorted(items, key=lambda item: item.place(today))


def counted(items: Iterable[WorkItem], today: date) -> list[WorkCount]:
    """Return how many there are of each kind that there are any of, in the order of the kinds."""
    kinds: dict[WorkKind, list[bool]] = {}
    for item in items:
        kinds.setdefault(item.kind, []).append(item.is_late(today))
    return [WorkCount(kind, len(kinds[kind]), sum(kinds[kind])) for kind in WorkKind if kind in kinds]
