"""Addresses of subscribers' own that hear of calls: which may be, what they are told, how it is signed, when again."""

import hashlib
import hmac
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from k5web.domain.pbx.conversation import Conversation
from k5web.errors import WrongHook

MOST_HOOKS: Final = 5  # of one subscriber
LONGEST_URL: Final = 500
LONGEST_SITE: Final = 40  # of an address, in a message
PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360))
PAUSE_AFTER: Final = 30  # tries in a row that failed: the address is told nothing more until its owner says so
TOLD_FOR: Final = timedelta(days=1)  # what is older is no news
KEPT_FOR: Final = timedelta(days=30)  # the log
RINGS_AT_MOST: Final = timedelta(minutes=2)  # after it, that a call came in is no news
SETTLES: Final = timedelta(seconds=2)  # the records of a call's end come together
SIGNATURE: Final = "K5-Signature"
EVENT_ID: Final = "K5-Event-Id"

_HOST = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]", re.ASCII)
_PATH = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@/?%]*", re.ASCII)


class HookEvent(StrEnum):
    """What an address is told of."""

    RINGING = "ringing"  # a call came in, or goes out
    ANSWERED = "answered"  # by a person
    ENDED = "ended"
    MISSED = "missed"  # it came in, and ended without a person


ALL: Final = tuple(HookEvent)


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that is told of calls."""

    owner_id: int
    n: int
    url: str
    events: frozenset[HookEvent]
    added_at: datetime
    paused_at: datetime | None = None
    removed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """Something to tell an address, and how that went."""

    owner_id: int
    webhook_n: int
    id: str
    event: str
    facts: Mapping[str, Any]
    created_at: datetime
    due_at: datetime
    attempts: int = 0
    status: int | None = None  # of the last answer
    why: str = ""  # there was none, or it was no success
    done_at: datetime | None = None
    outcome: str | None = None  # told, given_up

    @property
    def body(self) -> bytes:
        """What is sent, the same each time."""
        told = {"id": self.id, "event": self.event, "at": self.created_at.isoformat(), **self.facts}
        return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class HookAnswer:
    """What came of one try: a status, or why there was none."""

    status: int | None
    why: str = ""

    @property
    def is_success(self) -> bool:
        """True for 2xx only: a redirection is none, and none is followed."""
        return self.status is not None and self.status // 100 == 2


class HookDoor(Protocol):
    """The way to addresses that subscribers name. It opens to the Internet only, never to the house."""

    def check(self, url: str) -> str:
        """Return an address as it is kept. Raises: WrongHook."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> HookAnswer:
        """Tell an address something, once, within a few seconds, whatever the other side does."""


def web_address(text: str, *, is_tryout: bool) -> str:
    """Return an address as it is kept: https, a name, port 443; anything that is http where K5 is only tried.

    Raises: WrongHook.
    """
    typed = text.strip()
    try:
        parts = urlsplit(typed)
        port, host = parts.port, (parts.hostname or "").encode("idna").decode().lower()
    except ValueError as error:  # brackets, a port or a name that is none
        raise WrongHook(reason="form") from error
    is_plain = len(typed) <= LONGEST_URL and not {"@", "\\"} & set(parts.netloc) and not parts.fragment
    if not (is_plain and host and _PATH.fullmatch(f"{parts.path}{parts.query}") and parts.scheme in {"http", "https"}):
        raise WrongHook(reason="form")
    if not is_tryout:
        if parts.scheme != "https" or port not in {None, 443}:
            raise WrongHook(reason="https")
        if not _HOST.fullmatch(host):  # an address of four numbers has no certificate, and no letter at its end
            raise WrongHook(reason="name")
    named = f"[{host}]" if ":" in host else host
    netloc = named if port is None or not is_tryout else f"{named}:{port}"
    return parts._replace(netloc=netloc, path=parts.path or "/", fragment="").geturl()


def site_of(url: str) -> str:
    """Return the name in an address, short enough for a message: whoever reads it knows which one is meant."""
    name = urlsplit(url).hostname or ""
    return name if len(name) <= LONGEST_SITE else f"{name[: LONGEST_SITE - 1]}…"


def sign(secret: str, timestamp_s: int, body: bytes) -> str:
    """Return the header that proves a message: `t=1796117400,v1=<HMAC-SHA256 of "1796117400." and the body>`."""
    digest = hmac.digest(secret.encode(), f"{timestamp_s}.".encode() + body, hashlib.sha256).hex()
    return f"t={timestamp_s},v1={digest}"


def next_try(attempts: int, now: datetime) -> datetime | None:
    """Return when a message is told again after so many tries, None where it is given up."""
    return now + PAUSES[attempts - 1] if attempts <= len(PAUSES) else None


def news(conversation: Conversation, told: Collection[str], now: datetime) -> tuple[list[HookEvent], list[str]]:
    """Return what is to be told of a conversation now, and all that counts as told then.

    A talk inside is nobody's news. That it rings is told only while it does; the end is told when its records have
    come together.
    """
    known, is_over = list(told), _is_over(conversation, now)
    if conversation.direction == "inside":
        return [], [*known, *(["ended"] if is_over and "ended" not in known else [])]
    happened: list[HookEvent] = []
    is_ringing = conversation.answered_at is None and conversation.ended_at is None
    if is_ringing and now < conversation.began_at + RINGS_AT_MOST:
        happened.append(HookEvent.RINGING)
    if conversation.answered_at is not None:
        happened.append(HookEvent.ANSWERED)
    if is_over:
        happened += [HookEvent.MISSED, HookEvent.ENDED] if conversation.is_missed else [HookEvent.ENDED]
    new = [event for event in happened if event not in known]
    return new, [*known, *new]


def _is_over(conversation: Conversation, now: datetime) -> bool:
    return conversation.ended_at is not None and conversation.ended_at + SETTLES <= now


def facts_of(conversation: Conversation, recordings: Collection[str]) -> dict[str, Any]:
    """Return what is told of a conversation. `recordings`: links to listen by, which need a log-in."""
    return {
        "conversation": {
            "id": f"{conversation.switch}/{conversation.linked_id}",
            "direction": conversation.direction,
            "number": conversation.number,
            "caller": conversation.caller,
            "called": conversation.called,
            "began_at": conversation.began_at.isoformat(),
            "answered_at": _moment(conversation.answered_at),
            "answered_by": conversation.answered_by,
            "ended_at": _moment(conversation.ended_at),
            "outcome": conversation.outcome,
            "talk_s": conversation.talk_s,
            "recordings": list(recordings),
        }
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
