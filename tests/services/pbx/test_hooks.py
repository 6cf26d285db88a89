"""Webhooks: put in with a secret that is shown once; what happens to calls is queued for each once. B7."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from k5web.domain.pbx.webhook import ALL, MOST_HOOKS, HookEvent
from k5web.domain.prices.number import Msisdn
from k5web.errors import NotFound, TooMany, TooOften, WrongHook
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.pbx import hooks
from k5web.storage.tables import ConversationRow, WebhookDeliveryRow, WebhookRow
from tests.fakes.hooks import FakeDoor
from tests.services.house import House
from tests.services.pbx.talks import record, with_files

URL = "https://crm.example.ru/k5"


@pytest.fixture
def k5(k5: House) -> House:
    """The house with a way to programs."""
    k5.ports = replace(k5.ports, hook_door=FakeDoor(), public_url="https://k5.example")
    return k5


def ring(k5: House, n: int = 1, owner_id: int | None = None, **more: object) -> str:
    linked_id = f"k5-1796117400.{n}"
    row = {"owner_id": owner_id or k5.caller.id, "switch": "k5", "linked_id": linked_id, "direction": "in"}
    row |= {"number": "74951110002", "caller": "79161234567", "called": "74951110002", "began_at": k5.clock()}
    with k5.ports.sessions.begin() as db:
        db.execute(insert(ConversationRow).values(**{**row, **more}))
    return linked_id


def happen(k5: House, linked_id: str, **what: object) -> None:
    with k5.ports.sessions.begin() as db:
        db.execute(update(ConversationRow).where(ConversationRow.linked_id == linked_id).values(**what))


def queued(k5: House) -> list[tuple[int, str]]:
    with k5.ports.sessions.read() as db:
        found = select(WebhookDeliveryRow).order_by(WebhookDeliveryRow.created_at, WebhookDeliveryRow.id)
        return [(row.webhook_n, row.id) for row in db.scalars(found)]


def test_an_address_is_kept_and_its_secret_is_not_to_be_read(k5: House) -> None:
    hook, secret = hooks.add(k5.ports, k5.caller.id, URL, ALL)
    assert secret.startswith("k5h_")
    assert [view.hook for view in hooks.of_owner(k5.ports, k5.caller.id)] == [hook]
    with k5.ports.sessions.read() as db:
        row = db.scalars(select(WebhookRow)).one()
    assert secret.encode() not in row.secret
    assert "secret" not in repr(hook)


def test_addresses_are_few_and_sound(k5: House) -> None:
    for url, events in (("http://crm.example.ru", ALL), ("https://127.0.0.1/", ALL), (URL, [])):
        with pytest.raises(WrongHook):
            hooks.add(k5.ports, k5.caller.id, url, events)
    for _ in range(MOST_HOOKS):
        hooks.add(k5.ports, k5.caller.id, URL, ALL)
    with pytest.raises(TooMany):
        hooks.add(k5.ports, k5.caller.id, URL, ALL)
    hooks.remove(k5.ports, k5.caller.id, 1)
    hooks.add(k5.ports, k5.caller.id, URL, ALL)


def test_another_owners_address_is_not_there(k5: House) -> None:
    other = add_subscriber(k5.ports, Msisdn("79270000001"), "correct horse", "Ольга")
    hooks.add(k5.ports, other.id, URL, ALL)
    for deed in (hooks.remove, hooks.resume, hooks.test):
        with pytest.raises(NotFound):
            deed(k5.ports, k5.caller.id, 1)


def test_a_test_is_queued_now_and_then(k5: House) -> None:
    hooks.add(k5.ports, k5.caller.id, URL, [HookEvent.MISSED])
    for _ in range(hooks.TRYING.at_once):
        hooks.test(k5.ports, k5.caller.id, 1)
    assert len(queued(k5)) == hooks.TRYING.at_once
    with pytest.raises(TooOften):
        hooks.test(k5.ports, k5.caller.id, 1)


def test_each_step_of_a_call_is_queued_once(k5: House) -> None:
    hooks.add(k5.ports, k5.caller.id, URL, ALL)
    linked_id = ring(k5)
    steps = []
    for what in (
        {},
        {},
        {"answered_at": k5.clock(), "answered_by": "u1-1"},
        {"ended_at": k5.clock(), "outcome": "answered"},
    ):
        if what:
            happen(k5, linked_id, **what)
        k5.clock.forward(seconds=3)
        hooks.tell_due(k5.ports)
        steps.append([name.partition(" ")[0] for _n, name in queued(k5)])
    hooks.tell_due(k5.ports)
    assert steps == [["ringing"], ["ringing"], ["ringing", "answered"], ["ringing", "answered", "ended"]]
    assert len(queued(k5)) == 3


def test_each_address_hears_what_it_wants_of_its_own_owner(k5: House) -> None:
    other = add_subscriber(k5.ports, Msisdn("79270000001"), "correct horse", "Ольга")
    hooks.add(k5.ports, k5.caller.id, URL, [HookEvent.MISSED])
    hooks.add(k5.ports, k5.caller.id, URL, [HookEvent.ENDED])
    hooks.add(k5.ports, other.id, URL, ALL)
    ring(k5, ended_at=k5.clock(), outcome="missed")
    k5.clock.forward(seconds=3)
    hooks.tell_due(k5.ports)
    name = "k5 k5-1796117400.1"
    assert sorted(queued(k5)) == [(1, f"missed {name}"), (2, f"ended {name}")]


def test_what_happened_before_the_address_is_no_news(k5: House) -> None:
    ring(k5, ended_at=k5.clock(), outcome="missed")
    k5.clock.forward(seconds=3)
    hooks.add(k5.ports, k5.caller.id, URL, ALL)
    hooks.tell_due(k5.ports)
    assert queued(k5) == []


def test_records_that_come_a_day_late_are_no_news(k5: House) -> None:
    hooks.add(k5.ports, k5.caller.id, URL, ALL)
    ring(k5, began_at=k5.clock() + timedelta(seconds=1), ended_at=k5.clock(), outcome="missed")
    k5.clock.forward(hours=25)
    hooks.tell_due(k5.ports)
    assert queued(k5) == []


def test_who_rests_or_is_removed_hears_nothing(k5: House) -> None:
    for _ in range(2):
        hooks.add(k5.ports, k5.caller.id, URL, ALL)
    hooks.remove(k5.ports, k5.caller.id, 1)
    with k5.ports.sessions.begin() as db:
        db.execute(update(WebhookRow).where(WebhookRow.n == 2).values(paused_at=k5.clock()))
    ring(k5)
    hooks.tell_due(k5.ports)
    assert queued(k5) == []


def test_a_call_that_ended_names_its_recordings_by_links_that_need_a_log_in(k5: House) -> None:
    hooks.add(k5.ports, k5.caller.id, URL, ALL)
    talk = record(k5, with_files(k5))
    ring(k5, ended_at=k5.clock(), outcome="answered", answered_at=k5.clock())
    k5.clock.forward(seconds=3)
    hooks.tell_due(k5.ports)
    with k5.ports.sessions.read() as db:
        row = db.scalars(select(WebhookDeliveryRow).where(WebhookDeliveryRow.event == "ended")).one()
        assert row.facts["conversation"]["recordings"] == [f"https://k5.example/me/recordings/k5/{talk.file}"]
