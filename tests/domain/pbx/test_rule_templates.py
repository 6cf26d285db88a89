"""Rules to begin with."""

from datetime import datetime
from zoneinfo import ZoneInfo

from k5web.domain.pbx.rule import Rule
from k5web.domain.pbx.rule_templates import TEMPLATES
from k5web.domain.pbx.rule_walk import Met, Reached, States, walk

MONDAY = datetime(2026, 11, 30, 12, tzinfo=ZoneInfo("Europe/Moscow"))
SUNDAY = datetime(2026, 11, 29, 12, tzinfo=ZoneInfo("Europe/Moscow"))
PEOPLE = ("201", "202")


def met(rule: Rule, moment: datetime = MONDAY, keys: tuple[str, ...] = ()) -> list[Met]:
    return [one.met for one in walk(rule, moment, States(lambda _one: Reached.NO_ANSWER, keys=keys))]


def test_one_person_is_rung_everywhere() -> None:
    rule = TEMPLATES["one"](PEOPLE, "79161234567")
    assert met(rule) == [Met.RANG, Met.FORWARDED, Met.RECORDED, Met.ENDED]


def test_a_shop_rings_while_it_is_open() -> None:
    rule = TEMPLATES["shop"](PEOPLE, None)
    assert met(rule) == [Met.OPEN, Met.RANG, Met.RECORDED, Met.ENDED]
    assert met(rule, SUNDAY) == [Met.CLOSED, Met.SAID, Met.RECORDED, Met.ENDED]


def test_an_office_has_a_key_for_each_of_its_people() -> None:
    rule = TEMPLATES["office"](PEOPLE, None)
    second = walk(rule, MONDAY, States(lambda _one: Reached.ANSWER, keys=("2",)))
    assert [(one.met, one.fact) for one in second[1:3]] == [(Met.PRESSED, "2"), (Met.RANG, "202")]
    assert met(rule) == [Met.SAID, Met.NOT_PRESSED, Met.RANG, Met.RECORDED, Met.ENDED]


def test_a_call_centre_lets_callers_wait_in_line() -> None:
    rule = TEMPLATES["centre"](PEOPLE, None)
    assert met(rule) == [Met.OPEN, Met.SAID, Met.WAITED, Met.RECORDED, Met.ENDED]
    assert met(rule, SUNDAY) == [Met.CLOSED, Met.SAID, Met.RECORDED, Met.ENDED]
