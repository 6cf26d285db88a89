"""What must always be true of closed days: no posting came later, every digest and seal comes out again."""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from k5web.domain.books.ledger import Breach
from k5web.domain.books.sealing import NOTHING, DayClose, SealedPosting, digest_of, seal_digest
from k5web.storage.books import seal_rows
from k5web.storage.books.invariant import Rule
from k5web.storage.tables import OutboxRow

OWNERS_AT_ONCE: Final = 100

RULES = [
    Rule(
        "I12",
        "owner {owner_id} account {account_id} posting {seq}",
        "was recorded at {recorded_at} into the day {day}, which was sealed at {sealed_at}",
        """
        SELECT p.owner_id, p.account_id, p.seq, p.day, t.recorded_at, s.sealed_at FROM seal s
        JOIN posting p ON p.day = s.day
        JOIN ledger_transaction t ON t.owner_id = p.owner_id AND t.origin = p.origin AND t.key = p.key
        WHERE t.recorded_at > s.sealed_at
        """,
    ),
    Rule(
        "I9",
        "house account {counter} in {unit}",
        "the sealed days tell of {told}, their postings of {posted}",
        """
        SELECT * FROM (
            SELECT counter, unit, sum(told) AS told, sum(posted) AS posted FROM (
                SELECT counter, unit, credit_minor - debit_minor AS told, 0 AS posted FROM house_day
                UNION ALL
                SELECT counter, unit, 0, -amount_minor FROM posting WHERE day <= (SELECT max(day) FROM seal)
            ) y GROUP BY counter, unit
        ) x WHERE told <> posted
        """,
    ),
    Rule(
        "I10",
        "day {day}",
        "is sealed, and a day before it is not",
        """
        SELECT c.day FROM closed_day c LEFT JOIN seal s ON s.day = c.day
        WHERE s.day IS NULL AND c.day < (SELECT max(day) FROM seal)
        """,
    ),
]


def find_broken(db: Session) -> Iterator[Breach]:
    """I10: recompute all seals of what accounts were closed at; what was mailed is in the chain."""
    yield from _broken_seals(db)
    yield from _broken_mails(db)


def broken_digests(db: Session, between: tuple[int, int]) -> Iterator[Breach]:
    """I10: recompute the digests of the accounts of the first of these owners, of the last, and of all between."""
    last = seal_rows.last_sealed(db)
    above = between[0] - 1
    while last and (owners := seal_rows.owners_sealed(db, above, between[1], OWNERS_AT_ONCE)):
        above = owners[-1]
        closings = groupby(seal_rows.closes_of(db, owners, last), lambda each: each.account_id)
        kept = {account_id: list(found) for account_id, found in closings}
        posted = groupby(seal_rows.postings(db, owners, None, last), lambda each: each.posting.account_id)
        for account_id, found in posted:
            yield from _broken_account(kept.pop(account_id, []), list(found))
        for closes in kept.values():
            yield _breach(closes[0], "has no posting")


def _broken_account(closes: list[DayClose], posted: list[SealedPosting]) -> Iterator[Breach]:
    """Yield the first closing of an account that does not come out, and what no closing tells of."""
    digest, begin = NOTHING, 0
    days = [each.posting.day for each in posted]
    for close in closes:
        end = bisect_right(days, close.day)
        mine, begin = posted[begin:end], end
        digest = digest_of(digest, (each.canonical for each in mine))
        last = mine[-1].posting if mine else None
        if last is None or (last.seq, last.balance.minor, digest) != (close.last_seq, close.balance, close.digest):
            yield _breach(close, "its postings give another digest")
            return
    if begin < len(posted):
        first = posted[begin].posting
        where = f"owner {first.owner_id} account {first.account_id} posting {first.seq}"
        yield Breach("I10", where, f"no closing tells of it: its day {first.day} is sealed")


def _broken_seals(db: Session) -> Iterator[Breach]:
    previous = NOTHING
    for seal in seal_rows.seals(db):
        made = seal_digest(previous, seal.day, seal_rows.closes_on(db, seal.day))
        if (seal.previous, seal.digest) != (previous, made):
            yield Breach("I10", f"seal of {seal.day}", "the seal before and the accounts of the day give another one")
        previous = seal.digest


def _broken_mails(db: Session) -> Iterator[Breach]:
    chain = {seal.day.isoformat(): seal.digest.hex() for seal in seal_rows.seals(db)}
    for facts in db.scalars(select(OutboxRow.facts).where(OutboxRow.kind == "seal")):
        if chain.get(facts["day"]) != facts["digest"]:
            yield Breach("I10", f"seal of {facts['day']}", "another one was mailed")


def _breach(close: DayClose, found: str) -> Breach:
    return Breach("I10", f"owner {close.owner_id} account {close.account_id} at the end of {close.day}", found)
