"""A version is taken back before it takes force: prices stay as they were, and whoever was told is told back (B2)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.price_draft import Withdrawal
from k5web.errors import InForceAlready, NotFound, StillDearer, WithdrawnAlready
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.ports import Ports, start_of_day
from k5web.services.prices import coming_prices, objections, plan_publishing, ratedecks, withdrawals
from k5web.services.prices.plan_publishing import publish
from k5web.services.prices.ratedecks import DeckImport
from k5web.storage.prices import rates, withdrawal_rows
from k5web.storage.tables import OutboxRow, PriceWithdrawalRow
from tests.conftest import Clock
from tests.fakes.doors import SHIPPED
from tests.services.prices.decks import prices

DAY = date(2026, 12, 24)
PLAIN = "7495,Москва,0.45\n79,Россия мобильный,1.75\n7343,Екатеринбург,0.52\n7861,Краснодар,0.91\n"
DEARER = PLAIN.replace("0.45", "0.50")
Put = Callable[..., DeckImport]


def take_back(ports: Ports, version_id: int) -> Withdrawal:
    with ports.sessions.begin() as db:
        return withdrawals.withdraw_deck(ports, db, version_id, "staff:boris", "ошибка в цене")


def take_back_plan(ports: Ports, version_id: int) -> Withdrawal:
    with ports.sessions.begin() as db:
        return withdrawals.withdraw_plan(ports, db, version_id, "staff:boris", "ошибка в цене")


def published(put: Put, text: str = DEARER, day: date = DAY) -> int:
    version = put(text, day).version
    assert version is not None
    return version.id


def told(ports: Ports) -> list[tuple[str, str]]:
    """The messages and their states, the oldest first."""
    with ports.sessions.read() as db:
        return [(row.id, row.state) for row in db.scalars(select(OutboxRow).order_by(OutboxRow.created_at))]


def somebody(ports: Ports) -> int:
    return add_subscriber(ports, Msisdn("79161234567"), "correct horse", "Анна").id


def test_quotes_are_restored_exactly(put: Put, ports: Ports, clock: Clock) -> None:
    put(PLAIN)
    before = ports.rates.table("k5").quote("79161234567", "74951234567")
    version = published(put)
    clock.forward(seconds=2)
    assert coming_prices.of_deck(ports, "k5") is not None
    take_back(ports, version)
    clock.forward(seconds=2)
    assert coming_prices.of_deck(ports, "k5") is None
    for moment in (clock(), start_of_day(DAY), start_of_day(DAY) + timedelta(days=40)):
        clock.now = moment
        assert ports.rates.table("k5").quote("79161234567", "74951234567") == before


def test_a_process_that_slept_since_does_not_put_it_in_force(put: Put, ports: Ports, clock: Clock) -> None:
    put(PLAIN)
    version = published(put)
    clock.now = start_of_day(DAY) - timedelta(seconds=65)
    assert ports.rates.following("k5") is not None  # it is built and kept for its moment
    take_back(ports, version)
    clock.now = start_of_day(DAY)
    assert prices(ports.rates.table("k5"))["7495"] == "0.45"


def test_a_version_taken_back_stays_in_the_database_and_is_listed_apart(put: Put, ports: Ports) -> None:
    put(PLAIN)
    version = published(put)
    done = take_back(ports, version)
    assert (done.name, done.actor, done.reason) == ("k5", "staff:boris", "ошибка в цене")
    assert [each.id for each, _ in ratedecks.versions(ports)] == [version - 1]
    with ports.sessions.read() as db:
        assert [each.id for each in rates.withdrawn(db)] == [version]
        assert withdrawal_rows.of(db, "deck") == {version: done}
    assert [c.prefix for c in ratedecks.compare(ports, "k5", str(version)).dearer] == ["7495"]


@pytest.mark.parametrize("left_s", [60, 0, -86_400])
def test_what_is_in_force_or_about_to_be_is_not_taken_back(put: Put, ports: Ports, clock: Clock, left_s: int) -> None:
    put(PLAIN)
    version = published(put)
    clock.now = start_of_day(DAY) - timedelta(seconds=left_s)
    with pytest.raises(InForceAlready, match="publish the earlier one anew"):
        take_back(ports, version)
    clock.now = start_of_day(DAY)
    assert prices(ports.rates.table("k5"))["7495"] == "0.50"


def test_the_log_tells_of_it(put: Put, ports: Ports, caplog: pytest.LogCaptureFixture) -> None:
    put(PLAIN)
    version = published(put)
    with caplog.at_level("INFO", "k5web"):
        take_back(ports, version)
    [record] = [record for record in caplog.records if record.message == "version taken back"]
    assert (record.__dict__["version"], record.__dict__["dropped"]) == (version, 0)


def test_it_is_taken_back_once(put: Put, ports: Ports) -> None:
    put(PLAIN)
    version = published(put)
    take_back(ports, version)
    with pytest.raises(WithdrawnAlready):
        take_back(ports, version)
    with pytest.raises(NotFound):
        take_back(ports, version + 1)


def test_the_day_is_free_again_for_the_very_same_file(put: Put, ports: Ports, clock: Clock) -> None:
    put(PLAIN)
    take_back(ports, published(put))
    again = put(DEARER, DAY)
    assert (again.is_known, again.version is not None) == (False, True)
    clock.now = start_of_day(DAY)
    assert prices(ports.rates.table("k5"))["7495"] == "0.50"


def test_a_notice_that_waits_is_dropped_and_nobody_hears_of_it(put: Put, ports: Ports) -> None:
    put(PLAIN)
    somebody(ports)
    version = published(put)
    take_back(ports, version)
    assert told(ports) == [(f"deck_change {version}", "dropped")]


def test_whoever_was_told_is_told_back(put: Put, ports: Ports) -> None:
    put(PLAIN)
    somebody(ports)
    version = published(put)
    with ports.sessions.begin() as db:
        db.execute(update(OutboxRow).values(state="accepted", done_at=ports.clock()))
    take_back(ports, version)
    assert told(ports) == [
        (f"deck_change {version}", "accepted"), (f"change_withdrawn deck_change {version}", "waiting"),
    ]  # fmt: skip


def test_an_objection_to_it_ends_no_contract(put: Put, ports: Ports, clock: Clock) -> None:
    put(PLAIN)
    owner = somebody(ports)
    version = published(put)
    objections.object_to_change(ports, owner, "subscriber:1")
    take_back(ports, version)
    assert objections.announced(ports, owner) is None
    clock.now = start_of_day(DAY)
    assert objections.carry_out(ports) == 0


def test_what_follows_it_gets_its_own_notice_or_stops_the_withdrawal(put: Put, ports: Ports, clock: Clock) -> None:
    """24 December 0.50, 1 January 0.48: without the first one the second is dearer, and needs its ten days."""
    put(PLAIN)
    somebody(ports)
    version = published(put)
    later = published(put, PLAIN.replace("0.45", "0.48"), date(2027, 1, 1))
    clock.now = start_of_day(date(2026, 12, 23))
    with pytest.raises(StillDearer):
        take_back(ports, version)
    clock.now = start_of_day(date(2026, 12, 20))
    take_back(ports, version)
    assert (f"deck_change {later} without {version}", "waiting") in told(ports)


@pytest.mark.parametrize("change", ["update", "delete"])
def test_a_withdrawal_is_never_changed(put: Put, ports: Ports, change: str) -> None:
    put(PLAIN)
    take_back(ports, published(put))
    row = PriceWithdrawalRow
    statement = update(row).values(reason="") if change == "update" else delete(row)
    refused = pytest.raises(DBAPIError, match=r"history is appended, never edited|permission denied")
    with ports.sessions.write.begin() as connection, refused:
        connection.execute(statement)


def plan_of(ports: Ports, day: date, price: str = "6.00") -> int:
    text = SHIPPED.text("start")
    text = replace(text, plan=text.plan.replace('price = "5.00 RUB/min"', f'price = "{price} RUB/min"'))
    version = publish(ports, text, day, "staff:anna").version
    assert version is not None
    return version.id


def test_a_plan_is_taken_back_and_its_day_is_free_again(ports: Ports, clock: Clock) -> None:
    before = ports.plans.current("start")
    version = plan_of(ports, DAY)
    clock.forward(seconds=2)
    assert ports.plans.following("start") is not None
    take_back_plan(ports, version)
    clock.forward(seconds=2)
    assert ports.plans.following("start") is None
    assert plan_of(ports, DAY, "7.00") != version
    clock.forward(seconds=2)
    take_back_plan(ports, version + 1)
    clock.now = start_of_day(DAY)
    assert ports.plans.current("start") == before
    assert [line.version for line in plan_publishing.listed(ports) if line.version] == []


def test_a_plan_in_force_is_not_taken_back(ports: Ports, clock: Clock) -> None:
    version = plan_of(ports, DAY)
    clock.now = start_of_day(DAY)
    with pytest.raises(InForceAlready):
        take_back_plan(ports, version)


def test_a_plan_that_follows_too_soon_stops_the_withdrawal(ports: Ports, clock: Clock) -> None:
    version = plan_of(ports, DAY, "8.00")
    plan_of(ports, date(2026, 12, 28), "7.00")
    clock.now = datetime.combine(date(2026, 12, 20), datetime.min.time(), start_of_day(DAY).tzinfo)
    with pytest.raises(StillDearer):
        take_back_plan(ports, version)
