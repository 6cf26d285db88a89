"""The proof after `k5 db distribute` says what breaks the ledger in few words; test_distributing.py has the rest."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from k5web.storage import distribution_proof, schema
from k5web.storage.books import ledger
from k5web.storage.session import open_sessions
from tests.tamper import tampering

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


@pytest.mark.postgres
def test_of_many_breaches_a_few_are_told(postgres_url: str) -> None:
    sessions = open_sessions(postgres_url, postgres_url)
    with sessions.begin() as db:
        for owner_id in range(1, 6):
            ledger.open_account(db, owner_id, "main", "RUB")
    sessions.dispose()
    with schema.connected(postgres_url) as connection:
        assert distribution_proof.broken_chains(connection, NOW) == []
    with tampering(postgres_url) as connection:
        connection.execute(text("UPDATE account SET held_minor = 5"))
    with schema.connected(postgres_url) as connection:
        found = distribution_proof.broken_chains(connection, NOW)
    assert [each.partition("  ")[0] for each in found] == ["I4", "I4", "I4", "and 2 more"]
