"""What must always be true of promised payments: the floor of an account is its own, less what is promised on it."""

from k5web.storage.books.invariant import Rule

RULES = [
    Rule(
        "I16",
        "owner {owner_id} account {id}",
        "its floor is {floor_minor}; without promises it is {floor_before}, and {promised} is promised",
        """
        SELECT * FROM (
            SELECT a.owner_id, a.id, a.floor_minor, p.floor_before, p.promised FROM account a JOIN (
                SELECT owner_id, account_id, min(floor_before) AS floor_before,
                       sum(CASE WHEN ended_at IS NULL THEN amount_minor ELSE 0 END) AS promised
                FROM promised_payment GROUP BY owner_id, account_id
            ) p ON p.owner_id = a.owner_id AND p.account_id = a.id
        ) x WHERE floor_minor <> floor_before - promised
        """,
    ),
    Rule(
        "I16",
        "owner {owner_id} account {account_id}",
        "its promises began from {floors} floors, on {purpose}",
        """
        SELECT p.owner_id, p.account_id, a.purpose, count(DISTINCT p.floor_before) AS floors FROM promised_payment p
        LEFT JOIN account a ON a.owner_id = p.owner_id AND a.id = p.account_id
        GROUP BY p.owner_id, p.account_id, a.purpose
        HAVING count(DISTINCT p.floor_before) > 1 OR a.purpose <> 'main' OR a.purpose IS NULL
        """,
    ),
    Rule(
        "I16",
        "promised payment {owner_id}-{n}",
        "is open since its end at {due_at}",
        "SELECT owner_id, n, due_at FROM promised_payment WHERE ended_at IS NULL AND due_at < :overdue",
    ),
]
