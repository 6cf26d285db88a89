"""An archived month: a file of closed days that says what it is and can be proved without a database (docs/ledger.md).

Each line is JSON. A posting's is, letter by letter, what its account's digest was made of.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, NoReturn

from k5web.domain.books.period import next_month
from k5web.domain.books.sealing import NOTHING, DayClose, Seal, SealedPosting, digest_of, seal_digest
from k5web.errors import WrongArchive

FORMAT: Final = "k5 ledger archive"
VERSION: Final = 1
KEPT_YEARS: Final = 5  # after the year's end. Source: Federal Law 402-FZ on accounting, article 29, part 1
HOW: Final = (
    "Lines are JSON in UTF-8, ended by a line feed. Sums are in minor units, moments in UTC, digests SHA-256.",
    'Opening positions: ["open", owner, account, day, last posting, balance, digest]: the last closing before this.',
    'A day begins: ["day", day, the seal before].',
    "A posting: [owner, account, day, number, unit, amount, balance, house account, origin, key, fingerprint, actor, "
    "occurred at, recorded at, reversed origin, reversed key].",
    'An account is closed: ["close", owner, account, last posting, balance, digest]. Its digest is made of the digest '
    "before (raw bytes, nothing for the first) and of each of its posting lines since, each with its line feed.",
    'The day is sealed: ["seal", digest, sealed at]. The digest is made of the seal before (raw bytes), the day '
    '(2026-12-01), and for each closing the line [owner, account, last posting, balance, "digest"] with a line feed.',
    'The end: ["end", postings, closings, days].',
)


@dataclass(frozen=True, slots=True)
class Extent:
    """The days that a month's file has: after `since`, which was closed before, until `until`; None: all before too."""

    month: date  # its first day
    since: date | None
    until: date


@dataclass(frozen=True, slots=True)
class ProvedArchive:
    """What a file held, once all of it came out again."""

    month: date
    postings: int
    accounts: int
    first_day: date
    last_day: date
    seal: bytes  # of the last day: the one that was mailed then


def may_leave(month: date, years: int, today: date) -> bool:
    """Return whether a month's term is over: so many years after the end of its year."""
    return today >= leaves_on(month, years)


def leaves_on(month: date, years: int) -> date:
    """Return the first day on which a month may leave."""
    return date(month.year + 1 + years, 1, 1)


def head_line(extent: Extent) -> str:
    """Return the first line: what the file is, and how it is to be checked."""
    days = [extent.since.isoformat() if extent.since else None, extent.until.isoformat()]
    facts = {"format": FORMAT, "version": VERSION, "month": f"{extent.month:%Y-%m}", "after, until": days, "how": HOW}
    return _line(facts)


def open_line(close: DayClose) -> str:
    """Return the line of an opening position."""
    day = close.day.isoformat()
    return _line(["open", close.owner_id, close.account_id, day, close.last_seq, close.balance, close.digest.hex()])


def day_line(day: date, previous: bytes) -> str:
    """Return the line with which a day begins."""
    return _line(["day", day.isoformat(), previous.hex()])


def posting_line(posting: SealedPosting) -> str:
    """Return a posting's line."""
    return posting.canonical.decode()


def close_line(close: DayClose) -> str:
    """Return the line that closes an account's day."""
    return _line(["close", close.owner_id, close.account_id, close.last_seq, close.balance, close.digest.hex()])


def seal_line(seal: Seal) -> str:
    """Return the line that seals a day."""
    return _line(["seal", seal.digest.hex(), seal.sealed_at.astimezone(UTC).isoformat()])


def end_line(postings: int, closings: int, days: int) -> str:
    """Return the last line."""
    return _line(["end", postings, closings, days])


def prove(lines: Iterable[str]) -> ProvedArchive:
    """Recompute every digest and seal of a file's lines, given without line feeds. Raises: WrongArchive."""
    proof = Proof()
    for line in lines:
        proof.add(line)
    return proof.proved()


class Proof:
    """A file as far as its lines were read; each is held against all before it."""

    def __init__(self) -> None:
        self._line = 0
        self._month: date | None = None
        self._since: date | None = None
        self._until = date.min
        self._stood: dict[tuple[int, int], DayClose] = {}  # by account: its last closing
        self._posted: list[tuple[list[Any], bytes]] = []  # of the account that is being read
        self._closed: list[DayClose] = []  # of the day that is being read
        self._day: date | None = None
        self._previous = NOTHING
        self._days: list[date] = []
        self._accounts: set[tuple[int, int]] = set()
        self.postings = 0
        self._closings = 0
        self._is_whole = False

    def add(self, line: str) -> None:
        """Read the next line. Raises: WrongArchive."""
        self._line += 1
        if self._is_whole:
            self._refuse("there is something after the end")
        try:
            facts = json.loads(line)
            if self._month is None:
                self._begin(facts)
            elif isinstance(facts[0], int):
                self._post(facts, line.encode())
            else:
                _READ[facts[0]](self, *facts[1:])
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
            self._refuse("it is not a line of an archive")

    def proved(self) -> ProvedArchive:
        """Return what was read, once its end was. Raises: WrongArchive."""
        if not self._is_whole or self._month is None:
            self._refuse("the end is missing: the file was cut")
        found = (self._month, self.postings, len(self._accounts), self._days[0], self._days[-1], self._previous)
        return ProvedArchive(*found)

    def _begin(self, facts: Mapping[str, Any]) -> None:
        if facts["format"] != FORMAT or facts["version"] != VERSION:
            self._refuse(f"it is no {FORMAT} of version {VERSION}")
        self._month = date.fromisoformat(f"{facts['month']}-01")
        since, until = facts["after, until"]
        self._since, self._until = since and date.fromisoformat(since), date.fromisoformat(until)
        if not self._month <= self._until < next_month(self._month) or (self._since or date.min) >= self._month:
            self._refuse("its days are not those of its month")

    def _open(self, owner_id: int, account_id: int, day: str, last_seq: int, balance: int, digest: str) -> None:
        if self._since is None or date.fromisoformat(day) > self._since or self._day or self._days:
            self._refuse("an opening position stands in the wrong place")
        key = (owner_id, account_id)
        self._stood[key] = DayClose(*key, date.fromisoformat(day), last_seq, balance, bytes.fromhex(digest))

    def _begin_day(self, day: str, previous: str) -> None:
        begun = date.fromisoformat(day)
        if self._day or begun > self._until or begun <= max(self._days, default=self._since or date.min):
            self._refuse(f"the day {day} does not follow the one before")
        if self._days and bytes.fromhex(previous) != self._previous:
            self._refuse(f"the seal before {day} is another one")
        self._day, self._previous, self._closed = begun, bytes.fromhex(previous), []

    def _post(self, facts: list[Any], line: bytes) -> None:
        day = date.fromisoformat(facts[2])
        after = max(self._days, default=self._since)
        if self._day is None or day > self._day or (after is not None and day <= after):
            self._refuse("a posting stands under another day than its own")
        if self._posted and self._posted[-1][0][:2] != facts[:2]:
            self._refuse("the account before it is not closed")
        self._posted.append((facts, line))
        self.postings += 1

    def _close(self, owner_id: int, account_id: int, last_seq: int, balance: int, digest: str) -> None:
        key = (owner_id, account_id)
        if self._day is None or not self._posted or self._posted[0][0][:2] != [*key]:
            self._refuse(f"account {account_id} of owner {owner_id} is closed, and its postings are missing")
        before = self._stood.get(key)
        self._check_chain(before, last_seq, balance)
        made = digest_of(before.digest if before else NOTHING, (line for _, line in self._posted))
        if made.hex() != digest:
            self._refuse(f"the postings of account {account_id} of owner {owner_id} give another digest")
        close = DayClose(*key, self._day, last_seq, balance, made)
        self._stood[key] = close
        self._closed.append(close)
        self._accounts.add(key)
        self._posted = []
        self._closings += 1

    def _check_chain(self, before: DayClose | None, last_seq: int, balance: int) -> None:
        seq, stood = (before.last_seq, before.balance) if before else (0, 0)
        for facts, _ in self._posted:
            seq, stood = seq + 1, stood + facts[5]
            if (facts[3], facts[6]) != (seq, stood):
                self._refuse(f"posting {facts[3]} of account {facts[1]} does not continue the one before")
        if (seq, stood) != (last_seq, balance):
            self._refuse("the closing tells of another balance than its postings")

    def _seal(self, digest: str, sealed_at: str) -> None:
        datetime.fromisoformat(sealed_at)
        if self._day is None or self._posted:
            self._refuse("a seal stands in the wrong place")
        made = seal_digest(self._previous, self._day, self._closed)
        if made.hex() != digest:
            self._refuse(f"the accounts of {self._day} give another seal")
        self._days.append(self._day)
        self._day, self._previous, self._closed = None, made, []

    def _end(self, postings: int, closings: int, days: int) -> None:
        if self._day or [postings, closings, days] != [self.postings, self._closings, len(self._days)]:
            self._refuse("it counts other lines than there are")
        if not self._days or self._days[-1] != self._until:
            self._refuse(f"the month's last day, {self._until}, is missing")
        if set(self._stood) != self._accounts:
            self._refuse("there is an opening position of an account that did not move")
        self._is_whole = True

    def _refuse(self, reason: str) -> NoReturn:
        raise WrongArchive(line=self._line, reason=reason)


_READ: dict[str, Callable[..., None]] = {
    "open": Proof._open,
    "day": Proof._begin_day,
    "close": Proof._close,
    "seal": Proof._seal,
    "end": Proof._end,
}


def _line(facts: object) -> str:
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":"))


def extents(seals: Iterable[Seal], until: date) -> Iterator[Extent]:
    """Yield the months that are sealed whole, the oldest first, up to the month `until`.

    The first closing took all that was there before: its month's file has it.
    """
    days = [seal.day for seal in seals]
    sealed = set(days)
    for n, day in enumerate(days):
        month = day.replace(day=1)
        last = next_month(month) - timedelta(days=1)
        if month <= until and last in sealed and (n == 0 or days[n - 1] < month):
            yield Extent(month, days[n - 1] if n else None, last)
