"""What must always be true of money that came through the bank: a document has one name, suspense holds what waits."""

from k5web.storage.books.invariant import Rule

_HOLDS = """NOT EXISTS (SELECT 1 FROM ledger_transaction r WHERE r.owner_id = c.owner_id AND r.origin = 'reversal'
            AND r.reverses_origin = 'close' AND r.reverses_key = c.event)"""
_CLOSED = f"""EXISTS (SELECT 1 FROM bank_closing c
            WHERE c.owner_id = b.owner_id AND c.origin = b.origin AND c.key = b.key AND {_HOLDS})"""  # noqa: S608

# A name ends with a count: equal payments of one payer share the rest of it, and have several counts
_KEY = "replace(key, '-to', '')"
_NAME = f"rtrim({_KEY}, '0123456789')"
_DOCUMENTS = f"""
        WITH document AS MATERIALIZED (
            SELECT owner_id, origin, key, document_no, day, received_on, amount_minor, words, payer, payer_inn,
                   payer_hash, ltrim(replace(document_no, ' ', ''), '0') AS bare, {_KEY} AS booked, {_NAME} AS named,
                   substr({_KEY}, length({_NAME}) + 1) AS counted
            FROM bank_payment WHERE (owner_id <> 0 OR assigned_to IS NULL) AND origin <> 'staff')
        """  # noqa: S608
# Of younger rows the import itself has asked whether another day means another document
_IS_OLD = "(b.payer_hash IS NULL OR o.payer_hash IS NULL)"
# A payer's bank gives a number once a day. Rows older than the payer's hash are held to be one by all else they say
_SAME_PAYER = f"""(
            (b.payer_hash = o.payer_hash AND length(b.payer_hash) > 0)
            OR ({_IS_OLD} AND b.words = o.words AND b.owner_id = o.owner_id
                AND (b.payer = o.payer OR b.payer = '' OR o.payer = '')
                AND (b.payer_inn = o.payer_inn OR b.payer_inn = '' OR o.payer_inn = '')))"""


def _alike(came_together: str) -> str:
    """Return the query for documents under two names."""
    return f"""
        SELECT b.origin, b.key, o.key AS other, b.document_no, b.day, b.amount_minor FROM document b
        JOIN document o ON o.origin = b.origin AND o.bare = b.bare AND o.amount_minor = b.amount_minor
            AND {came_together}
        WHERE b.bare <> '' AND b.named < o.named AND b.counted = o.counted AND {_SAME_PAYER} AND NOT EXISTS (
            SELECT 1 FROM bank_doubt d
            WHERE d.origin = b.origin AND d.state = 'credited' AND d.key IN (b.booked, o.booked))
        """  # noqa: S608


RULES = [
    Rule(
        "I13",
        "document {document_no} of {day} to {origin}",
        "of {amount_minor} has two names: {key} and {other}",
        f"{_DOCUMENTS} {_alike('o.day = b.day')} UNION {_alike(f'o.received_on = b.received_on AND {_IS_OLD}')}",
    ),
    Rule(
        "I14",
        "suspense account {id}",
        "has {balance_minor}; the payments that wait come to {total}",
        f"""
        SELECT * FROM (
            SELECT a.id, a.balance_minor, (
                SELECT coalesce(sum(b.amount_minor), 0) FROM bank_payment b
                WHERE b.owner_id = 0 AND b.assigned_to IS NULL AND NOT {_CLOSED}) AS total
            FROM account a WHERE a.owner_id = 0 AND a.purpose = 'suspense'
        ) x WHERE balance_minor <> total
        """,  # noqa: S608
    ),
    Rule(
        "I14",
        "payment {origin} {key}",
        "of suspense was given to {assigned_to}, and is closed as well or not on that account",
        f"""
        SELECT b.origin, b.key, b.assigned_to FROM bank_payment b
        LEFT JOIN bank_payment g ON g.owner_id = b.assigned_to AND g.origin = b.origin
            AND g.key = b.key || '-to' AND g.amount_minor = b.amount_minor
        WHERE b.owner_id = 0 AND b.assigned_to IS NOT NULL AND (g.key IS NULL OR {_CLOSED})
        """,  # noqa: S608
    ),
    Rule(
        "I14",
        "closing {event}",
        "took {taken} of {amount_minor} to {counter}",
        """
        SELECT * FROM (
            SELECT c.event, c.counter, b.amount_minor, (
                SELECT -sum(p.amount_minor) FROM posting p WHERE p.owner_id = c.owner_id AND p.origin = 'close'
                AND p.key = c.event AND p.counter = c.counter) AS taken
            FROM bank_closing c
            LEFT JOIN bank_payment b ON b.owner_id = c.owner_id AND b.origin = c.origin AND b.key = c.key
        ) x WHERE coalesce(taken <> amount_minor, TRUE)
        """,
    ),
    Rule(
        "I14",
        "payment {origin} {key}",
        "is closed {times} times at once",
        f"""
        SELECT c.origin, c.key, count(*) AS times FROM bank_closing c WHERE {_HOLDS}
        GROUP BY c.origin, c.key HAVING count(*) > 1
        """,  # noqa: S608
    ),
    Rule(
        "I14",
        "owner {owner_id} event close {key}",
        "has no payment of suspense",
        """
        SELECT t.owner_id, t.key FROM ledger_transaction t
        LEFT JOIN bank_closing c ON c.owner_id = t.owner_id AND c.event = t.key
        WHERE t.origin = 'close' AND c.event IS NULL
        """,
    ),
]
