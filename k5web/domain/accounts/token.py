"""A token of a subscriber's own program: how it is written, what it may do, how often it may ask."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from k5web.domain.accounts.device import split_token
from k5web.domain.throttle import Throttle

BEGINS = "k5_"  # so that people and scanners of leaked secrets see whose it is
MOST_TOKENS = 20  # live ones of one subscriber
TOUCH_EVERY = timedelta(minutes=1)  # the last use is written so seldom

ASKING = Throttle(every=timedelta(seconds=1), at_once=60)  # any request of a token
ORDERING = Throttle(every=timedelta(seconds=6), at_once=10)  # and of these, orders of calls


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token as its list shows it. `selector` is its public half."""

    selector: str
    owner_id: int
    name: str
    may_call: bool  # else it only looks
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """A token with what proves it: SHA-256 of its secret half."""

    token: ApiToken
    validator_hash: bytes
    ended_at: datetime | None

    def is_good(self, presented_hash: bytes) -> bool:
        """Return whether this secret half opens now."""
        return hmac.compare_digest(presented_hash, self.validator_hash) and self.ended_at is None


def split(text: str) -> tuple[str, str] | None:
    """Return the selector and the validator; None where no token of ours is written so."""
    return split_token(text.removeprefix(BEGINS)) if text.startswith(BEGINS) else None
