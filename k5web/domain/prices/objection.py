"""Objections: who does not take a dearer or worse change, said before its day; the contract then ends on it (B2)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args

Subject = Literal["plan", "deck", "offer"]
SUBJECTS: tuple[Subject, ...] = get_args(Subject)
TITLES: dict[Subject, str] = {"plan": "plan", "deck": "price list", "offer": "offer"}  # for operators


@dataclass(frozen=True, slots=True)
class Change:
    """A dearer or worse version that a subscriber was told of."""

    subject: Subject
    code: str  # of the plan, or the name of the price list
    version_id: int
    effective: date

    @property
    def key(self) -> str:
        """What a form names it by."""
        return f"{self.subject}-{self.version_id}"

    def is_open(self, today: date) -> bool:
        """Return whether somebody may still object: the old terms are in force."""
        return today < self.effective


@dataclass(frozen=True, slots=True)
class Objection:
    """A subscriber does not take a change; `ends_on` is the first day without a contract unless something is agreed."""

    owner_id: int
    subject: Subject
    code: str
    version_id: int
    objected_at: datetime
    actor: str
    ends_on: date

    @classmethod
    def to(cls, change: Change, owner_id: int, now: datetime, actor: str) -> "Objection":
        """Return an objection to a change: the contract ends on its day."""
        return cls(owner_id, change.subject, change.code, change.version_id, now, actor, change.effective)

    @property
    def what(self) -> str:
        """What is objected to, for operators."""
        return f"version {self.version_id} of {TITLES[self.subject]} {self.code}"
