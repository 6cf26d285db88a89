"""A new version of the contract is announced once to everybody, and may be objected to until its day (B2)."""

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from k5web.domain.prices.objection import Subject
from k5web.errors import NothingToObject
from k5web.services.accounts import announcing
from k5web.services.ports import start_of_day
from k5web.services.prices import objections
from k5web.storage import outbox
from k5web.storage.accounts import subscribers
from k5web.storage.messaging import outbox_rows
from k5web.storage.messaging.outbox_rows import Queued
from tests.services.accounts.papers import publish
from tests.services.house import House, subscriber


def notices(k5: House, owner_id: int) -> list[dict[str, object]]:
    with k5.ports.sessions.read() as db:
        return [message.facts for message in outbox.of_kind(db, owner_id, "offer_change")]


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcing, "AT_ONCE", 2)


def test_each_subscriber_is_told_once_however_often_the_worker_begins_anew(
    k5: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [subscriber(k5, n) for n in range(4)]
    publish(k5.ports)
    assert announcing.announce(k5.ports) == 0, "the first version replaces none"
    day = k5.ports.today() + timedelta(days=10)
    version = publish(k5.ports, 2, day, is_worse=True)
    steps: list[int] = []
    whole = outbox_rows.queue_for_all

    def killed(db: Session, message: Queued, limit: int, **who: datetime) -> int:
        if steps:
            raise KeyboardInterrupt
        steps.append(whole(db, message, limit, **who))
        return steps[-1]

    with monkeypatch.context() as patch:
        patch.setattr(outbox_rows, "queue_for_all", killed)
        with pytest.raises(KeyboardInterrupt):
            announcing.announce(k5.ports)
    assert steps == [2]
    assert announcing.announce(k5.ports) == 3
    assert announcing.announce(k5.ports) == 0
    for each in (k5.caller, *others):
        facts = {"offer": "offer 2", "version": version.id, "effective": day.isoformat(), "is_dearer": True}
        assert notices(k5, each.id) == [facts]


def test_workers_at_once_tell_nobody_twice(k5: House) -> None:
    for n in range(5):
        subscriber(k5, n)
    publish(k5.ports)
    publish(k5.ports, 2, k5.ports.today() + timedelta(days=10))
    told: list[int] = []
    crowd = [threading.Thread(target=lambda: told.append(announcing.announce(k5.ports))) for _ in range(3)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert sum(told) == 6
    assert len(notices(k5, k5.caller.id)) == 1


def test_what_takes_force_at_once_is_told_on_its_day_and_whoever_joined_later_is_told_too(k5: House) -> None:
    publish(k5.ports)
    k5.clock.forward(days=1)
    publish(k5.ports, 2)
    assert announcing.announce(k5.ports) == 1
    late = subscriber(k5, 1)
    assert announcing.announce(k5.ports) == 1
    assert notices(k5, late.id)[0]["is_dearer"] is False
    k5.clock.forward(days=1)
    subscriber(k5, 2)
    assert announcing.announce(k5.ports) == 0


def test_what_took_force_at_once_is_told_later_where_no_worker_ran_that_day(k5: House) -> None:
    publish(k5.ports)
    publish(k5.ports, 2, k5.ports.today() + timedelta(days=1))
    k5.clock.forward(days=7)
    late = subscriber(k5, 1)
    assert announcing.announce(k5.ports) == 1
    assert (len(notices(k5, k5.caller.id)), notices(k5, late.id)) == (1, [])


def test_what_is_long_in_force_is_no_news(k5: House) -> None:
    publish(k5.ports)
    publish(k5.ports, 2, k5.ports.today() + timedelta(days=1))
    k5.clock.forward(days=9)
    assert announcing.announce(k5.ports) == 0


def test_an_objection_ends_the_contract_on_the_versions_first_day_and_the_cabinet_is_open(k5: House) -> None:
    publish(k5.ports)
    day = k5.ports.today() + timedelta(days=10)
    publish(k5.ports, 2, day, is_worse=True)
    announcing.announce(k5.ports)
    change = objections.announced(k5.ports, k5.caller.id)
    assert change is not None
    without: tuple[Subject, ...] = ("plan", "deck")
    assert objections.announced(k5.ports, k5.caller.id, without) is None
    with pytest.raises(NothingToObject):
        objections.object_to_change(k5.ports, k5.caller.id, "subscriber:1", "plan-1")
    k5.clock.now = start_of_day(day) - timedelta(seconds=1)
    said = objections.object_to_change(k5.ports, k5.caller.id, "subscriber:1", change.key)
    assert (said.subject, said.code, said.ends_on) == ("offer", "offer 2", day)
    assert objections.carry_out(k5.ports) == 0
    k5.clock.now = start_of_day(day)
    assert [objections.carry_out(k5.ports) for _ in range(2)] == [1, 0]
    with k5.ports.sessions.read() as db:
        found = subscribers.get(db, k5.caller.id)
    assert (found.ended_at, found.blocked_at) == (k5.clock(), None)


def test_what_worsens_nothing_cannot_be_objected_to(k5: House) -> None:
    publish(k5.ports)
    publish(k5.ports, 2, k5.ports.today() + timedelta(days=10))
    announcing.announce(k5.ports)
    assert objections.announced(k5.ports, k5.caller.id) is None
