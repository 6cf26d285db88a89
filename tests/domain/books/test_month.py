"""Why each posting moved money, and a table that says where it does not come to its closing."""

import pytest

from k5web.domain.books.ledger import HOUSE, EventName
from k5web.domain.books.month import Column, Moved, Section, Standing, column_of, section_of, tables, what_of
from k5web.domain.money import rub
from k5web.storage.tables.books import HOUSE_CODES

OURS = "bank:40702810938000017997"


@pytest.mark.parametrize(
    ("counter", "name", "section", "what"),
    [
        ("cash.tin", ("tin:one", "1"), Section.CAME_IN, "tin:one"),
        ("cash.tin", ("reversal", "tin:one 1"), Section.TAKEN_BACK, "tin:one"),
        ("cash.bank", (OURS, "1"), Section.CAME_IN, OURS),
        ("cash.bank", ("bank", "20261101-7"), Section.CAME_IN, "bank, by hand"),
        ("sale.call", ("call", "1-1"), Section.CHARGED, "calls"),
        ("sale.call", ("reversal", "call 1-1"), Section.CORRECTED, "calls"),
        ("sale.fee", ("fee", "5:2026-11-01"), Section.CHARGED, "daily_fee"),
        ("sale.order", ("reversal", "order number 74951110001 f"), Section.CORRECTED, "number"),
        ("refund", ("refund", "advance 1-1"), Section.REFUNDED, "advances after contracts"),
        ("refund", ("refund", "claim 1-1"), Section.REFUNDED, "claims"),
        ("refund", ("refund", "form-1"), Section.REFUNDED, "payments"),
        ("loss", ("chargeback", "case"), Section.CHARGED_BACK, "chargeback"),
        ("loss", ("staff", "7"), Section.WRITTEN_OFF, "staff"),
        ("gift", ("bonus", "1"), Section.GIVEN, "bonus"),
        ("transfer", ("transfer", "f"), Section.TRANSFERRED, "sent"),
        ("transfer", ("reversal", "transfer.in 1 f"), Section.TRANSFERRED, "received"),
        ("cash.own", ("close", f"{OURS} 1 1"), Section.CLOSED, "cash.own"),
        ("cash.own", ("reversal", f"close {OURS} 1 1"), Section.CLOSED, "cash.own"),
    ],
)
def test_each_posting_has_one_line(counter: str, name: tuple[str, str], section: Section, what: str) -> None:
    found = section_of(Column.MAIN, counter, EventName(*name))
    assert (found, what_of(found, counter, EventName(*name))) == (section, what)


def test_what_leaves_suspense_for_its_owner_is_not_given_back() -> None:
    assert section_of(Column.SUSPENSE, "cash.bank", EventName("reversal", f"{OURS} 1")) is Section.ASSIGNED


def test_every_house_account_has_a_line() -> None:
    for code in (code.strip("' ") for code in HOUSE_CODES.split(",")):
        assert section_of(Column.MAIN, code, EventName("staff", "1")) in Section


def test_a_purse_stands_with_its_like() -> None:
    purses = [(8841, "main"), (8841, "bonus"), (8841, "allowance:calls"), (HOUSE, "suspense"), (HOUSE, "bank")]
    assert [str(column_of(*purse)) for purse in purses] == ["main", "gifts", "gifts", "suspense", "bank"]


def test_what_no_line_explains_is_named() -> None:
    moved = [Moved(Column.MAIN, "RUB", "sale.call", EventName("call", "1-1"), -2_20)]
    sound, broken = (tables([Standing(Column.MAIN, "RUB", 100_00, closed)], moved)[0] for closed in (97_80, 97_00))
    assert (sound.agrees, sound.difference(Column.MAIN)) == (True, rub("0.00"))
    assert (broken.agrees, broken.difference(Column.MAIN)) == (False, -rub("0.80"))
