"""People of a PBX within what is paid for, and the accounts of their phones, on both databases (B7)."""

import threading
from datetime import UTC, datetime

import pytest

from k5web.domain.money import rub
from k5web.domain.pbx.people import digest_of
from k5web.errors import (
    ExtensionTaken,
    K5Error,
    NoPbx,
    NotFound,
    PeopleLimit,
    SubscriberBlocked,
    WrongExtension,
    WrongName,
    WrongNetwork,
)
from k5web.services.accounts import blocking
from k5web.services.pbx import people
from k5web.services.pbx.publishing import Publisher
from k5web.services.prices import billing
from tests.fakes.switch_tables import FakeSwitchTables
from tests.services.house import House
from tests.services.pbx.organisations import fresh, order, take_plan, version


@pytest.fixture
def office(k5: House) -> House:
    """An organisation on GO 100 with three people."""
    take_plan(k5)
    for name in ("Анна", "Борис", "Вера"):
        people.add_person(k5.ports, k5.caller.id, name)
    return k5


def extensions(k5: House) -> list[str]:
    return [person.user.extension for person in people.roll(k5.ports, fresh(k5)).people]


@pytest.mark.parametrize(("plan", "price"), [("go", "130.00"), ("go-100", "110.00"), ("go-1000", "100.00")])
def test_three_people_are_in_the_plan_and_each_further_one_has_its_price(k5: House, plan: str, price: str) -> None:
    take_plan(k5, plan, "5000.00")
    roll = people.roll(k5.ports, fresh(k5))
    assert (roll.limit, roll.people, roll.extra_pieces) == (3, (), 0)
    assert roll.extra is not None
    assert roll.extra.price == rub(price)


@pytest.mark.parametrize("plan", ["k5", "profi"])
def test_a_plan_without_a_pbx_has_no_people(k5: House, plan: str) -> None:
    if plan != "k5":
        take_plan(k5, plan)
    assert people.roll(k5.ports, fresh(k5)).limit is None
    with pytest.raises(NoPbx):
        people.add_person(k5.ports, k5.caller.id, "Анна")
    assert version(k5) == 0


@pytest.mark.parametrize("beside", ["prosto", "standard-8800"])
def test_plans_that_rent_a_pbx_bring_it_beside_another(k5: House, beside: str) -> None:
    """D2, D4: the rent of the PBX is in the fee."""
    take_plan(k5, "profi", "9000.00")
    order(k5, "plan", beside)
    assert people.roll(k5.ports, fresh(k5)).limit == 3


def test_a_fourth_person_needs_an_order_of_the_service(office: House) -> None:
    assert extensions(office) == ["201", "202", "203"]
    with pytest.raises(PeopleLimit):
        people.add_person(office.ports, office.caller.id, "Глеб")
    order(office, "service", "extra_user", 1)
    people.add_person(office.ports, office.caller.id, "Глеб", "77")
    assert extensions(office) == ["201", "202", "203", "77"]
    with pytest.raises(PeopleLimit):
        people.add_person(office.ports, office.caller.id, "Дарья")
    order(office, "service", "extra_user", 2)
    people.add_person(office.ports, office.caller.id, "Дарья")
    assert extensions(office) == ["201", "202", "203", "77", "204"]


def test_an_unpaid_further_person_is_over_the_limit_until_it_is_paid(office: House) -> None:
    order(office, "service", "extra_user", 1)
    people.add_person(office.ports, office.caller.id, "Глеб")
    office.clock.now = datetime(2027, 1, 1, 9, tzinfo=UTC)
    billing.run(office.ports)
    office.top_up("129.99")  # to 709.99: the plan is paid, and 0.01 is missing for the fourth person
    office.clock.now = datetime(2027, 2, 1, 9, tzinfo=UTC)
    before = version(office)
    billing.run(office.ports)
    assert version(office) == before + 1, "the switch hears of it"
    over = [person.is_over_limit for person in people.roll(office.ports, fresh(office)).people]
    assert over == [False, False, False, True]
    office.top_up("0.01")
    billing.run(office.ports)
    assert version(office) == before + 2
    assert not any(person.is_over_limit for person in people.roll(office.ports, fresh(office)).people)


def test_two_forms_at_once_do_not_pass_the_limit_together(k5: House) -> None:
    take_plan(k5)
    gone: list[str] = []

    def add(n: int) -> None:
        try:
            people.add_person(k5.ports, k5.caller.id, f"Сотрудник {n}")
        except K5Error as refusal:
            gone.append(refusal.code)

    threads = [threading.Thread(target=add, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(extensions(k5)) == ["201", "202", "203"]
    assert gone == ["people_limit"] * 3


def test_every_change_is_counted_for_the_switch(office: House) -> None:
    before = version(office)
    owner = office.caller.id
    people.change_person(office.ports, owner, 1, "Анна Ивановна", "77")
    people.make_account(office.ports, owner, 1)
    people.restrict_account(office.ports, owner, 1, "203.0.113.0/24")
    people.remove_account(office.ports, owner, 1)
    people.remove_person(office.ports, owner, 1)
    assert version(office) == before + 5


def test_a_refused_change_changes_nothing(office: House) -> None:
    before, owner = version(office), office.caller.id
    for title, digits, refusal in [
        ("", "77", WrongName),
        ("Анна", "112", WrongExtension),
        ("Анна", "202", ExtensionTaken),
    ]:
        with pytest.raises(refusal):
            people.change_person(office.ports, owner, 1, title, digits)
    with pytest.raises(NotFound):
        people.change_person(office.ports, owner, 9, "Никто", "77")
    assert extensions(office) == ["201", "202", "203"]
    assert version(office) == before


def test_a_password_has_24_signs_and_only_its_digest_is_kept(office: House) -> None:
    owner = office.caller.id
    account, password = people.make_account(office.ports, owner, 2)
    assert account.login == f"u{owner}-2"
    assert len(password) == 24
    kept = people.roll(office.ports, fresh(office)).people[1].account
    assert kept == account
    assert kept is not None
    assert kept.password_digest == digest_of(account.login, password)
    assert password not in repr(kept)


def test_a_new_password_ends_the_old_one_and_keeps_the_networks(office: House) -> None:
    owner = office.caller.id
    first, _ = people.make_account(office.ports, owner, 1)
    people.restrict_account(office.ports, owner, 1, "203.0.113.0/24 2001:db8::/32")
    second, _ = people.make_account(office.ports, owner, 1)
    assert second.password_digest != first.password_digest
    assert second.networks == ("203.0.113.0/24", "2001:db8::/32")
    with pytest.raises(WrongNetwork):
        people.restrict_account(office.ports, owner, 1, "everywhere")


def test_an_account_is_of_somebody_who_is_there(office: House) -> None:
    owner = office.caller.id
    with pytest.raises(NotFound):
        people.make_account(office.ports, owner, 9)
    with pytest.raises(NotFound):
        people.restrict_account(office.ports, owner, 1, "")
    people.make_account(office.ports, owner, 1)
    people.remove_person(office.ports, owner, 1)
    people.remove_person(office.ports, owner, 1)  # gone is gone
    with pytest.raises(NotFound):
        people.make_account(office.ports, owner, 1)
    assert [person.user.n for person in people.roll(office.ports, fresh(office)).people] == [2, 3]


def test_the_number_of_somebody_who_left_comes_to_nobody_else(office: House) -> None:
    """A phone that was left registered in a drawer must not become another's."""
    people.remove_person(office.ports, office.caller.id, 3)
    added = people.add_person(office.ports, office.caller.id, "Глеб")
    assert (added.n, added.extension) == (4, "203")


def test_nothing_begins_for_a_blocked_organisation(office: House) -> None:
    blocking.block(office.ports, office.caller.id, "staff:test", "тест")
    for begin in (
        lambda: people.add_person(office.ports, office.caller.id, "Глеб"),
        lambda: people.make_account(office.ports, office.caller.id, 1),
    ):
        with pytest.raises(SubscriberBlocked):
            begin()


def test_whoever_is_not_paid_for_is_not_told_to_the_switch(office: House) -> None:
    """The fourth person's phone and extension go with the fee and come back with it (B9)."""
    owner = office.caller.id
    order(office, "service", "extra_user", 1)
    people.add_person(office.ports, owner, "Глеб")
    for n in range(1, 5):
        people.make_account(office.ports, owner, n)
    tables = FakeSwitchTables("fake")
    publisher = Publisher(office.ports, tables)

    def told() -> list[str]:
        publisher.look()
        assert {login.login for login in tables.images[owner].logins} == {
            login for key, login in tables.entries.items() if key.startswith(f"ext/{owner}/2")
        }
        return [key.rpartition("/")[2] for key in sorted(tables.entries) if key.startswith(f"ext/{owner}/2")]

    assert told() == ["201", "202", "203", "204"]
    office.clock.now = datetime(2027, 1, 1, 9, tzinfo=UTC)
    billing.run(office.ports)
    office.top_up("129.99")
    office.clock.now = datetime(2027, 2, 1, 9, tzinfo=UTC)
    billing.run(office.ports)
    assert told() == ["201", "202", "203"]
    office.top_up("0.01")
    billing.run(office.ports)
    assert told() == ["201", "202", "203", "204"]
