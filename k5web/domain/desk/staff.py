"""A member of the operator's staff, and how long their log-in lasts."""

import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from k5web.errors import WrongStaffLogin

LIFE = timedelta(hours=12)  # of a log-in, whatever happens
IDLE = timedelta(minutes=30)
TOUCH = timedelta(minutes=1)  # the last use is written so seldom
CODE_STEP_S = 30  # of a one-time code (RFC 6238)
CODE_STEPS = 1  # a clock may be so many steps fast or slow

_LOGIN = re.compile(r"[a-z][a-z0-9._-]{1,31}", re.ASCII)


class Role(StrEnum):
    """What a member of the staff is there for; one may have several."""

    DESK = "desk"  # answers subscribers
    MONEY = "money"  # books, refunds, reconciles
    PRICES = "prices"  # price lists and plans
    ENGINEER = "engineer"  # switches, trunks, calls
    AUDITOR = "auditor"  # sees all, does nothing
    OWNER = "owner"  # may all, and says who may what


@dataclass(frozen=True, slots=True)
class Staff:
    """One of the staff. `ended_at`: since then they come in no more."""

    login: str
    name: str
    roles: frozenset[Role]
    added_at: datetime
    added_by: str
    ended_at: datetime | None = None

    @property
    def actor(self) -> str:
        """Who this is in histories."""
        return f"staff:{self.login}"


@dataclass(frozen=True, slots=True)
class StaffSession:
    """A log-in of the staff on one browser. `validator_hash` is SHA-256 of what the cookie proves."""

    selector: str
    login: str
    validator_hash: bytes
    browser: str
    place: str
    created_at: datetime
    last_used_at: datetime
    ended_at: datetime | None = None

    def is_live(self, now: datetime) -> bool:
        """Return whether it still lets somebody in."""
        return self.ended_at is None and now < min(self.created_at + LIFE, self.last_used_at + IDLE)

    def is_proved_by(self, presented_hash: bytes) -> bool:
        """Return whether the cookie that was sent is this log-in's; the time it takes tells nothing."""
        return hmac.compare_digest(self.validator_hash, presented_hash)


def staff_login(typed: str) -> str:
    """Return a login as it is kept: there is one spelling of it. Raises: WrongStaffLogin."""
    login = typed.strip().lower()
    if _LOGIN.fullmatch(login) is None:
        raise WrongStaffLogin
    return login


def code_steps(now: datetime) -> range:
    """Return the numbers of the half-minutes whose one-time codes are good now."""
    step = int(now.timestamp()) // CODE_STEP_S
    return range(step - CODE_STEPS, step + CODE_STEPS + 1)
