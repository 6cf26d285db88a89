"""The words of plain-text accounting: accounts, signs, texts from outside that part nothing."""

from datetime import date

import pytest

from k5web.domain.books import hledger
from k5web.domain.books.journal import JournalLine, Opening
from k5web.domain.books.ledger import HOUSE, EventName, Posting
from k5web.domain.money import Money, rub
from k5web.storage.tables.books import HOUSE_CODES

DAY = date(2026, 11, 3)


def line(name: EventName, reverses: EventName | None = None) -> JournalLine:
    posting = Posting(8841, 17, DAY, 5, rub("500.00"), rub("650.00"), "cash.qiwi", name)
    return JournalLine(posting, "main", "connector:qiwi", reverses)


def test_a_payment_lies_with_its_provider_and_is_owed_to_the_subscriber() -> None:
    assert list(hledger.entry(line(EventName("qiwi:optima", "700")))) == [
        "",
        "2026-11-03 (17000000005) qiwi:optima 700",
        "    liabilities:subscribers:8841:main  -500.00 RUB = -650.00 RUB",
        "    assets:cash:qiwi  500.00 RUB",
    ]


def test_a_reversal_says_what_it_reverses() -> None:
    reversal = line(EventName("reversal", "qiwi:optima 700"), EventName("qiwi:optima", "700"))
    assert list(hledger.entry(reversal))[1].endswith("reversal qiwi:optima 700  ; reverses:qiwi:optima 700")


@pytest.mark.parametrize("key", ["a;b", "a|b", "a\nb", "a, b", "a  b", "[2020-01-01]", "a\x1b[31m", "a\u2028b"])
def test_a_key_from_outside_stays_one_description(key: str) -> None:
    _, described, *_ = hledger.entry(line(EventName("qiwi:optima", key)))
    assert described.isprintable()
    assert not set(described.removeprefix("2026-11-03 (17000000005)")) & set(";|[],\n()")
    assert "  " not in described


def test_every_house_account_has_a_place() -> None:
    codes = [code.strip("' ") for code in HOUSE_CODES.split(",")]
    assert {hledger.house_name(code).partition(":")[0] for code in codes} == {"assets", "equity", "expenses", "income"}
    assert not [
        code for code in codes if hledger.house_name(code) == f"assets:{code.replace('.', ':')}" != "assets:refund"
    ]
    assert hledger.house_name("cash.own") == "assets:cash:own"


def test_the_house_s_own_purses_are_nobody_s() -> None:
    assert [hledger.purse_name(HOUSE, purpose) for purpose in ("suspense", "bank")] == [
        "liabilities:suspense",
        "assets:bank",
    ]


def test_income_begins_a_period_anew_and_what_is_owed_does_not() -> None:
    assert list(hledger.opening(DAY, "income:sale:call", rub("7.00"))) == ["account income:sale:call"]
    assert list(hledger.purse_opening(DAY, Opening(8841, 17, "main", Money(5_00, "KGS")))) == [
        "account liabilities:subscribers:8841:main",
        "",
        "2026-11-03 opening balance",
        "    liabilities:subscribers:8841:main  -5.00 KGS = -5.00 KGS",
        "    equity:opening balances  5.00 KGS",
        "",
    ]
