"""A list by which subscribers pay becomes dearer ten days ahead, or not at all; they are told (B2)."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from k5web.domain.prices.number import Msisdn
from k5web.errors import DeckStopped
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.prices import deck_notice
from k5web.services.prices.deck_publishing import ImportOptions
from k5web.services.prices.exchange import convert_deck
from k5web.services.prices.ratedecks import DeckImport, import_deck
from k5web.storage.tables import OutboxRow, SubscriberRow
from tests.services.house import House

LISTED = {"79": "1.75", "7495": "0.45", "7343": "0.52", "7861": "0.91", "3592": "2.08", "7800": "blocked"}
Put = Callable[..., DeckImport]
Price = str | None
DEARER: list[dict[str, Price]] = [
    {"p79": "1.76"},
    {"p79": "1.00,60,120"},
    {"p3592": None},
    {"p7": "9.00", "p7495": None},
]


@pytest.fixture
def put(k5: House, tmp_path: Path) -> Put:
    """Import a list some days ahead; the first ones are in force. It is the 2nd of December."""
    k5.clock.forward(days=1)

    def importing(days: int, name: str = "k5", dry_run: bool = False, why: str = "", **prices: Price) -> DeckImport:
        listed = LISTED | {prefix.strip("p"): price for prefix, price in prices.items()}
        rows = [f"{prefix},Направление {prefix},{price}" for prefix, price in listed.items() if price]
        path = tmp_path / f"{name} {days}.csv"
        path.write_text("\n".join(["prefix,destination,per_minute,increment_s,minimum_s", *rows]) + "\n")
        options = ImportOptions(replace=True, without_notice=why, currency="RUB")
        return import_deck(k5.ports, path, name, k5.ports.today() + timedelta(days=days), dry_run, options=options)

    for name in ("k5", "clovertel"):
        importing(0, name, why="test")
    return importing


def told(k5: House) -> list[tuple[int, dict[str, Any]]]:
    with k5.ports.sessions.read() as db:
        rows = db.scalars(select(OutboxRow).where(OutboxRow.kind == "deck_change"))
        return [(row.owner_id, row.facts) for row in rows if row.facts["version"] > 3]


@pytest.mark.parametrize(
    "prices", [{"p79": "1.76"}, {"p79": "1.00,60,120"}, {"p3592": None}, {"p7": "9.00", "p7495": None}]
)
def test_a_dearer_list_within_ten_days_is_refused(k5: House, put: Put, prices: dict[str, Price]) -> None:
    for days in (0, 9):
        with pytest.raises(DeckStopped, match=r"1 prices become dearer sooner .* choose 2026-12-12 or later"):
            put(days, **prices)
    assert put(9, dry_run=True, **prices).questions
    assert told(k5) == []
    done = put(10, **prices)
    assert done.version
    assert told(k5) == [(k5.caller.id, {"deck": "k5", "version": done.version.id, "effective": "2026-12-12"})]


@pytest.mark.parametrize("prices", [{}, {"p79": "1.74"}, {"p79": "1.75,1,1"}, {"p7800": "5.00"}, {"p33": "90.00"}])
def test_a_list_that_makes_nothing_dearer_takes_force_at_once(k5: House, put: Put, prices: dict[str, str]) -> None:
    put(0, p99="1.00", **prices)
    assert told(k5) == []


def test_with_a_reason_it_goes_on_and_subscribers_are_told(k5: House, put: Put) -> None:
    assert put(0, p79="1.76", why="the regulator set this price").version
    assert [owner for owner, _ in told(k5)] == [k5.caller.id]


def test_who_pays_by_a_list_decides(k5: House, put: Put) -> None:
    assert put(0, "clovertel", p79="9.00").version  # nobody has a plan that sells by it
    assert put(0, "carrier", p79="1.00").version
    assert put(0, "carrier", p79="2.00").version  # what a carrier takes is no price of ours
    with k5.ports.sessions.begin() as db:
        db.execute(update(SubscriberRow).values(plan="go"))
    with pytest.raises(DeckStopped):
        put(1, "clovertel", p79="9.01")
    assert put(1, p79="1.76").version


def test_a_price_with_a_day_of_its_own_needs_its_own_notice(k5: House, tmp_path: Path, put: Put) -> None:
    path = tmp_path / "dated.csv"
    heading = "prefix,destination,per_minute,currency,effective_from"
    rows = [f"{prefix},Направление {prefix},{price},RUB," for prefix, price in LISTED.items() if prefix != "79"]
    for day, is_fine in (("2026-12-11", False), ("2026-12-12", True)):
        path.write_text("\n".join([heading, *rows, f"79,Направление 79,1.80,RUB,{day}"]) + "\n")
        if is_fine:
            assert import_deck(k5.ports, path, "k5", date(2026, 12, 3)).version
            assert [facts["effective"] for _, facts in told(k5)] == [day], "the notice names the dearer price's day"
        else:
            with pytest.raises(DeckStopped):
                import_deck(k5.ports, path, "k5", date(2026, 12, 3))


def test_a_converted_list_needs_the_same(k5: House, put: Put) -> None:
    add_subscriber(k5.ports, Msisdn("996555123456"), "correct horse", "Азамат", "KGS")
    today = k5.ports.today()
    convert_deck(k5.ports, "k5", "k5-kgs", "KGS", Decimal("1.12"), today)
    with pytest.raises(DeckStopped, match=r"k5 x 1\.2 KGS was not imported"):
        convert_deck(k5.ports, "k5", "k5-kgs", "KGS", Decimal("1.2"), today + timedelta(days=9))
    assert convert_deck(k5.ports, "k5", "k5-kgs", "KGS", Decimal("1.1"), today + timedelta(days=1))
    assert convert_deck(k5.ports, "k5", "k5-kgs", "KGS", Decimal("1.2"), today + timedelta(days=10))
    assert len(told(k5)) == 1


def test_each_list_knows_the_plans_and_currencies_that_pay_by_it(k5: House) -> None:
    assert deck_notice.payers_by(k5.ports, "k5") == {("k5", "RUB")}
    assert deck_notice.payers_by(k5.ports, "k5-kgs") == {("k5", "KGS")}
    assert ("go", "RUB") in deck_notice.payers_by(k5.ports, "clovertel")
    assert deck_notice.payers_by(k5.ports, "carrier") == set()
    assert deck_notice.sale_decks(k5.ports) == {"k5", "k5-kgs", "clovertel"}


def test_a_cheaper_list_before_a_published_one_needs_notice_of_its_end(k5: House, put: Put) -> None:
    """What is dearer than the days before it is dearer, whichever of the two was published first."""
    put(5, p99="1.00")
    with pytest.raises(DeckStopped, match=r"1 prices become dearer sooner .* 79 among them"):
        put(1, p79="1.00")
    assert told(k5) == []


def test_the_end_of_a_cheaper_list_is_told(k5: House, put: Put) -> None:
    coming = put(12, p99="1.00")
    assert put(1, p79="1.00").version
    assert coming.version
    assert told(k5) == [(k5.caller.id, {"deck": "k5", "version": coming.version.id, "effective": "2026-12-14"})]
