"""What must always be true of each account: its chain, its events and its holds; asked of some owners at a time."""

from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from k5web.storage.books.invariant import Rule

BELOW_ALL: Final = -(2**63)  # the ranges leave no owner out, also none whose account is gone
LAST: Final = 2**63 - 1
POSTINGS_AT_ONCE: Final = 100_000  # of a range, as far as whole owners come to it: a second or two of one statement

RULES: list[Rule] = [
    Rule(
        "I1",
        "owner {owner_id} account {id}",
        "kept {balance_minor}, last {last_seq} of {last_day}; postings {total}, {links}, last {last} of {day}",
        """
        SELECT * FROM (
            SELECT a.owner_id, a.id, a.balance_minor, a.last_seq, a.last_day, coalesce(p.total, 0) AS total,
                   coalesce(p.links, 0) AS links, coalesce(p.last, 0) AS last, coalesce(p.day, :epoch) AS day
            FROM account a LEFT JOIN (
                SELECT owner_id, account_id, sum(amount_minor) AS total, count(*) AS links, max(seq) AS last,
                       max(day) AS day
                FROM posting WHERE owner_id BETWEEN :first AND :last GROUP BY owner_id, account_id
            ) p ON p.owner_id = a.owner_id AND p.account_id = a.id
            WHERE a.owner_id BETWEEN :first AND :last
        ) x WHERE balance_minor <> total OR last_seq <> links OR last_seq <> last OR last_day <> day
        """,
    ),
    Rule(
        "I2",
        "owner {owner_id} account {account_id} posting {seq}",
        "balance {balance_minor} after {before} and {amount_minor}; day {day} after {day_before}",
        """
        SELECT * FROM (
            SELECT owner_id, account_id, seq, day, amount_minor, balance_minor,
                   lag(balance_minor, 1, CAST(0 AS bigint)) OVER w AS before, lag(day, 1, day) OVER w AS day_before
            FROM posting WHERE owner_id BETWEEN :first AND :last
            WINDOW w AS (PARTITION BY owner_id, account_id ORDER BY seq)
        ) x WHERE balance_minor <> before + amount_minor OR day < day_before
        """,
    ),
    Rule(
        "I3",
        "owner {owner_id} account {account_id} posting {seq}",
        "event {origin} {key} or the account itself is not there",
        """
        SELECT p.owner_id, p.account_id, p.seq, p.origin, p.key FROM posting p
        LEFT JOIN ledger_transaction t ON t.owner_id = p.owner_id AND t.origin = p.origin AND t.key = p.key
            AND t.owner_id BETWEEN :first AND :last
        LEFT JOIN account a ON a.owner_id = p.owner_id AND a.id = p.account_id AND a.unit = p.unit
        WHERE p.owner_id BETWEEN :first AND :last AND (t.key IS NULL OR a.id IS NULL)
        """,
    ),
    Rule(
        "I3",
        "owner {owner_id} event {origin} {key}",
        "has no posting",
        """
        SELECT t.owner_id, t.origin, t.key FROM ledger_transaction t
        WHERE t.owner_id BETWEEN :first AND :last AND NOT EXISTS (
            SELECT 1 FROM posting p WHERE p.owner_id = t.owner_id AND p.origin = t.origin AND p.key = t.key
            AND p.owner_id BETWEEN :first AND :last)
        """,
    ),
    Rule(
        "I4",
        "owner {owner_id} account {id}",
        "kept: held {held_minor}; open holds: {total}",
        """
        SELECT a.owner_id, a.id, a.held_minor, coalesce(h.total, 0) AS total FROM account a LEFT JOIN (
            SELECT owner_id, account_id, sum(amount_minor) AS total FROM hold
            WHERE state = 'open' AND owner_id BETWEEN :first AND :last GROUP BY owner_id, account_id
        ) h ON h.owner_id = a.owner_id AND h.account_id = a.id
        WHERE a.owner_id BETWEEN :first AND :last AND a.held_minor <> coalesce(h.total, 0)
        """,
    ),
]

# The chains' lengths by the accounts themselves decide on the size of a range alone: a wrong one hides no posting, and
# one that no account has counts as none
_BOUNDS = text("""
    SELECT max(owner_id) AS last FROM (
        SELECT owner_id, CAST(sum(links) OVER (ORDER BY owner_id) AS bigint) / :at_once AS part FROM (
            SELECT owner_id, sum(CASE WHEN last_seq BETWEEN 0 AND 1000000000 THEN last_seq + 1 ELSE 1 END) AS links
            FROM account WHERE owner_id > :above GROUP BY owner_id
        ) o
    ) p GROUP BY part ORDER BY part
""")


def owner_ranges(db: Session, above: int, at_once: int) -> list[tuple[int, int]]:
    """Return the first and the last of the owners that are asked at once, of all owners above one."""
    if above >= LAST:
        return []
    inner = list(db.scalars(_BOUNDS, {"above": above, "at_once": at_once}))[:-1]  # the last range ends at no owner
    firsts = [above + 1, *(last + 1 for last in inner)]
    return list(zip(firsts, [*inner, LAST], strict=True))
