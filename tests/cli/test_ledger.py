"""`k5 ledger verify`: what it prints and how it exits."""

import json

from sqlalchemy import text

from k5web.storage.books import ledger
from k5web.storage.session import open_sessions
from tests.cli.test_db import k5
from tests.tamper import tampering


def test_a_sound_ledger_is_said_so_and_a_breach_is_shown(database_url: str) -> None:
    sessions = open_sessions(database_url, database_url)
    with sessions.begin() as db:
        ledger.open_account(db, 100001, "main", "RUB")
    sessions.dispose()
    assert k5(database_url, "ledger", "verify").output == "every invariant holds\n"
    assert json.loads(k5(database_url, "ledger", "verify", "--json").output) == {"breaches": []}
    with tampering(database_url) as connection:
        connection.execute(text("UPDATE account SET balance_minor = 700"))
    found = k5(database_url, "ledger", "verify")
    assert found.exit_code == 1
    assert found.output.startswith("I1  owner 100001 account 1: kept 700")
    found = k5(database_url, "ledger", "verify", "--json")
    assert found.exit_code == 1
    breaches = json.loads(found.output)["breaches"]
    assert [breach["invariant"] for breach in breaches] == ["I1", "I9"]
    assert set(breaches[0]) == {"invariant", "where", "found"}
