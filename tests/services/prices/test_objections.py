"""A subscriber may object to a dearer version before its day; the contract then ends, and staff see when (B2)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from k5web.domain.money import rub
from k5web.domain.prices.objection import Objection
from k5web.errors import ContractEnded, NotFound, NothingToObject
from k5web.services.accounts import endings
from k5web.services.messaging import delivery
from k5web.services.prices import billing, objections
from k5web.services.prices.plan_publishing import publish
from k5web.storage import outbox
from k5web.storage.accounts import subscribers
from k5web.storage.prices import objection_rows, subscription_rows
from tests.fakes.doors import SHIPPED
from tests.fakes.messages import FakeMessenger
from tests.services.house import OWN, House, subscriber
from tests.services.prices.test_subscriptions import connect, sound

SHORTER, LONGER = "longest_minutes = 30", "longest_minutes = 90"


def announce(k5: House, terms: str, days: int) -> int:
    """Publish the K5 plan with a longest talk that many days ahead, and return its version."""
    text = SHIPPED.text("k5")
    changed = replace(text, plan=text.plan.replace("longest_minutes = 60", terms))
    done = publish(k5.ports, changed, k5.ports.today() + timedelta(days=days), "staff:test")
    assert done.version
    return done.version.id


def test_an_objection_within_the_term_is_recorded_with_the_contracts_last_day(k5: House) -> None:
    version = announce(k5, SHORTER, 12)
    k5.clock.forward(days=11)  # the last day under the old terms
    said = objections.object_to_change(k5.ports, k5.caller.id, "staff:test")
    assert (said.owner_id, said.version_id, said.code, said.actor) == (k5.caller.id, version, "k5", "staff:test")
    assert (said.objected_at, said.ends_on) == (k5.clock(), date(2026, 12, 13))
    assert objections.listed(k5.ports) == [(said, True)]


def test_once_the_version_is_in_force_it_is_too_late(k5: House) -> None:
    announce(k5, SHORTER, 10)
    k5.clock.forward(days=10)
    with pytest.raises(NothingToObject):
        objections.object_to_change(k5.ports, k5.caller.id, "staff:test")
    assert objections.listed(k5.ports) == []


def test_against_a_better_version_there_is_nothing_to_object(k5: House) -> None:
    announce(k5, LONGER, 5)
    assert objections.announced(k5.ports, k5.caller.id) is None
    with pytest.raises(NothingToObject):
        objections.object_to_change(k5.ports, k5.caller.id, "staff:test")


def test_whoever_joined_later_took_the_new_terms(k5: House) -> None:
    announce(k5, SHORTER, 10)
    late = subscriber(k5, 1)
    with pytest.raises(NothingToObject):
        objections.object_to_change(k5.ports, late.id, "staff:test")


def test_a_second_objection_changes_nothing(k5: House) -> None:
    announce(k5, SHORTER, 10)
    first = objections.object_to_change(k5.ports, k5.caller.id, "subscriber:1")
    k5.clock.forward(days=2)
    assert objections.object_to_change(k5.ports, k5.caller.id, "staff:test") == first
    assert objections.listed(k5.ports) == [(first, True)]


def test_of_two_versions_that_come_the_next_one_is_meant(k5: House) -> None:
    announce(k5, "longest_minutes = 20", 20)
    nearer = announce(k5, SHORTER, 10)
    assert objections.object_to_change(k5.ports, k5.caller.id, "staff:test").version_id == nearer


def test_the_contract_that_ends_first_is_listed_first(k5: House) -> None:
    other = subscriber(k5, 1)
    announce(k5, SHORTER, 15)
    objections.object_to_change(k5.ports, k5.caller.id, "staff:test")
    announce(k5, "longest_minutes = 20", 12)
    objections.object_to_change(k5.ports, other.id, "staff:test")
    assert [said.owner_id for said, _ in objections.listed(k5.ports)] == [other.id, k5.caller.id]


def test_what_was_said_is_shown_until_the_contract_ends(k5: House) -> None:
    assert objections.said(k5.ports, k5.caller.id) is None
    announce(k5, SHORTER, 15)
    first = objections.object_to_change(k5.ports, k5.caller.id, "subscriber:1")
    k5.clock.forward(days=15)
    assert objections.said(k5.ports, k5.caller.id) == first
    k5.clock.forward(days=1)
    assert objections.said(k5.ports, k5.caller.id) is None


def test_nobody_cannot_object(k5: House) -> None:
    with pytest.raises(NotFound):
        objections.object_to_change(k5.ports, 77, "staff:test")


def test_what_was_announced_of_a_plan_that_was_left_hides_nothing_of_the_present_one(k5: House) -> None:
    announce(k5, SHORTER, 12)
    k5.top_up("470.00")
    connect(k5, "plan", "go")
    assert objections.announced(k5.ports, k5.caller.id) is None
    text = SHIPPED.text("go")
    dearer = replace(text, plan=text.plan.replace("470.00", "480.00"))
    done = publish(k5.ports, dearer, k5.ports.today() + timedelta(days=15), "staff:test")
    coming = objections.announced(k5.ports, k5.caller.id)
    assert coming
    assert done.version
    assert coming.version_id == done.version.id
    assert objections.object_to_change(k5.ports, k5.caller.id, "staff:test").code == "go"


def test_on_its_day_the_contract_ends_and_nobody_pays_the_new_terms(k5: House) -> None:
    """B2: services end by rule, the money stays for the refund; a second run changes nothing."""
    k5.top_up("2000.00")
    connect(k5, "plan", "go-100")
    text = SHIPPED.text("go-100")
    dearer = replace(text, plan=text.plan.replace('"600.00 RUB"', '"700.00 RUB"'))
    publish(k5.ports, dearer, date(2027, 1, 1), "staff:test")
    objections.object_to_change(k5.ports, k5.caller.id, "subscriber:1")
    k5.clock.forward(days=30)  # 31 December
    assert objections.carry_out(k5.ports) == 0
    k5.clock.forward(days=1)
    assert [objections.carry_out(k5.ports) for _ in range(2)] == [1, 0]
    assert billing.run(k5.ports).paid == 0
    with k5.ports.sessions.read() as db:
        assert subscription_rows.live(db, k5.caller.id) == []
        assert outbox.newest(db, k5.caller.id, "contract_ended")
        ended = subscribers.get(db, k5.caller.id)
    assert (ended.ended_at, ended.blocked_at) == (k5.clock(), None), "the cabinet is open for the money that is left"
    messenger = FakeMessenger()
    delivery.deliver_due(replace(k5.ports, messenger=messenger))
    assert [text for to, text in messenger.texts if to == OWN and text.startswith("contract_ended")] != []
    assert k5.balance() == rub("1400.00")
    assert [stands for _, stands in objections.listed(k5.ports)] == [False]
    assert endings.keep(k5.ports, k5.caller.id, "staff:test")
    assert objections.carry_out(k5.ports) == 0, "what was agreed later stands"
    sound(k5)


def test_who_took_another_plan_agreed_to_something_else(k5: House) -> None:
    announce(k5, SHORTER, 10)
    objections.object_to_change(k5.ports, k5.caller.id, "subscriber:1")
    k5.top_up("1000.00")
    connect(k5, "plan", "go")
    assert objections.said(k5.ports, k5.caller.id) is None, "their page names no end of the contract"
    assert [stands for _, stands in objections.listed(k5.ports)] == [False]
    k5.clock.forward(days=10)
    assert objections.carry_out(k5.ports) == 0
    with k5.ports.sessions.read() as db:
        assert subscribers.get(db, k5.caller.id).ended_at is None


def test_an_objection_of_the_old_rule_is_left_to_staff(k5: House) -> None:
    """It named another day, ten days after it was said, and somebody may have agreed since."""
    version = announce(k5, SHORTER, 12)
    with k5.ports.sessions.begin() as db:
        old = Objection(k5.caller.id, "plan", "k5", version, k5.clock(), "staff:test", date(2026, 12, 11))
        objection_rows.add(db, old)
    k5.clock.forward(days=20)
    assert objections.carry_out(k5.ports) == 0


def test_after_the_end_of_the_contract_nothing_is_announced_and_nobody_objects(k5: House) -> None:
    announce(k5, SHORTER, 20)
    with k5.ports.sessions.begin() as db:
        subscribers.set_ended(db, k5.caller.id, k5.clock())
    assert objections.announced(k5.ports, k5.caller.id) is None
    with pytest.raises(ContractEnded):
        objections.object_to_change(k5.ports, k5.caller.id, "staff:test")
