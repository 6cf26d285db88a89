"""The whole house's journal, page by page, on both databases."""

from datetime import date

import pytest

from k5web.domain.money import Money
from k5web.storage.books import journal_rows
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.fakes.doors import open_doors
from tests.services.books.busy_month import AIGUL, ANNA, FIRST, IVAN, NOVEMBER, busy

DAY = (FIRST, FIRST)


@pytest.fixture
def november(sessions: Sessions, clock: Clock) -> Sessions:
    """Books in which everything happened."""
    busy(open_doors(sessions, clock))
    return sessions


def test_a_page_goes_on_where_the_last_one_ended(november: Sessions) -> None:
    with november.read() as db:
        whole = journal_rows.page(db, DAY, None, 100)
        first = journal_rows.page(db, DAY, None, 2)
        last = first[-1].posting
        rest = journal_rows.page(db, DAY, (last.owner_id, last.account_id, last.day, last.seq), 100)
        assert journal_rows.count(db, DAY) == len(whole) == 5
    assert first + rest == whole
    assert [(line.purpose, str(line.posting.name)) for line in whole] == [
        ("main", "qiwi:optima 700"),
        ("main", "fee 5:2026-11"),
        ("bonus", "bonus 100002:1:2026-10"),
        ("allowance:gifts", "grant 5:2026-11"),
        ("allowance:min50", "grant 5:2026-11"),
    ]


def test_where_money_alone_is_asked_for_allowances_are_left_out(november: Sessions) -> None:
    with november.read() as db:
        assert journal_rows.count(db, DAY, only_money=True) == 4
        assert {line.posting.amount.currency for line in journal_rows.page(db, NOVEMBER, None, 100, True)} == {
            "RUB",
            "KGS",
        }


def test_accounts_open_with_what_they_had_before_the_first_day(november: Sessions) -> None:
    with november.read() as db:
        found = journal_rows.openings(db, NOVEMBER, None, 100)
        paged = journal_rows.openings(db, NOVEMBER, None, 2)
        paged += journal_rows.openings(db, NOVEMBER, (paged[-1].owner_id, paged[-1].account_id), 100)
        early = journal_rows.openings(db, (date(2026, 9, 1), date(2026, 9, 30)), None, 100)
    assert paged == found
    assert [(one.owner_id, one.purpose, str(one.balance), one.balance.currency) for one in found] == [
        (0, "suspense", "70.00", "RUB"),
        (ANNA, "main", "395.60", "RUB"),
        (ANNA, "bonus", "0.00", "RUB"),
        (ANNA, "allowance:gifts", "0.00", "RUB"),
        (IVAN, "main", "0.00", "RUB"),
        (AIGUL, "main", "50.00", "KGS"),
    ]
    assert [(one.owner_id, str(one.balance)) for one in early] == [(ANNA, "0.00")]


def test_house_accounts_know_what_was_posted_against_them_before(november: Sessions) -> None:
    with november.read() as db:
        found = {(counter, money.currency): money for counter, money in journal_rows.against(db, NOVEMBER)}
    assert found["cash.qiwi", "RUB"] == Money(300_00)
    assert found["cash.elsom", "KGS"] == Money(50_00, "KGS")
    assert found["sale.call", "RUB"] == Money(-4_40)
    assert found["loss", "RUB"] == Money(0)
