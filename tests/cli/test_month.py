"""`k5 ledger month`: the table an accountant reads, and how it exits."""

import json

import pytest
from sqlalchemy import text

from k5web.storage.session import open_sessions
from tests.cli.conftest import K5
from tests.conftest import Clock
from tests.fakes.doors import open_doors
from tests.services.books.busy_month import busy
from tests.tamper import tampering

KGS = """\
KGS                                                main
opened with                                       50.00
came in                                           90.00
  elsom:wallet                                    90.00
charged                                           -8.80
  calls                                           -8.80
closed with                                      131.20
the opening and all lines come to the closing
"""


@pytest.fixture
def november(sqlite_url: str, clock: Clock) -> None:
    """The house has books in which everything happened."""
    sessions = open_sessions(sqlite_url, sqlite_url)
    busy(open_doors(sessions, clock))
    sessions.dispose()


def test_the_month_is_a_table_for_each_currency(k5: K5, november: None) -> None:
    shown = k5("ledger", "month", "2026-11")
    assert shown.exit_code == 0
    assert shown.stdout.startswith("2026-11: 2026-11-01 to 2026-11-30, Moscow time\n\nRUB ")
    assert shown.stdout.endswith(f"\n\n{KGS}")
    assert "charges taken back                                94.40           0.00           0.00" in shown.stdout
    assert "  monthly fee                                   -150.00           0.00           0.00" in shown.stdout


def test_this_month_is_shown_where_none_is_named_and_is_not_over(k5: K5, november: None) -> None:
    """It is the first of December."""
    shown = k5("ledger", "month")
    assert shown.stdout.startswith("2026-12: 2026-12-01 to 2026-12-31, Moscow time; it is not over yet\n")


def test_programs_get_the_same_as_facts(k5: K5, november: None) -> None:
    facts = json.loads(k5("ledger", "month", "2026-11", "--json").stdout)
    assert (facts["month"], facts["is_over"], facts["agrees"]) == ("2026-11", True, True)
    roubles, som = facts["currencies"]
    assert roubles["opened"] == {"main": "395.60", "gifts": "0.00", "suspense": "70.00"}
    promise = {"main": "-3.00", "gifts": "0.00", "suspense": "0.00"}
    assert {"section": "charged", "what": "promise", "sums": promise} in roubles["lines"]
    assert (som["currency"], som["closed"], som["agrees"]) == ("KGS", {"main": "131.20"}, True)


def test_a_month_that_does_not_come_to_its_closing_is_said_with_exit_1(k5: K5, november: None, sqlite_url: str) -> None:
    with tampering(sqlite_url) as connection:
        connection.execute(text("UPDATE account SET balance_minor = balance_minor + 7 WHERE unit = 'KGS'"))
    shown = k5("ledger", "month", "2026-11")
    assert shown.exit_code == 1
    assert shown.stdout.endswith("main: 0.07 of the closing is not explained; ask k5 ledger verify\n")
    facts = json.loads(k5("ledger", "month", "2026-11", "--json").stdout)
    assert (facts["agrees"], [one["agrees"] for one in facts["currencies"]]) == (False, [True, False])


def test_a_house_without_accounts_says_so(k5: K5) -> None:
    shown = k5("ledger", "month", "2026-11")
    assert (shown.exit_code, shown.stdout.splitlines()[-1]) == (0, "no account of money is open yet")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("2026-13", "'2026-13' is not a month like 2026-12"),
        ("11.2026", "'11.2026' is not a month like 2026-12"),
        ("1999-12", "'1999-12' is not a month like 2026-12"),
        ("2027-01", "2027-01 is still to come"),
    ],
)
def test_a_wrong_month_is_said_in_words(k5: K5, given: str, said: str) -> None:
    refused = k5("ledger", "month", given)
    assert refused.exit_code == 2
    assert said in refused.stderr
