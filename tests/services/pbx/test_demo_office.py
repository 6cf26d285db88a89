"""The demo organisation: furnished once, however often ./run starts."""

import pytest

from k5web.domain.pbx.rule import Menu
from k5web.services.accounts import accounts, numbers
from k5web.services.demo import OFFICE_PHONE, fill_stock, open_office
from k5web.services.pbx import call_log, demo_office, people, rules
from k5web.services.pbx.call_log import Shown, Talk
from tests.services.house import House


@pytest.fixture
def office(k5: House) -> House:
    for _start in range(2):
        fill_stock(k5.ports)
        open_office(k5.ports, "pamphlet printed once")
    return k5


def test_a_visitor_finds_a_number_people_and_calls(office: House) -> None:
    owner = accounts.find_subscriber(office.ports, str(OFFICE_PHONE))
    [number] = numbers.of_owner(office.ports, owner.id)
    assert number.code == "495"
    rule = rules.show(office.ports, owner.id, number.msisdn.digits)
    assert (rule.version, rule.is_default) == (1, False)
    assert isinstance(rule.rule.steps["start"], Menu)
    roll = people.roll(office.ports, owner)
    assert {person.user.extension: person.user.title for person in roll.people} == dict(demo_office.PEOPLE)
    assert all(person.account for person in roll.people)
    assert len(call_log.page(office.ports, owner.id).entries) == 2
    [missed] = call_log.page(office.ports, owner.id, Shown.MISSED).entries
    assert isinstance(missed, Talk)
    assert [leg.answered_at for leg in missed.legs] == [None, None]
