"""`k5 ledger bill-check`: what it prints, and how it exits. Promises: I7."""

import json

import pytest
from sqlalchemy import text

from k5web.storage.session import open_sessions
from tests.cli.conftest import K5
from tests.conftest import Clock
from tests.services.house import House
from tests.tamper import tampering

DAYS = ("--from", "2026-12-01", "--to", "2026-12-02")


@pytest.fixture
def call_id(sqlite_url: str, clock: Clock) -> str:
    """One call was settled."""
    sessions = open_sessions(sqlite_url, sqlite_url)
    house = House(sessions, clock)
    house.top_up("100.00")
    call = house.talk(house.order(), "100")
    sessions.dispose()
    return call.id


def test_days_that_agree_are_a_line_each(k5: K5, call_id: str) -> None:
    shown = k5("ledger", "bill-check", *DAYS)
    assert shown.exit_code == 0
    assert shown.stdout.splitlines() == [
        "2026-12-01  RUB  1 calls: CDR 4.40, bill 4.40, ledger 4.40: agrees",
        "2026-12-02  RUB  0 calls: CDR 0.00, bill 0.00, ledger 0.00: agrees",
    ]


def test_a_call_that_differs_is_named_with_what_to_do(k5: K5, call_id: str, sqlite_url: str) -> None:
    with tampering(sqlite_url) as hand:
        hand.execute(text("DELETE FROM posting WHERE origin = 'call'"))
    shown = k5("ledger", "bill-check", *DAYS)
    assert shown.exit_code == 1
    assert "2026-12-01  RUB  1 calls: CDR 4.40, bill 4.40, ledger 0.00: 1 differ" in shown.stdout
    assert f"call {call_id}: CDR 440, bill 440, ledger - (minor units of RUB): its charge was never" in shown.stdout
    facts = json.loads(k5("ledger", "bill-check", *DAYS, "--json").stdout)
    assert [(day["day"], day["agrees"]) for day in facts["days"]] == [("2026-12-01", False), ("2026-12-02", True)]
    assert facts["calls"] == [
        {"call": call_id, "currency": "RUB", "fault": "not_in_ledger", "CDR": 440, "bill": 440, "ledger": None}
    ]


def test_days_in_the_wrong_order_are_no_days(k5: K5, call_id: str) -> None:
    shown = k5("ledger", "bill-check", "--from", "2026-12-02", "--to", "2026-12-01")
    assert shown.exit_code == 2
    assert "is after --to" in shown.stderr
