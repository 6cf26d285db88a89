"""A plan as it is written and published: the texts of its files are what is kept for ever."""

import hashlib
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PlanText:
    """A plan as it is written: its file, and the file of its direction groups, "" where it has none."""

    file: str  # its name
    plan: str
    groups: str = ""

    @property
    def digest(self) -> bytes:
        """What tells whether two are the same."""
        return hashlib.sha256(f"{self.plan}\0{self.groups}".encode()).digest()


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """A published version of a plan, without its texts."""

    id: int
    code: str
    effective_from: datetime
    digest: bytes  # of its texts
    published_at: datetime
    actor: str
