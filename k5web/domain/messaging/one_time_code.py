"""A one-time code: six digits that prove that a number or an e-mail address is somebody's own (S17)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

DIGITS: Final = 6
MOST_TRIES: Final = 5
LIFE: Final = timedelta(minutes=10)

Purpose = Literal["register", "reset", "phone", "email"]


@dataclass(frozen=True, slots=True)
class OneTimeCode:
    """What is kept of a code: which request it belongs to, and a keyed hash of it."""

    request: str
    code_hash: bytes
    tries: int
    expires_at: datetime

    def may_be_tried(self, now: datetime) -> bool:
        """True while it has tries and time left."""
        return self.tries < MOST_TRIES and now < self.expires_at
