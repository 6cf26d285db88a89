"""I18: acts and ledger agree. An act is its month's charges and what is taken back of them, up to its last posting."""

from datetime import date, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from k5web.domain.books.service import AGAIN, CORRECTED
from k5web.storage.books.chain_invariants import BELOW_ALL, POSTINGS_AT_ONCE, owner_ranges
from k5web.storage.books.invariant import Rule
from k5web.storage.sql import be_patient

LATE: Final = timedelta(days=2)  # the worker corrects every day: what is older is not being corrected

# Every posting for services on a main account with the month that it counts in: a reversal in that of its charge,
# also where it was taken back itself and so on, and a right charge in that of the wrong one
_IS_CORRECTED: Final = f"s.origin = '{CORRECTED}' OR (s.origin = 'call' AND s.key LIKE '%{AGAIN}')"
_MONTH_OF: Final = "substr(CAST({0} AS text), 1, 7)"
_SERVICE: Final = f"""
    WITH RECURSIVE sale AS (
        SELECT p.owner_id, p.account_id, p.seq, p.day, p.amount_minor, p.origin, p.key FROM posting p
        JOIN account a ON a.owner_id = p.owner_id AND a.id = p.account_id AND a.purpose = 'main'
        WHERE p.owner_id BETWEEN :first AND :last AND substr(p.counter, 1, 5) = 'sale.'
    ), back AS (
        SELECT s.owner_id, s.account_id, s.seq, s.amount_minor, s.origin, s.key FROM sale s WHERE s.origin = 'reversal'
        UNION ALL
        SELECT b.owner_id, b.account_id, b.seq, b.amount_minor, t.reverses_origin, t.reverses_key FROM back b
        JOIN ledger_transaction t ON t.owner_id = b.owner_id AND t.origin = b.origin AND t.key = b.key
        WHERE b.origin = 'reversal' AND t.reverses_key IS NOT NULL
    ), charge AS (
        SELECT s.owner_id, s.account_id, s.seq, s.amount_minor, s.origin, s.key, {_MONTH_OF.format("s.day")} AS month
        FROM sale s WHERE s.origin <> 'reversal' AND NOT ({_IS_CORRECTED})
        UNION ALL
        SELECT s.owner_id, s.account_id, s.seq, s.amount_minor, s.origin, s.key, {_MONTH_OF.format("wrong.day")}
        FROM sale s
        JOIN sale wrong ON wrong.owner_id = s.owner_id AND wrong.account_id = s.account_id AND wrong.origin = 'call'
            AND s.key = wrong.key || '{AGAIN}'
        WHERE s.origin = 'call' AND s.key LIKE '%{AGAIN}'
        UNION ALL
        SELECT s.owner_id, s.account_id, s.seq, s.amount_minor, s.origin, s.key, {_MONTH_OF.format("wrong.day")}
        FROM sale s
        JOIN sale wrong ON wrong.owner_id = s.owner_id AND wrong.account_id = s.account_id
            AND s.key = wrong.origin || ' ' || wrong.key
        WHERE s.origin = '{CORRECTED}'
    ), service AS (
        SELECT owner_id, account_id, seq, amount_minor, month FROM charge
        UNION ALL
        SELECT b.owner_id, b.account_id, b.seq, b.amount_minor, c.month FROM back b JOIN charge c
        ON c.owner_id = b.owner_id AND c.account_id = b.account_id AND c.origin = b.origin AND c.key = b.key
        WHERE b.origin <> 'reversal'
    )
"""  # noqa: S608 — parts of our own
# What no version of an act counts yet, of the months for which acts are issued and of those that have one
_UNCOUNTED: Final = f"""
    , latest AS (
        SELECT owner_id, {_MONTH_OF.format("month")} AS month, max(upto_seq) AS upto_seq FROM act
        WHERE owner_id BETWEEN :first AND :last GROUP BY owner_id, month
    ), uncounted AS (
        SELECT s.owner_id, s.account_id, s.month, s.seq, s.amount_minor FROM service s
        LEFT JOIN latest l ON l.owner_id = s.owner_id AND l.month = s.month
        LEFT JOIN act_book b ON s.month >= {_MONTH_OF.format("b.first_month")}
            AND s.month < {_MONTH_OF.format("b.next_month")}
        WHERE (b.id IS NOT NULL OR l.month IS NOT NULL) AND s.seq > coalesce(l.upto_seq, 0)
    )
"""  # noqa: S608
_DUE = text(
    f"{_SERVICE} {_UNCOUNTED} SELECT owner_id, month FROM uncounted GROUP BY owner_id, month "  # noqa: S608
    "ORDER BY owner_id, month"
)

RULES: list[Rule] = [
    Rule(
        "I18",
        "owner {owner_id} act of {month} version {version}",
        "is of {total_minor}; its lines come to {lines}, the ledger to {posted}",
        f"""
        {_SERVICE}
        SELECT * FROM (
            SELECT a.owner_id, a.month, a.version, a.total_minor,
                coalesce(-sum(s.amount_minor), 0) AS posted, coalesce((
                SELECT sum(l.amount_minor) FROM act_line l
                WHERE l.owner_id = a.owner_id AND l.month = a.month AND l.version = a.version), 0) AS lines
            FROM act a LEFT JOIN service s ON s.owner_id = a.owner_id AND s.account_id = a.account_id
                AND s.month = {_MONTH_OF.format("a.month")} AND s.seq <= a.upto_seq
            WHERE a.owner_id BETWEEN :first AND :last
            GROUP BY a.owner_id, a.month, a.version, a.total_minor
        ) x WHERE total_minor <> lines OR total_minor <> posted
        """,  # noqa: S608
    ),
    Rule(
        "I18",
        "acts of {year}",
        "{given} numbers from {least} to {most} for {acts} acts",
        """
        SELECT year, count(DISTINCT number) AS given, min(number) AS least, max(number) AS most, count(*) AS acts
        FROM act GROUP BY year HAVING count(*) <> max(number) OR count(DISTINCT number) <> count(*) OR min(number) <> 1
        """,
    ),
    Rule(
        "I18",
        "owner {owner_id} acts of {month}",
        "{acts} versions, the last one {most}",
        """
        SELECT owner_id, month, count(*) AS acts, max(version) AS most FROM act
        GROUP BY owner_id, month HAVING count(*) <> max(version)
        """,
    ),
    Rule(
        "I18",
        "owner {owner_id} services of {month}",
        "{total} of them stand in no act",
        f"""
        {_SERVICE} {_UNCOUNTED}
        SELECT u.owner_id, u.month, -sum(u.amount_minor) AS total FROM uncounted u
        JOIN posting p ON p.owner_id = u.owner_id AND p.account_id = u.account_id AND p.seq = u.seq
        JOIN ledger_transaction t ON t.owner_id = p.owner_id AND t.origin = p.origin AND t.key = p.key
        WHERE p.owner_id BETWEEN :first AND :last AND t.owner_id BETWEEN :first AND :last AND t.recorded_at < :late
        GROUP BY u.owner_id, u.month HAVING sum(u.amount_minor) <> 0
        """,  # noqa: S608
    ),
]


def uncounted(db: Session) -> list[tuple[int, date]]:
    """Return whose months have services or takings-back that no act counts: an act, or a corrected one, is due."""
    be_patient(db)
    ranges = owner_ranges(db, BELOW_ALL, POSTINGS_AT_ONCE)
    found = (row for first, last in ranges for row in db.execute(_DUE, {"first": first, "last": last}))
    return [(row.owner_id, date.fromisoformat(f"{row.month}-01")) for row in found]
