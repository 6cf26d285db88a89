"""Whose act the ledger has left behind since a moment: read by indexes, for it is asked each hour.

`act_invariants.uncounted` finds the same in the whole ledger.
"""

from datetime import date, datetime
from typing import Final

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from k5web.domain.books.period import next_month
from k5web.domain.books.service import AGAIN, CORRECTED
from k5web.storage.types import Day, Instant

# A reversal counts in the month of the charge, also where what it takes back is a reversal itself, or a right charge
# that took the place of a wrong one
TAKEN_BACK: Final = text(f"""
    WITH RECURSIVE back AS (
        SELECT t.owner_id, p.account_id, p.seq, t.reverses_origin AS origin, t.reverses_key AS key
        FROM ledger_transaction t
        JOIN posting p ON p.owner_id = t.owner_id AND p.origin = t.origin AND p.key = t.key
        WHERE t.origin = 'reversal' AND t.recorded_at >= :since AND t.reverses_key IS NOT NULL
        UNION ALL
        SELECT b.owner_id, b.account_id, b.seq, t.reverses_origin, t.reverses_key FROM back b
        JOIN ledger_transaction t ON t.owner_id = b.owner_id AND t.origin = b.origin AND t.key = b.key
        WHERE b.origin = 'reversal' AND t.reverses_key IS NOT NULL
    ), charged AS (
        SELECT p.owner_id, b.seq, substr(CAST(coalesce((
            SELECT wrong.day FROM posting wrong WHERE wrong.owner_id = p.owner_id AND wrong.account_id = p.account_id
            AND p.key = CASE p.origin WHEN '{CORRECTED}' THEN wrong.origin || ' ' || wrong.key
                ELSE wrong.key || '{AGAIN}' END AND (p.origin = '{CORRECTED}' OR p.key LIKE '%{AGAIN}')
            ), p.day) AS text), 1, 7) AS month
        FROM back b
        JOIN account a ON a.owner_id = b.owner_id AND a.id = b.account_id AND a.purpose = 'main'
        JOIN posting p
        ON p.owner_id = b.owner_id AND p.account_id = b.account_id AND p.origin = b.origin AND p.key = b.key
        WHERE b.origin <> 'reversal' AND substr(p.counter, 1, 5) = 'sale.'
    )
    SELECT DISTINCT c.owner_id, c.month FROM charged c WHERE c.seq > coalesce((
        SELECT max(act.upto_seq) FROM act WHERE act.owner_id = c.owner_id
        AND substr(CAST(act.month AS text), 1, 7) = c.month), 0)
""").bindparams(bindparam("since", type_=Instant()))  # noqa: S608 — parts of our own
CHARGED: Final = text(f"""
    SELECT DISTINCT a.owner_id FROM account a WHERE a.purpose = 'main' AND a.last_day >= :first AND EXISTS (
        SELECT 1 FROM posting p WHERE p.owner_id = a.owner_id AND p.account_id = a.id AND p.day >= :first
        AND p.day < :after AND substr(p.counter, 1, 5) = 'sale.' AND p.origin <> '{CORRECTED}'
        AND NOT (p.origin = 'call' AND p.key LIKE '%{AGAIN}') AND p.seq > coalesce((
            SELECT max(act.upto_seq) FROM act WHERE act.owner_id = a.owner_id AND act.month = :first), 0))
""").bindparams(bindparam("first", type_=Day()), bindparam("after", type_=Day()))  # noqa: S608


def taken_back(db: Session, since: datetime) -> list[tuple[int, date]]:
    """Return whose charges of which months were taken back since a moment, and no act counts it."""
    return [(row.owner_id, date.fromisoformat(f"{row.month}-01")) for row in db.execute(TAKEN_BACK, {"since": since})]


def charged(db: Session, month: date) -> list[int]:
    """Return who was charged in a month what no act counts: too late for it, or a fault left them without one."""
    return list(db.scalars(CHARGED, {"first": month, "after": next_month(month)}))
