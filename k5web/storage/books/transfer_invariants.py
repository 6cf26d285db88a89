"""What must always be true of transfers between subscribers: what one sent, one other received."""

from k5web.domain.books.transfer import COUNTER, RECEIVED, SENT
from k5web.storage.books.invariant import Rule

# A transfer as the receiver's name tells it: the sender and the form
_AS_SENT = "CAST({0}.owner_id AS text) || ' ' || {0}.{1}"

RULES = [
    Rule(
        "I15",
        "transfer {pair}",
        "{sides} sides of {owners} owners in {units} units, {received} received; together they are {total}",
        f"""
        SELECT pair, count(*) AS sides, count(DISTINCT owner_id) AS owners, count(DISTINCT unit) AS units,
               sum(is_in) AS received, sum(amount_minor) AS total
        FROM (
            SELECT {_AS_SENT.format("p", "key")} AS pair, p.owner_id, p.unit, p.amount_minor, 0 AS is_in
            FROM posting p WHERE p.origin = '{SENT}'
            UNION ALL
            SELECT p.key, p.owner_id, p.unit, p.amount_minor, 1 FROM posting p WHERE p.origin = '{RECEIVED}'
        ) x GROUP BY pair
        HAVING count(*) <> 2 OR count(DISTINCT owner_id) <> 2 OR count(DISTINCT unit) <> 1 OR sum(is_in) <> 1
            OR sum(amount_minor) <> 0
        """,  # noqa: S608
    ),
    Rule(
        "I15",
        "transfer {pair}",
        "is taken back on one side alone",
        f"""
        SELECT pair, count(*) AS sides FROM (
            SELECT {_AS_SENT.format("t", "reverses_key")} AS pair FROM ledger_transaction t
            WHERE t.origin = 'reversal' AND t.reverses_origin = '{SENT}'
            UNION ALL
            SELECT t.reverses_key FROM ledger_transaction t
            WHERE t.origin = 'reversal' AND t.reverses_origin = '{RECEIVED}'
        ) x GROUP BY pair HAVING count(*) <> 2
        """,  # noqa: S608
    ),
    Rule(
        "I15",
        "unit {unit}",
        "{total} lies between the sides of transfers",
        f"""
        SELECT unit, sum(amount_minor) AS total FROM posting WHERE counter = '{COUNTER}'
        GROUP BY unit HAVING sum(amount_minor) <> 0
        """,  # noqa: S608
    ),
]
