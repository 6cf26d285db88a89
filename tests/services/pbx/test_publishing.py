"""A switch hears of whatever changed, of each thing once, and of everything when the worker starts."""

import logging
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, insert, update

from k5web.domain.pbx.image import SHARED_OWNER, OwnerFacts
from k5web.domain.pbx.switch_tables import PbxImage
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import blocking, numbers, phones
from k5web.services.pbx import people, publishing
from k5web.services.pbx.publishing import AT_ONCE, Publisher, publishers
from k5web.services.ports import start_of_day
from k5web.services.prices import plan_publishing
from k5web.storage.pbx import pbx_rows
from k5web.storage.tables import PbxRow, SipAccountRow, SubscriberRow
from tests.fakes.doors import SHIPPED, open_doors
from tests.fakes.switch import FakeSwitch
from tests.fakes.switch_tables import FakeSwitchTables
from tests.services.accounts.stock import FREEPHONE, GO, A, fill, on
from tests.services.house import House

IN_A = f"in/{A}"


def rent(k5: House, digits: str = A) -> int:
    """Rent a number to the house's subscriber."""
    owner_id = on(k5.ports, GO, k5.caller)
    fill(k5.ports)
    numbers.reserve(k5.ports, owner_id, digits)
    fee = numbers.offer(k5.ports, owner_id, digits[1:4]).fee
    numbers.connect(k5.ports, owner_id, digits, "form", fee)
    return owner_id


def switch_of(k5: House, name: str = "fake") -> tuple[FakeSwitchTables, Publisher]:
    tables = FakeSwitchTables(name)
    return tables, Publisher(k5.ports, tables)


def test_a_number_is_there_from_its_connection_to_its_return(k5: House) -> None:
    tables, publisher = switch_of(k5)
    assert publisher.look() == 0
    owner_id = rent(k5)
    assert publisher.look() == 1
    version = tables.entries[IN_A].split("|")[1]
    assert tables.entries[IN_A] == f"{owner_id}|{version}|free|"
    assert tables.entries[f"rule/{version}/out"].startswith("forward|79161234567|")
    numbers.give_back(k5.ports, owner_id, A)
    publisher.look()
    assert tables.images == {}


def test_what_the_switch_knows_is_not_written_again(k5: House) -> None:
    tables, publisher = switch_of(k5)
    rent(k5)
    publisher.look()
    for _ in range(3):
        publisher.look()
    assert tables.writes == [1]
    assert Publisher(k5.ports, tables).look() == 0


def test_whoever_is_blocked_has_calls_refused_until_let_be(k5: House) -> None:
    tables, publisher = switch_of(k5)
    owner_id = rent(k5)
    publisher.look()
    blocking.block(k5.ports, owner_id, "staff:anna", "не платит")
    publisher.look()
    assert tables.entries[IN_A].split("|")[1] == f"{owner_id}refused"
    blocking.unblock(k5.ports, owner_id, "staff:anna", "заплатил")
    publisher.look()
    assert "refused" not in tables.entries[IN_A]


def test_another_phone_of_the_owner_is_where_calls_are_led_at_once(k5: House) -> None:
    tables, publisher = switch_of(k5)
    owner_id = rent(k5)
    publisher.look()
    phones._add(k5.ports, owner_id, Msisdn("79031234567"), "")
    phones.choose(k5.ports, owner_id, Msisdn("79031234567"))
    publisher.look()
    assert any(value.startswith("forward|79031234567|") for value in tables.entries.values())


def test_a_newer_version_of_a_plan_reaches_the_switch_when_it_takes_force(k5: House) -> None:
    """B7: how many people are paid for stands in the plan, of which nobody's own rows know."""
    tables, publisher = switch_of(k5)
    owner_id = rent(k5)
    for title in ("Анна", "Борис"):
        people.make_account(k5.ports, owner_id, people.add_person(k5.ports, owner_id, title).n)
    publisher.look()
    text, day = SHIPPED.text(GO), k5.ports.today() + timedelta(days=60)
    fewer = replace(text, plan=text.plan.replace("pbx_users = 3", "pbx_users = 1"))
    plan_publishing.publish(k5.ports, fewer, day, "staff:anna")
    k5.clock.forward(seconds=2)
    assert publisher.look() == 0
    assert [login.login for login in tables.images[owner_id].logins] == [f"u{owner_id}-1", f"u{owner_id}-2"]
    k5.clock.now = start_of_day(day)
    assert publisher.look() == 1
    assert [login.login for login in tables.images[owner_id].logins] == [f"u{owner_id}-1"]


def test_what_the_settings_say_of_all_calls_is_told_at_the_first_look(k5: House) -> None:
    """A worker that starts anew may have other settings, though no organisation changed."""
    tables, publisher = switch_of(k5)
    publisher.look()
    publisher.look()
    assert (tables.settings_told, tables.writes) == (1, [])


def test_files_that_cannot_be_had_are_tried_again_and_nothing_is_lost(
    k5: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables, publisher = switch_of(k5)
    rent(k5)
    tables.is_closed = True
    with caplog.at_level(logging.WARNING):
        assert publisher.look() == 0
    assert "a switch is not told" in caplog.text
    assert A not in caplog.text
    tables.is_closed = False
    assert publisher.look() == 0  # it rests: everything is read then
    monkeypatch.setattr(publisher, "_rests_until", 0.0)
    assert publisher.look() == 1
    tables.images.clear()  # the file was lost: another worker's first look finds out
    assert Publisher(k5.ports, tables).look() == 1


def test_the_fault_of_one_owner_keeps_nobody_else_waiting(
    k5: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables, publisher = switch_of(k5)
    rent(k5)
    assert publisher.look() == 1
    known = dict(tables.images)

    def faulty(facts: OwnerFacts, most_people: int | None) -> PbxImage:
        raise AssertionError(facts.owner_id)

    monkeypatch.setattr(publishing, "image_of", faulty)
    assert Publisher(k5.ports, tables).look() == 0
    assert tables.images == known  # the switch keeps what it has
    assert "a fault in what a switch is told" in caplog.text


def test_a_change_whose_transaction_ended_late_is_seen(k5: House) -> None:
    tables, publisher = switch_of(k5)
    rent(k5)
    early = k5.clock()
    k5.clock.forward(seconds=30)
    publisher.look()
    with k5.ports.sessions.begin() as db:
        db.execute(update(PbxRow).values(is_recorded=True, changed_at=early))
    publisher.look()
    assert tables.entries[IN_A].endswith("|free|rec")


def test_an_organisation_lives_on_one_switch(k5: House) -> None:
    first, here = switch_of(k5)
    second, there = switch_of(k5, "spb")
    owner_id = rent(k5)
    assert (here.look(), there.look()) == (1, 0)
    with k5.ports.sessions.begin() as db:
        pbx_rows.touch(db, owner_id, k5.clock())
        db.execute(update(PbxRow).values(switch="spb"))
    assert (here.look(), there.look()) == (0, 1)
    assert ([*first.images], [*second.images]) == ([], [owner_id])


def test_the_shared_number_is_at_the_first_switch(k5: House) -> None:
    """D6."""
    doors = open_doors(k5.ports.sessions, k5.clock, FakeSwitch(k5.clock, name="msk"), shared_number="74952121562")
    first, other = FakeSwitchTables("msk"), FakeSwitchTables("spb")
    assert Publisher(doors, first).look() == 1
    assert Publisher(doors, other).look() == 0
    assert first.entries["in/74952121562"] == "0|shared|free|"
    assert other.images == {}
    without = open_doors(k5.ports.sessions, k5.clock, FakeSwitch(k5.clock, name="msk"))
    Publisher(without, first).look()
    assert SHARED_OWNER not in first.images


def test_an_8800_number_is_paid_for_by_its_owner(k5: House) -> None:
    """D4."""
    tables, publisher = switch_of(k5)
    owner_id = on(k5.ports, "standard-8800", k5.caller)
    fill(k5.ports)
    k5.top_up("10000.00")
    numbers.reserve(k5.ports, owner_id, FREEPHONE)
    numbers.connect(k5.ports, owner_id, FREEPHONE, "form", numbers.offer(k5.ports, owner_id, "800").fee)
    publisher.look()
    assert tables.entries[f"in/{FREEPHONE}"].split("|")[2] == "in"


def test_each_switch_of_this_machine_has_a_publisher(k5: House) -> None:
    assert publishers(k5.ports) == []
    doors = open_doors(k5.ports.sessions, k5.clock, switch_tables={"msk": FakeSwitchTables("msk")})
    assert len(publishers(doors)) == 1


def test_ten_thousand_organisations_cost_a_fixed_number_of_statements_each_five_hundred(k5: House) -> None:
    many = 10_000
    rows = [{"owner_id": 200_000 + at, "version": 1, "changed_at": k5.clock()} for at in range(many)]
    person = {"name": "", "currency": "RUB", "plan": "k5", "at_once_limit_micro": 0, "created_at": k5.clock()}
    with k5.ports.sessions.begin() as db:
        db.execute(insert(PbxRow), rows)
        proved = {"password_changed_at": k5.clock(), "phone_verified_at": k5.clock()}
        db.execute(insert(SubscriberRow), [person | proved | {"id": row["owner_id"]} for row in rows])
        told = [{"owner_id": row["owner_id"], "login": f"u{row['owner_id']}-1", "kind": "phone"} for row in rows]
        db.execute(
            insert(SipAccountRow),
            [one | {"password_digest": "0" * 32, "added_at": k5.clock()} for one in told],
        )
    statements: list[str] = []
    engine = k5.ports.sessions._read
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    tables, publisher = switch_of(k5)
    assert publisher.look() == many
    assert tables.writes == [AT_ONCE] * (many // AT_ONCE)
    pages = many // AT_ONCE
    assert len([text for text in statements if text.startswith(("SELECT", "\nSELECT"))]) <= pages * 10 + 2
    tables.writes.clear()
    assert Publisher(k5.ports, tables).look() == 0
    assert tables.writes == []
