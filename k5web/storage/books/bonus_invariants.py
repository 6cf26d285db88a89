"""What must always be true of bonuses: each has exactly what the ledger moved for it."""

from k5web.storage.books.invariant import Rule

_KEY = "CAST(b.newcomer_id AS text) || ':' || CAST(b.level AS text) || ':' || substr(CAST(b.month AS text), 1, 7)"
_OF_IT = f"(p.key = {_KEY} OR substr(p.key, 1, length({_KEY}) + 1) = {_KEY} || ':')"

RULES = [
    Rule(
        "I17",
        "owner {owner_id} bonus of {newcomer_id} level {level} month {month}",
        "keeps {kept}, but its events moved {moved}",
        f"""
        SELECT * FROM (
            SELECT b.owner_id, b.newcomer_id, b.level, b.month, b.bonus_minor - b.taken_back_minor AS kept, coalesce((
                SELECT sum(p.amount_minor) FROM posting p
                WHERE p.owner_id = b.owner_id AND p.origin = 'bonus' AND {_OF_IT}), 0) AS moved
            FROM bonus b
        ) x WHERE kept <> moved
        """,  # noqa: S608
    ),
    Rule(
        "I17",
        "owner {owner_id} event bonus {key}",
        "belongs to no bonus",
        f"""
        SELECT p.owner_id, p.key FROM posting p WHERE p.origin = 'bonus' AND NOT EXISTS (
            SELECT 1 FROM bonus b WHERE b.owner_id = p.owner_id AND {_OF_IT})
        """,  # noqa: S608
    ),
]
