"""Work on a file that somebody handed in at the desk: what it is, how far it is, how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

LEASE: Final = timedelta(minutes=2)  # whoever works on a file tells of it more often; after that another may begin anew
MOST_ATTEMPTS: Final = 3
ASKS_FOR: Final = timedelta(days=1)  # how long a file waits for somebody's answer
LONGEST_NAME: Final = 120  # letters of a file's name


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    ASKING = "asking"  # it goes on when a person has said that something is right
    DONE = "done"
    REFUSED = "refused"  # the file was not believed: nothing of it was done
    FAILED = "failed"  # it was begun too often and left each time

    @property
    def is_open(self) -> bool:
        """Whether the worker has it still to do."""
        return self in OPEN_STATES

    @property
    def is_over(self) -> bool:
        """Whether nothing more becomes of it."""
        return self in OVER_STATES


OPEN_STATES: Final = (JobState.WAITING, JobState.RUNNING)
OVER_STATES: Final = (JobState.DONE, JobState.REFUSED, JobState.FAILED)


@dataclass(frozen=True, slots=True)
class JobWish:
    """What is to be done with a file. `form_key`: the same form makes one job, however often it is sent."""

    kind: str  # a name of `services/desk/job_kinds.py`
    file_name: str
    form_key: str
    options: Mapping[str, Any] = field(default_factory=dict)  # of the kind's own, plain values


@dataclass(frozen=True, slots=True)
class Job:
    """A file and what becomes of it. Units: `size` bytes; `done` and `total` are of whatever the kind counts."""

    id: int
    kind: str
    file_name: str
    size: int
    options: Mapping[str, Any]
    state: JobState
    doing: str  # the step that `done` and `total` count
    done: int
    total: int
    attempts: int
    result: Mapping[str, Any] | None
    began_by: str
    began_at: datetime
    ended_at: datetime | None

    @property
    def percent(self) -> int:
        """How far the present step is."""
        return min(100, self.done * 100 // self.total) if self.total else 0
