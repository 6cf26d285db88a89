"""A subscriber may object to a dearer price list before its day, as to a dearer plan; the contract then ends (B2)."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from k5web.domain.prices.objection import Change
from k5web.errors import NothingToObject
from k5web.services.prices import objections
from k5web.services.prices.ratedecks import DeckImport
from k5web.storage import outbox
from k5web.storage.accounts import ending_rows, subscribers
from k5web.storage.prices import subscription_rows
from tests.services.house import House, subscriber
from tests.services.prices.test_deck_notice import put
from tests.services.prices.test_objections import SHORTER
from tests.services.prices.test_objections import announce as announce_plan
from tests.services.prices.test_subscriptions import connect, sound

__all__ = ["put"]
Put = Callable[..., DeckImport]


def announce(k5: House, put: Put, days: int = 12, name: str = "k5", **prices: str) -> Change:
    """Make a list dearer that many days ahead and return the change."""
    done = put(days, name, **(prices or {"p79": "1.80"}))
    assert done.version
    return Change("deck", name, done.version.id, k5.ports.today() + timedelta(days=days))


def is_ended(k5: House) -> bool:
    with k5.ports.sessions.read() as db:
        return subscribers.get(db, k5.caller.id).ended_at is not None


def test_an_objection_within_the_term_is_recorded_with_the_day_of_the_dearer_list(k5: House, put: Put) -> None:
    change = announce(k5, put)
    k5.clock.forward(days=11)  # the last day of the old prices
    assert objections.announced(k5.ports, k5.caller.id) == change
    said = objections.object_to_change(k5.ports, k5.caller.id, "subscriber:1")
    assert (said.subject, said.code, said.version_id) == ("deck", "k5", change.version_id)
    assert (said.objected_at, said.ends_on) == (k5.clock(), date(2026, 12, 14))
    k5.clock.forward(hours=1)
    assert objections.object_to_change(k5.ports, k5.caller.id, "staff:test", change.key) == said
    assert objections.listed(k5.ports) == [(said, True)]
    assert objections.said(k5.ports, k5.caller.id) == said


def test_once_the_list_is_in_force_it_is_too_late(k5: House, put: Put) -> None:
    announce(k5, put)
    k5.clock.forward(days=12)
    with pytest.raises(NothingToObject):
        objections.object_to_change(k5.ports, k5.caller.id, "subscriber:1")
    assert objections.listed(k5.ports) == []


def test_a_list_that_takes_force_without_notice_leaves_no_term(k5: House, put: Put) -> None:
    assert put(0, why="the regulator set this price", p79="1.80").version
    assert objections.announced(k5.ports, k5.caller.id) is None


def test_whoever_does_not_pay_by_the_list_has_nothing_to_object(k5: House, put: Put) -> None:
    announce(k5, put, name="clovertel")
    assert objections.announced(k5.ports, k5.caller.id) is None
    announce(k5, put)
    late = subscriber(k5, 1)
    assert objections.announced(k5.ports, late.id) is None, "who joined later took the new prices"


def test_another_change_than_the_one_that_was_seen_is_not_meant(k5: House, put: Put) -> None:
    change = announce(k5, put, 20, p79="1.90")
    nearer = announce(k5, put, 12)
    with pytest.raises(NothingToObject):
        objections.object_to_change(k5.ports, k5.caller.id, "subscriber:1", change.key)
    assert objections.object_to_change(k5.ports, k5.caller.id, "subscriber:1", nearer.key).ends_on == nearer.effective


def test_on_its_day_the_contract_ends_and_staff_may_agree_to_something_else(k5: House, put: Put) -> None:
    change = announce(k5, put)
    k5.top_up("1000.00")
    objections.object_to_change(k5.ports, k5.caller.id, "subscriber:1")
    k5.clock.forward(days=11)
    assert objections.carry_out(k5.ports) == 0
    k5.clock.forward(days=1)
    assert [objections.carry_out(k5.ports) for _ in range(2)] == [1, 0]
    with k5.ports.sessions.read() as db:
        assert outbox.newest(db, k5.caller.id, "contract_ended")
        ending = ending_rows.of_owner(db, k5.caller.id)[-1]
        assert ending.reason == f"objected to version {change.version_id} of price list k5: the contract has ended"
        assert subscription_rows.live(db, k5.caller.id) == []
    sound(k5)


def test_who_took_a_plan_with_other_prices_agreed_to_something_else(k5: House, put: Put) -> None:
    announce(k5, put)
    objections.object_to_change(k5.ports, k5.caller.id, "subscriber:1")
    k5.top_up("1000.00")
    connect(k5, "plan", "go")
    k5.clock.forward(days=12)
    assert objections.carry_out(k5.ports) == 0
    assert not is_ended(k5)


def test_a_list_that_was_corrected_ends_no_contract(k5: House, put: Put) -> None:
    announce(k5, put)
    objections.object_to_change(k5.ports, k5.caller.id, "subscriber:1")
    assert put(12, p99="1.00").version  # the same day once more, at the old price
    assert objections.announced(k5.ports, k5.caller.id) is None
    k5.clock.forward(days=12)
    assert objections.carry_out(k5.ports) == 0
    assert not is_ended(k5)


def test_a_list_that_was_corrected_and_is_dearer_still_ends_it(k5: House, put: Put) -> None:
    announce(k5, put)
    objections.object_to_change(k5.ports, k5.caller.id, "subscriber:1")
    assert put(12, p79="1.78").version
    k5.clock.forward(days=12)
    assert objections.carry_out(k5.ports) == 1
    assert is_ended(k5)


def test_the_nearest_of_a_plan_and_a_list_is_meant(k5: House, put: Put) -> None:
    announce(k5, put, 14)
    announce_plan(k5, SHORTER, 11)
    assert objections.object_to_change(k5.ports, k5.caller.id, "staff:test").subject == "plan"
