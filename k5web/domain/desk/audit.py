"""The audit: who of the staff did what, when, to whom, why, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

DONE, FAILED = "done", "failed"
LONGEST_REASON = 500  # characters


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody is about to do. `facts` holds ids, sums and words, never a secret or a whole phone number."""

    actor: str  # staff:…
    action: str  # desk.block, k5 subscriber block
    owner_id: int | None = None  # the subscriber it is about
    reason: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    request_id: str = ""  # by which the log's lines of the same request are found


@dataclass(frozen=True, slots=True)
class AuditLine:
    """A deed as it was written down. `outcome`: "done", "failed", the code of the refusal; "": it was cut short."""

    id: int
    at: datetime
    actor: str
    action: str
    owner_id: int | None
    reason: str
    facts: Mapping[str, str]
    outcome: str


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which lines are wished; days are the operator's, both included."""

    actor: str = ""
    action: str = ""  # how it begins
    owner_id: int | None = None
    since: date | None = None
    until: date | None = None
