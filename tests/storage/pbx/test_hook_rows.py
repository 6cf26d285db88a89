"""Webhooks as rows: a message is told once, whoever else queues or takes it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from k5web.domain.pbx.webhook import Delivery, HookAnswer, HookEvent
from k5web.storage.pbx import hook_rows
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
URL = "https://crm.example.ru/"
MESSAGE = Delivery(1, 1, "ended k5 1.1", "ended", {"n": 1}, NOW, NOW)
LATER = NOW + timedelta(minutes=1)


def test_addresses_of_an_owner_are_numbered_and_keep_their_events(sessions: Sessions) -> None:
    with sessions.begin() as db:
        first = hook_rows.add(db, 1, URL, [HookEvent.MISSED, HookEvent.ENDED], b"x", NOW)
        assert hook_rows.remove(db, 1, first.n, NOW)
        assert not hook_rows.remove(db, 1, first.n, NOW)
        second = hook_rows.add(db, 1, URL, [HookEvent.RINGING], b"y", NOW)
        assert hook_rows.live(db, 1) == [second]
        assert (second.n, second.events) == (2, frozenset({HookEvent.RINGING}))
        assert hook_rows.find(db, 1, 1) is None
        assert (hook_rows.secret(db, 1, 1), hook_rows.secret(db, 1, 2)) == (None, b"y")
        assert hook_rows.owners(db) == [1]
        assert hook_rows.pause(db, 1, 2, NOW)
        assert not hook_rows.pause(db, 1, 2, NOW)
        assert hook_rows.owners(db) == []
        hook_rows.resume(db, 1, 2)
        assert hook_rows.owners(db) == [1]


def test_the_same_message_is_queued_and_taken_once(sessions: Sessions) -> None:
    with sessions.begin() as db:
        hook_rows.add(db, 1, URL, [HookEvent.ENDED], b"x", NOW)
        for _ in range(2):
            hook_rows.queue(db, MESSAGE)
        assert hook_rows.due(db, NOW, 10) == [(MESSAGE, URL)]
        assert hook_rows.claim(db, MESSAGE, NOW, LATER)
        assert not hook_rows.claim(db, MESSAGE, NOW, LATER)
        assert hook_rows.due(db, NOW, 10) == []
        taken = replace(MESSAGE, attempts=1, due_at=LATER)
        assert hook_rows.due(db, LATER, 10) == [(taken, URL)]
        hook_rows.note(db, taken, HookAnswer(500), LATER, LATER + timedelta(minutes=1))
        assert hook_rows.count_failed(db, 1, 1, 10) == 1
        assert not hook_rows.claim(db, MESSAGE, LATER + timedelta(hours=1), LATER)  # it was tried since it was seen
        hook_rows.note(db, taken, HookAnswer(200), LATER, None)
        assert hook_rows.count_failed(db, 1, 1, 10) == 0
        [told] = hook_rows.log(db, 1, 1, 10)
        assert (told.status, told.outcome, told.done_at) == (200, "told", LATER)
