"""A remembered browser: how long its token lives, when it is renewed, and what an old token means."""

import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from k5web.domain.accounts.subscriber import Device

OWN_IDLE = timedelta(days=180)  # sliding
OWN_LIFE = timedelta(days=365)  # absolute; browsers cap cookies near 400 days
FOREIGN_IDLE = timedelta(minutes=30)  # «Это чужой телефон»
ROTATE_AFTER = timedelta(days=1)
PREVIOUS_GRACE = timedelta(seconds=120)  # parallel requests and lost answers still carry the previous token
CONFIRMED_FOR = timedelta(minutes=15)  # a typed password opens the settings that need one
AT_ONCE_WITHIN = timedelta(days=30)  # a phone not used for so long asks before calling

# Reading must stay light: the last use is written so seldom, and oftener where half an hour matters
TOUCH_OWN = timedelta(minutes=10)
TOUCH_FOREIGN = timedelta(minutes=1)


# As secrets.token_urlsafe writes them; other text of a cookie or a path goes no further
SELECTOR_BYTES, VALIDATOR_BYTES = 12, 32
_SELECTOR = re.compile(r"[A-Za-z0-9_-]{16}", re.ASCII)
_VALIDATOR = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def split_token(token: str | None) -> tuple[str, str] | None:
    """Return the selector and the validator of a cookie; None where none of ours is written so."""
    selector, _, validator = (token or "").partition(".")
    return (selector, validator) if is_selector(selector) and _VALIDATOR.fullmatch(validator) else None


def is_selector(text: str) -> bool:
    """Return whether a device of ours may have this selector."""
    return _SELECTOR.fullmatch(text) is not None


class TokenVerdict(Enum):
    """What a presented token means, and what is to be written down for it."""

    GOOD = auto()
    TOUCH = auto()  # good; note the use
    SEEN = auto()  # good; the new token arrived for the first time
    ROTATE = auto()  # good; a day old: send a new one
    RESEND = auto()  # good; the answer with the new one was lost: send another
    DEAD = auto()  # ended or too old
    REUSED = auto()  # neither the token nor the one before: somebody has a copy


@dataclass(frozen=True, slots=True)
class DeviceRecord:
    """A device with what proves its token. Hashes are SHA-256 of the validator."""

    device: Device
    validator_hash: bytes
    previous_hash: bytes | None
    rotated_at: datetime
    is_seen: bool  # the newest token came back at least once
    ended_at: datetime | None

    @property
    def expires_at(self) -> datetime:
        """When the token stops being good if it is not used again."""
        if not self.device.is_own:
            return self.device.last_used_at + FOREIGN_IDLE
        return min(self.device.last_used_at + OWN_IDLE, self.device.created_at + OWN_LIFE)

    def judge(self, presented_hash: bytes, now: datetime) -> TokenVerdict:
        """Return what the presented token means now.

        The previous token stays good until the new one was seen, and for the grace in any case: on a bad network
        the answer with the new cookie gets lost, and strict rules would throw honest people out.
        """
        if self.ended_at is not None or now >= self.expires_at:
            return TokenVerdict.DEAD
        age = now - self.rotated_at
        if hmac.compare_digest(presented_hash, self.validator_hash):
            if not self.is_seen:
                return TokenVerdict.SEEN
            if age >= ROTATE_AFTER:
                return TokenVerdict.ROTATE
            touch = TOUCH_OWN if self.device.is_own else TOUCH_FOREIGN
            return TokenVerdict.TOUCH if now - self.device.last_used_at >= touch else TokenVerdict.GOOD
        if self.previous_hash is not None and hmac.compare_digest(presented_hash, self.previous_hash):
            if age < PREVIOUS_GRACE:
                return TokenVerdict.GOOD
            return TokenVerdict.REUSED if self.is_seen else TokenVerdict.RESEND
        return TokenVerdict.REUSED
