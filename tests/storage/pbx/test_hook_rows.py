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
        assert hook_rows.due(db, NOW, 10, 5) == [(MESSAGE, URL)]
        assert hook_rows.claim(db, MESSAGE, NOW, LATER)
        assert not hook_rows.claim(db, MESSAGE, NOW, LATER)
        assert hook_rows.due(db, NOW, 10, 5) == []
        taken = replace(MESSAGE, attempts=1, due_at=LATER)
        assert hook_rows.due(db, LATER, 10, 5) == [(taken, URL)]
        hook_rows.note(db, taken, HookAnswer(500), LATER, LATER + timedelta(minutes=1))
        assert hook_rows.count_failed(db, 1, 1, 10) == 1
        assert not hook_rows.claim(db, MESSAGE, LATER + timedelta(hours=1), LATER)  # it was tried since it was seen
        hook_rows.note(db, taken, HookAnswer(200), LATER, None)
        assert hook_rows.count_failed(db, 1, 1, 10) == 0
        [told] = hook_rows.log(db, 1, 1, 10)
        assert (told.status, told.outcome, told.done_at) == (200, "told", LATER)


def test_a_busy_address_leaves_room_for_others(sessions: Sessions) -> None:
    with sessions.begin() as db:
        for owner_id, count in ((1, 4), (2, 1)):
            hook_rows.add(db, owner_id, URL, [HookEvent.ENDED], b"x", NOW)
            for n in range(count):
                at = NOW - timedelta(hours=9 - n) if owner_id == 1 else NOW
                hook_rows.queue(db, replace(MESSAGE, owner_id=owner_id, id=f"{n}", due_at=at))

        def due(limit: int, in_a_row: int, **busy: list[tuple[int, int]] | list[int]) -> list[tuple[int, str]]:
            found = hook_rows.due(db, NOW, limit, in_a_row, **busy)  # type: ignore[arg-type]
            return [(delivery.owner_id, delivery.id) for delivery, _url in found]

        assert due(3, 2) == [(1, "0"), (1, "1"), (2, "0")]
        assert due(1, 2) == [(1, "0")]
        assert due(3, 2, busy=[(1, 1), (3, 7)]) == [(2, "0")]
        assert due(3, 2, busy=[(1, 2)]) == [(1, "0"), (1, "1"), (2, "0")]
        assert due(3, 2, busy_owners=[1]) == [(2, "0")]


def test_tries_before_an_address_is_told_again_count_no_more(sessions: Sessions) -> None:
    with sessions.begin() as db:
        hook_rows.add(db, 1, URL, [HookEvent.ENDED], b"x", NOW)
        waiting, given_up = MESSAGE, replace(MESSAGE, id="given up")
        for each in (waiting, given_up):
            hook_rows.queue(db, each)
            assert hook_rows.claim(db, each, NOW, LATER)
        hook_rows.note(db, waiting, HookAnswer(500), NOW, LATER)
        hook_rows.note(db, given_up, HookAnswer(500), NOW, None)
        hook_rows.resume(db, 1, 1)  # it does not rest: nothing changes
        assert hook_rows.count_failed(db, 1, 1, 10) == 2
        assert hook_rows.pause(db, 1, 1, NOW)
        hook_rows.resume(db, 1, 1)
        assert hook_rows.count_failed(db, 1, 1, 10) == 0
        [(again, _url)] = hook_rows.due(db, LATER, 10, 5)
        assert (again.id, again.attempts) == (waiting.id, 0)
        assert hook_rows.claim(db, again, LATER, LATER + timedelta(minutes=1))
        assert hook_rows.count_failed(db, 1, 1, 10) == 1
