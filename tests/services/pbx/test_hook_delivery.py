"""Webhooks are told: signed, again after growing pauses, then given up; none keeps another waiting. B7."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from threading import Event

import pytest
from sqlalchemy import select, update

from k5web.domain.pbx.webhook import ALL, PAUSE_AFTER, HookAnswer
from k5web.services.pbx import hook_delivery, hooks
from k5web.services.pbx.hook_delivery import Postman
from k5web.storage.tables import OutboxRow, WebhookDeliveryRow, WebhookRow
from tests.fakes.hooks import FakeDoor
from tests.processes import wait_for
from tests.services.house import House

URL, SLOW = "https://crm.example.ru/k5", "https://slow.example.ru/k5"


@pytest.fixture
def door() -> FakeDoor:
    """The way to programs."""
    return FakeDoor()


@pytest.fixture
def k5(k5: House, door: FakeDoor) -> House:
    """The house with it."""
    k5.ports = replace(k5.ports, hook_door=door)
    return k5


class SlowDoor(FakeDoor):
    """Slow addresses say nothing until it is over."""

    def __init__(self, is_over: Event) -> None:
        super().__init__()
        self._is_over = is_over

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> HookAnswer:
        answer = super().post(url, body, headers)
        if url.startswith(SLOW):
            self._is_over.wait(60)
        return answer


def put(k5: House, url: str = URL, tests: int = 1) -> str:
    hook, secret = hooks.add(k5.ports, k5.caller.id, url, ALL)
    for _ in range(tests):
        hooks.test(k5.ports, k5.caller.id, hook.n)
    return secret


def none_is_left(k5: House, postman: Postman) -> bool:
    """Whether all is told, and no thread is under way that would need the database."""
    postman.deliver_due(k5.ports)
    return not postman._busy and all(row.outcome == "told" for row in rows(k5))


def tell(k5: House) -> list[bool]:
    assert k5.ports.hook_door is not None
    return [hook_delivery.deliver(k5.ports, k5.ports.hook_door, *each) for each in hook_delivery.due(k5.ports)]


def rows(k5: House) -> list[WebhookDeliveryRow]:
    with k5.ports.sessions.read() as db:
        return list(
            db.scalars(select(WebhookDeliveryRow).order_by(WebhookDeliveryRow.webhook_n, WebhookDeliveryRow.id))
        )


def test_a_message_is_signed_by_the_secret_that_was_shown(k5: House, door: FakeDoor) -> None:
    secret = put(k5)
    assert tell(k5) == [True]
    [(url, body, headers)] = door.told
    moment, _comma, digest = headers["K5-Signature"].removeprefix("t=").partition(",v1=")
    assert int(moment) == int(k5.clock().timestamp())
    assert digest == hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    assert (url, headers["Content-Type"]) == (URL, "application/json")
    assert json.loads(body)["id"] == headers["K5-Event-Id"]
    [row] = rows(k5)
    assert (row.status, row.outcome, row.attempts, row.done_at) == (200, "told", 1, k5.clock())
    assert tell(k5) == []


def test_what_failed_is_told_again_at_its_moments_and_given_up(k5: House, door: FakeDoor) -> None:
    put(k5)
    door.answer = HookAnswer(500)
    for minutes in (0, 1, 5, 30, 120, 360):
        if minutes:
            k5.clock.forward(minutes=minutes, seconds=-1)
            assert tell(k5) == []
            k5.clock.forward(seconds=1)
        assert tell(k5) == [False]
    [row] = rows(k5)
    assert (row.status, row.outcome, row.attempts) == (500, "given_up", 6)
    k5.clock.forward(days=1)
    assert tell(k5) == []
    assert len({(body, headers["K5-Event-Id"]) for _url, body, headers in door.told}) == 1


def test_who_comes_to_itself_is_told_after_all(k5: House, door: FakeDoor) -> None:
    put(k5)
    door.answer = HookAnswer(None, "timeout")
    tell(k5)
    [row] = rows(k5)
    assert (row.status, row.why, row.done_at) == (None, "timeout", None)
    door.answer = HookAnswer(204)
    k5.clock.forward(minutes=1)
    assert tell(k5) == [True]
    [row] = rows(k5)
    assert (row.status, row.why, row.outcome) == (204, "", "told")


def test_two_workers_tell_it_once(k5: House, door: FakeDoor) -> None:
    put(k5)
    seen = hook_delivery.due(k5.ports)
    told = [hook_delivery.deliver(k5.ports, door, *each) for each in [*seen, *seen]]
    assert told == [True, False]
    assert len(door.told) == 1


def test_what_a_killed_worker_took_is_told_after_a_minute(k5: House, door: FakeDoor) -> None:
    put(k5)
    [(delivery, _url)] = hook_delivery.due(k5.ports)
    assert hook_delivery._claim(k5.ports, delivery)
    assert tell(k5) == []
    k5.clock.forward(minutes=1)
    assert tell(k5) == [True]


def test_an_address_that_fails_on_and_on_rests_until_its_owner_says(k5: House, door: FakeDoor) -> None:
    put(k5, tests=10)
    door.answer = HookAnswer(503)
    tries = 0
    while not hooks.of_owner(k5.ports, k5.caller.id)[0].hook.paused_at:
        tries += len(tell(k5))
        k5.clock.forward(minutes=10)
        assert tries <= PAUSE_AFTER + 10
    assert tries >= PAUSE_AFTER
    with k5.ports.sessions.read() as db:
        [notice] = db.scalars(select(OutboxRow).where(OutboxRow.kind == "hook_paused"))
    assert (notice.owner_id, notice.facts) == (k5.caller.id, {"site": "crm.example.ru"})
    k5.clock.forward(hours=3)
    assert tell(k5) == []
    hooks.resume(k5.ports, k5.caller.id, 1)
    hooks.test(k5.ports, k5.caller.id, 1)
    assert False in tell(k5)
    assert hooks.of_owner(k5.ports, k5.caller.id)[0].hook.paused_at is None  # one more failure is not the thirtieth
    k5.clock.forward(minutes=1)
    door.answer = HookAnswer(200)
    assert True in tell(k5)


def test_a_success_ends_the_row_of_failures(k5: House, door: FakeDoor) -> None:
    put(k5, tests=10)
    door.answer = HookAnswer(503)
    for _ in range(2):
        tell(k5)
        k5.clock.forward(minutes=5)
    door.answer = HookAnswer(200)
    tell(k5)
    k5.clock.forward(minutes=10)
    for _ in range(5):
        hooks.test(k5.ports, k5.caller.id, 1)
    door.answer = HookAnswer(503)
    for _ in range(3):
        tell(k5)
        k5.clock.forward(minutes=5)
    assert hooks.of_owner(k5.ports, k5.caller.id)[0].hook.paused_at is None


def test_what_is_a_day_old_is_given_up_and_the_log_forgets(k5: House, door: FakeDoor) -> None:
    put(k5, tests=2)
    with k5.ports.sessions.begin() as db:
        db.execute(update(WebhookRow).values(paused_at=k5.clock()))
    k5.clock.forward(hours=25)
    hook_delivery.sweep(k5.ports)
    assert {row.outcome for row in rows(k5)} == {"given_up"}
    k5.clock.forward(days=31)
    hook_delivery.sweep(k5.ports)
    assert rows(k5) == []


def test_a_secret_whose_key_is_gone_is_said_so(k5: House, door: FakeDoor) -> None:
    put(k5)
    k5.ports = replace(k5.ports, cipher_keys=(b"A" * 43 + b"=",))
    assert tell(k5) == [False]
    assert rows(k5)[0].why == "secret"
    assert door.told == []


def test_a_removed_address_is_told_nothing_more(k5: House, door: FakeDoor) -> None:
    put(k5)
    hooks.remove(k5.ports, k5.caller.id, 1)
    assert tell(k5) == []
    assert rows(k5)[0].outcome == "given_up"


def test_a_slow_address_keeps_no_other_waiting(k5: House) -> None:
    """One says nothing until the test ends; the others are told meanwhile, and it is asked once."""
    is_over = Event()

    door = SlowDoor(is_over)
    k5.ports = replace(k5.ports, hook_door=door)
    put(k5, SLOW, tests=2)
    put(k5, URL, tests=3)
    postman = Postman()

    def all_told() -> bool:
        postman.deliver_due(k5.ports)
        told = [url for url, _body, _headers in door.told]
        return told.count(URL) == 3 and SLOW in told

    wait_for(all_told, "the quick one is told all")
    assert sum(url == SLOW for url, _body, _headers in door.told) == 1
    is_over.set()

    wait_for(lambda: none_is_left(k5, postman), "the slow one is told too")


def test_a_long_queue_of_a_slow_address_hides_no_other(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The longest due are all of the slow one."""
    monkeypatch.setattr(hook_delivery, "AT_ONCE", 3)
    is_over = Event()
    door = SlowDoor(is_over)
    k5.ports = replace(k5.ports, hook_door=door)
    put(k5, SLOW, tests=5)
    k5.clock.forward(seconds=1)
    put(k5, URL)
    postman = Postman()

    def is_told() -> bool:
        postman.deliver_due(k5.ports)
        return {URL, SLOW} == {url for url, _body, _headers in door.told}

    try:
        wait_for(is_told, "the other is told")
        assert sum(url == SLOW for url, _body, _headers in door.told) == 1
    finally:
        is_over.set()
    wait_for(lambda: none_is_left(k5, postman), "the slow one is told too")


def test_slow_addresses_of_one_owner_take_two_threads(k5: House) -> None:
    is_over = Event()
    door = SlowDoor(is_over)
    k5.ports = replace(k5.ports, hook_door=door)
    for n in range(4):
        put(k5, f"{SLOW}/{n}")
    postman = Postman()
    try:
        for _ in range(3):
            postman.deliver_due(k5.ports)
            assert len(postman._busy) == 2
        assert hook_delivery.due(k5.ports, postman._busy) == []
    finally:
        is_over.set()
    wait_for(lambda: none_is_left(k5, postman), "the others have their turn")
