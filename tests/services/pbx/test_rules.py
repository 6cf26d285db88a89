"""Rules are changed by their renters only, as a whole, and every version stays. Promises: B7, D6."""

from dataclasses import replace
from datetime import datetime

import pytest

from k5web.domain.pbx.image import BY_ID
from k5web.domain.pbx.rule import MOST_BLACK, Forward, Ring, Rule, Say, Voicemail
from k5web.domain.pbx.rule_edits import add, change
from k5web.domain.pbx.rule_templates import default_rule
from k5web.domain.pbx.rule_walk import Met, Reached
from k5web.domain.prices.number import Msisdn
from k5web.errors import NotFound, StaleRule, TooMany, WrongRule
from k5web.services.accounts import numbers, profiles
from k5web.services.pbx import people, rules
from k5web.services.pbx.rules import Trial
from k5web.services.ports import OPERATOR_ZONE
from tests.services.accounts.stock import A, B
from tests.services.house import House, subscriber
from tests.services.pbx.test_publishing import rent, switch_of

ACTOR = "subscriber:x"


def say_first(rule: Rule) -> Rule:
    return add(rule, "", "", Say("greeting", "start"))


def test_a_number_without_a_rule_has_the_usual_one(k5: House) -> None:
    owner_id = rent(k5)
    page = rules.show(k5.ports, owner_id, A)
    assert (page.version, page.is_default, page.rule) == (0, True, default_rule("79161234567"))
    assert rules.led_here(k5.ports, owner_id) == [A]


def test_every_change_is_a_version_and_reaches_the_switch(k5: House) -> None:
    owner_id = rent(k5)
    tables, publisher = switch_of(k5)
    publisher.look()
    assert rules.change(k5.ports, owner_id, A, 0, say_first, ACTOR) == 1
    assert rules.change(k5.ports, owner_id, A, 1, lambda rule: change(rule, "vm", Voicemail(60)), ACTOR) == 2
    assert rules.change(k5.ports, owner_id, A, 2, lambda rule: rule, ACTOR) == 2
    page = rules.show(k5.ports, owner_id, A)
    assert [one.version for one in page.versions] == [2, 1]
    publisher.look()
    version = tables.entries[f"in/{A}"].split("|")[1]
    assert version.startswith(f"{owner_id}r2x")
    assert tables.entries[f"rule/{version}/start"].startswith("say|greeting|")


def test_going_back_is_a_new_version_too(k5: House) -> None:
    owner_id = rent(k5)
    rules.change(k5.ports, owner_id, A, 0, say_first, ACTOR)
    rules.change(k5.ports, owner_id, A, 1, say_first, ACTOR)
    first = rules.go_back(k5.ports, owner_id, A, 2, 1, ACTOR)
    assert first == 3
    assert len(rules.show(k5.ports, owner_id, A).rule.steps) == 4
    assert rules.go_back(k5.ports, owner_id, A, 3, 0, ACTOR) == 4
    page = rules.show(k5.ports, owner_id, A)
    assert (page.is_default, page.rule) == (True, default_rule("79161234567"))
    with pytest.raises(NotFound):
        rules.go_back(k5.ports, owner_id, A, 4, 9, ACTOR)
    with pytest.raises(StaleRule):
        rules.go_back(k5.ports, owner_id, A, 3, 1, ACTOR)


def test_what_was_changed_elsewhere_is_not_overwritten(k5: House) -> None:
    owner_id = rent(k5)
    rules.change(k5.ports, owner_id, A, 0, say_first, ACTOR)
    with pytest.raises(StaleRule):
        rules.change(k5.ports, owner_id, A, 0, say_first, ACTOR)


def test_a_rule_that_could_not_work_is_refused_whole(k5: House) -> None:
    owner_id = rent(k5)
    wrong = Rule({"start": Ring(("299",), no_answer="s2"), "s2": Forward(B)})
    with pytest.raises(WrongRule) as caught:
        rules.change(k5.ports, owner_id, A, 0, lambda _rule: wrong, ACTOR)
    found = caught.value.facts["problems"]
    assert isinstance(found, list)
    assert [one.what for one in found] == ["unknown_person", "own_number"]
    assert rules.show(k5.ports, owner_id, A).version == 0


def test_nobody_has_a_rule_of_anothers_number(k5: House) -> None:
    rent(k5)
    other = subscriber(k5, 1).id
    for digits in (A, B, BY_ID, "74959999999"):
        with pytest.raises(NotFound):
            rules.show(k5.ports, other, digits)
        with pytest.raises(NotFound):
            rules.change(k5.ports, other, digits, 0, say_first, ACTOR)
        with pytest.raises(NotFound):
            rules.go_back(k5.ports, other, digits, 0, 0, ACTOR)


def test_a_number_that_was_returned_has_no_rule(k5: House) -> None:
    owner_id = rent(k5)
    numbers.give_back(k5.ports, owner_id, A)
    with pytest.raises(NotFound):
        rules.show(k5.ports, owner_id, A)
    assert rules.led_here(k5.ports, owner_id) == []


def test_templates_name_the_organisations_people(k5: House) -> None:
    owner_id = rent(k5)
    for title in ("Анна", "Борис"):
        people.add_person(k5.ports, owner_id, title)
    assert rules.take_template(k5.ports, owner_id, A, 0, "office", ACTOR) == 1
    page = rules.show(k5.ports, owner_id, A)
    assert {step.people for step in page.rule.steps.values() if isinstance(step, Ring)} == {
        ("201",),
        ("202",),
        ("201", "202"),
    }
    with pytest.raises(NotFound):
        rules.take_template(k5.ports, owner_id, A, 1, "bank", ACTOR)


def test_a_call_is_tried_without_calling(k5: House) -> None:
    owner_id = rent(k5)
    rules.refuse_caller(k5.ports, owner_id, Msisdn("79031234567"))
    page = rules.show(k5.ports, owner_id, A)
    noon = datetime(2026, 11, 30, 12, tzinfo=OPERATOR_ZONE)
    assert [one.met for one in rules.trial(page, Trial(noon, "79031234567"))] == [Met.BLACK]
    met = rules.trial(page, Trial(noon, "79031234568", forward=Reached.ANSWER))
    assert [one.met for one in met] == [Met.RANG, Met.FORWARDED, Met.ENDED]


def test_the_black_list_is_of_all_numbers_and_ends(k5: House) -> None:
    owner_id = rent(k5)
    tables, publisher = switch_of(k5)
    rules.refuse_caller(k5.ports, owner_id, Msisdn("79031234567"))
    rules.refuse_caller(k5.ports, owner_id, Msisdn("79031234567"))
    publisher.look()
    assert tables.entries[f"black/{owner_id}/79031234567"] == "1"
    rules.take_caller(k5.ports, owner_id, "79031234567")
    rules.take_caller(k5.ports, owner_id, "79031234567")
    publisher.look()
    assert not any(key.startswith("black/") for key in tables.entries)


def test_two_hundred_callers_at_most_are_refused(k5: House) -> None:
    owner_id = rent(k5)
    for at in range(MOST_BLACK):
        rules.refuse_caller(k5.ports, owner_id, Msisdn(f"7903{at:07}"))
    with pytest.raises(TooMany):
        rules.refuse_caller(k5.ports, owner_id, Msisdn("79041234567"))
    rules.refuse_caller(k5.ports, owner_id, Msisdn("79030000000"))


def test_an_organisation_has_a_rule_for_callers_by_its_id(k5: House) -> None:
    """D6."""
    ports = replace(k5.ports, shared_number="74952121562")
    typed = {"organisation": "Ромашка", "legal_address": "Москва", "inn": "7707083893", "ogrn": "1027700132195"}
    with pytest.raises(NotFound):
        rules.show(ports, k5.caller.id, BY_ID)
    profiles.save(ports, k5.caller.id, "organisation", typed, consents_now=True)
    assert rules.led_here(ports, k5.caller.id) == [BY_ID]
    assert rules.change(ports, k5.caller.id, BY_ID, 0, say_first, ACTOR) == 1
    assert rules.led_here(k5.ports, k5.caller.id) == []
