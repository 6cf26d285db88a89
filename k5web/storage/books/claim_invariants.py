"""What must always be true of claims: what was said to be given back was given back, once, and what is owed is kept."""

from k5web.storage.books.invariant import Rule

_NAME = "c.origin || ' ' || c.key"
_HOLD = "'claim ' || CAST(c.owner_id AS text) || '-' || CAST(c.n AS text)"

RULES: list[Rule] = [
    Rule(
        "I6",
        "claim {owner_id}-{n}",
        "gave back {given}; its reversal and its right charge move {moved}",
        f"""
        SELECT * FROM (
            SELECT c.owner_id, c.n, c.given_minor AS given, (
                SELECT coalesce(sum(p.amount_minor), 0) FROM posting p
                WHERE p.owner_id = c.owner_id AND p.account_id = c.account_id AND (
                    (p.origin = 'reversal' AND p.key = {_NAME}) OR (p.origin = 'claim' AND p.key = {_NAME})
                    OR (c.origin = 'call' AND p.origin = 'call' AND p.key = c.key || '#2'))) AS moved
            FROM claim c WHERE c.given_minor > 0
        ) x WHERE given <> moved
        """,  # noqa: S608
    ),
    Rule(
        "I6",
        "owner {owner_id} event {origin} {key}",
        "is a right charge without a claim that was upheld in part",
        f"""
        SELECT t.owner_id, t.origin, t.key FROM ledger_transaction t
        WHERE (t.origin = 'claim' OR (t.origin = 'call' AND t.key LIKE '%#%')) AND NOT EXISTS (
            SELECT 1 FROM claim c WHERE c.owner_id = t.owner_id AND c.given_minor > 0
            AND c.given_minor < c.charged_minor
            AND ((t.origin = 'claim' AND t.key = {_NAME}) OR (t.origin = c.origin AND t.key = c.key || '#2')))
        """,  # noqa: S608
    ),
    Rule(
        "I6",
        "claim {owner_id}-{n}",
        "{given} is to be paid; {held} is kept for it",
        f"""
        SELECT * FROM (
            SELECT c.owner_id, c.n, c.given_minor AS given, coalesce((
                SELECT h.amount_minor FROM hold h WHERE h.owner_id = c.owner_id AND h.account_id = c.account_id
                AND h.call_id = {_HOLD} AND h.state = 'open'), 0) AS held
            FROM claim c WHERE c.pay_by IS NOT NULL AND c.paid_at IS NULL
        ) x WHERE given <> held
        """,  # noqa: S608
    ),
    Rule(
        "I6",
        "claim {owner_id}-{n}",
        "is paid and its refund is not booked",
        f"""
        SELECT c.owner_id, c.n FROM claim c WHERE c.paid_at IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM ledger_transaction t WHERE t.owner_id = c.owner_id AND t.origin = 'refund'
            AND t.key = {_HOLD})
        """,  # noqa: S608
    ),
]
