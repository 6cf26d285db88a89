"""An invitation of a member: a link by which others join, good for a time and so many of them (A8)."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from k5web.domain.throttle import Throttle

LIFE: Final = timedelta(days=30)
MOST_JOIN: Final = 20  # by one link
MOST_LIVE: Final = 5  # links of one member at a time
JOINING: Final = Throttle(every=timedelta(hours=2), at_once=10)  # by all links of one member (S18)

_CODE: Final = re.compile(r"[A-Za-z0-9_-]{16}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link of one member. `joined`: how many came by it."""

    code: str
    owner_id: int
    created_at: datetime
    expires_at: datetime
    joined: int = 0
    revoked_at: datetime | None = None

    def is_good(self, now: datetime) -> bool:
        """Return whether somebody may still join by it."""
        return self.revoked_at is None and now < self.expires_at and self.joined < MOST_JOIN


def is_code(text: str) -> bool:
    """Return whether an invitation of ours may have this code."""
    return _CODE.fullmatch(text) is not None
