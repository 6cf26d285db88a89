"""The application's role may do what the migrations say: a right too many is named, and one that is missing."""

import pytest
from sqlalchemy import text

from k5web.storage import grants, schema
from k5web.storage.session import APP_ROLE
from tests.cli.test_db import k5

pytestmark = pytest.mark.postgres

BY_HAND = (
    "GRANT UPDATE, DELETE ON posting TO k5_app",
    "REVOKE INSERT ON posting FROM k5_app",
    "GRANT UPDATE (balance_minor) ON account TO PUBLIC",
    "GRANT SELECT ON account TO PUBLIC",  # reading is not rewriting: another program of the operator's may
    "REVOKE USAGE ON SEQUENCE deck_id_seq FROM k5_app",
    "GRANT EXECUTE ON FUNCTION k5_refuse() TO PUBLIC",
    "GRANT CREATE ON SCHEMA public TO k5_app",
)


def test_the_list_of_grants_is_what_the_migrations_make(postgres_url: str) -> None:
    with schema.connected(postgres_url, readonly=True) as connection:
        made = grants.granted(connection)
    lines = [f"{thing}: {', '.join(sorted(rights))}" for thing, rights in sorted(made[APP_ROLE].items())]
    written = [f"{thing}: {', '.join(sorted(rights))}" for thing, rights in sorted(grants.wanted().items())]
    assert written == lines, "k5web/storage/grants.txt must have these lines"
    assert made.keys() == {APP_ROLE}


def test_a_grant_too_many_and_one_too_few_are_named(postgres_url: str) -> None:
    assert k5(postgres_url, "db", "check").exit_code == 0
    with schema.connected(postgres_url) as connection:
        for statement in BY_HAND:
            connection.execute(text(statement))
    found = k5(postgres_url, "db", "check")
    assert found.exit_code == 1
    assert found.stdout.splitlines() == [
        "grant is missing: k5_app may not USAGE deck_id_seq",
        "grant is missing: k5_app may not INSERT posting",
        "grant too much: PUBLIC may EXECUTE k5_refuse()",
        "grant too much: PUBLIC may UPDATE account.balance_minor",
        "grant too much: k5_app may CREATE schema public",
        "grant too much: k5_app may DELETE, UPDATE posting",
    ]
