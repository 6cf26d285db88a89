"""Closed days: each account's chain of digests, and the seal over all accounts that moved (docs/ledger.md)."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from k5web.domain.books.ledger import EventName, Posting

CLOSES_AT: Final = time(0, 30)  # by the operator's clock: the day before is over, and what was under way has ended
NOTHING: Final = b""  # the digest before the first


@dataclass(frozen=True, slots=True)
class SealedPosting:
    """A posting with its event: all that must never change."""

    posting: Posting
    fingerprint: bytes
    actor: str
    occurred_at: datetime
    recorded_at: datetime
    reverses: EventName | None

    @property
    def canonical(self) -> bytes:
        """Return it as one line of JSON, the same on every database."""
        made, reverses = self.posting, self.reverses
        facts = [made.owner_id, made.account_id, made.day.isoformat(), made.seq, made.amount.currency]
        facts += [made.amount.minor, made.balance.minor, made.counter, made.name.origin, made.name.key]
        facts += [self.fingerprint.hex(), self.actor, _moment(self.occurred_at), _moment(self.recorded_at)]
        facts += [reverses.origin, reverses.key] if reverses else [None, None]
        return json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class DayClose:
    """An account's position at the end of a day on which it moved. Units: minor."""

    owner_id: int
    account_id: int
    day: date
    last_seq: int
    balance: int
    digest: bytes

    @property
    def canonical(self) -> bytes:
        """Return the line of it that the day's seal is made of."""
        facts = [self.owner_id, self.account_id, self.last_seq, self.balance, self.digest.hex()]
        return json.dumps(facts, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class HouseDay:
    """What went out of a house account on a day (`debit`), and what came into it. Units: minor, zero or above."""

    counter: str
    unit: str
    debit: int
    credit: int


@dataclass(frozen=True, slots=True)
class Seal:
    """A closed day's seal, made of the seal before it and of every account that moved."""

    day: date
    previous: bytes
    digest: bytes
    sealed_at: datetime


def digest_of(previous: bytes, lines: Iterable[bytes]) -> bytes:
    """Return the SHA-256 over the digest before and these lines, in their order."""
    made = hashlib.sha256(previous)
    for line in lines:
        made.update(line)
        made.update(b"\n")
    return made.digest()


def seal_digest(previous: bytes, day: date, closes: Iterable[DayClose]) -> bytes:
    """Return a day's seal over its accounts, in the order of owners and accounts."""
    return digest_of(previous + day.isoformat().encode(), (close.canonical for close in closes))


def days_due(now: datetime, last_closed: date | None) -> list[date]:
    """Return the days to close now, the oldest first; `now` in the operator's zone.

    The first closing takes everything before it into one day.
    """
    is_early = now.time() < CLOSES_AT
    last = now.date() - timedelta(days=2 if is_early else 1)
    first = last if last_closed is None else last_closed + timedelta(days=1)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
