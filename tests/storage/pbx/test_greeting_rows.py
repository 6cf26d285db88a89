"""Prompts of organisations' own as rows, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from k5web.domain.pbx.greeting import Greeting, GreetingState
from k5web.storage.pbx import greeting_rows, image_rows
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
NEW = Greeting(7, "a" * 32, "Наше", "Ждите.", GreetingState.WAITING, "", None, NOW, "subscriber:7")
OTHER = replace(NEW, digest="b" * 32, at=NOW + timedelta(minutes=1))


def test_one_that_waits_becomes_ready_once(sessions: Sessions) -> None:
    with sessions.begin() as db:
        greeting_rows.put(db, OTHER, b"other")
        greeting_rows.put(db, NEW, b"upload")
        greeting_rows.put(db, replace(NEW, owner_id=8), b"upload")
        assert [(one.owner_id, one.digest) for one in greeting_rows.waiting(db, 2)] in (
            [(7, NEW.digest), (8, NEW.digest)],
            [(8, NEW.digest), (7, NEW.digest)],
        )
        assert greeting_rows.of_owner(db, 7) == [OTHER, NEW]
        assert greeting_rows.sound(db, 7, NEW.digest) == b"upload"
        assert [greeting_rows.finish(db, NEW, b"\xd5" * 16, 2) for _ in range(2)] == [True, False]
        assert not greeting_rows.refuse(db, NEW, "no_sound")
        ready = replace(NEW, state=GreetingState.READY, milliseconds=2)
        assert greeting_rows.find(db, 7, NEW.digest) == ready
        assert greeting_rows.sound(db, 7, NEW.digest) == b"\xd5" * 16
        assert greeting_rows.find(db, 8, NEW.digest) == replace(NEW, owner_id=8)
        assert greeting_rows.find(db, 9, NEW.digest) is None
        assert image_rows._greetings(db, [7, 8]) == ({7: {NEW.digest}}, {})


def test_one_that_is_refused_keeps_no_upload_and_may_come_again(sessions: Sessions) -> None:
    with sessions.begin() as db:
        greeting_rows.put(db, NEW, b"upload")
        assert greeting_rows.refuse(db, NEW, "too_long")
        assert greeting_rows.find(db, 7, NEW.digest) == replace(NEW, state=GreetingState.REFUSED, why="too_long")
        assert greeting_rows.sound(db, 7, NEW.digest) is None
        greeting_rows.put(db, NEW, b"upload")
        assert greeting_rows.waiting(db, 5) == [NEW]
        greeting_rows.describe(db, 7, NEW.digest, "Другое", "")
        greeting_rows.describe(db, 8, NEW.digest, "Чужое", "")
        assert greeting_rows.find(db, 7, NEW.digest) == replace(NEW, title="Другое", words="")


def test_one_that_is_removed_is_remembered_until_it_is_forgotten(sessions: Sessions) -> None:
    with sessions.begin() as db:
        for one in (NEW, OTHER):
            greeting_rows.put(db, one, b"upload")
            greeting_rows.finish(db, one, b"\xd5", 1)
        greeting_rows.remove(db, 7, NEW.digest, NOW)
        assert greeting_rows.of_owner(db, 7) == [replace(OTHER, state=GreetingState.READY, milliseconds=1)]
        assert greeting_rows.find(db, 7, NEW.digest) is None
        assert greeting_rows.sound(db, 7, NEW.digest) is None
        assert image_rows._greetings(db, [7]) == ({7: {OTHER.digest}}, {7: {NEW.digest}})
        assert greeting_rows.forget_removed(db, NOW) == set()
        assert greeting_rows.forget_removed(db, NOW + timedelta(seconds=1)) == {7}
        greeting_rows.forget(db, 7, OTHER.digest)
        assert image_rows._greetings(db, [7]) == ({}, {})


def test_a_waiting_one_that_is_removed_is_left_alone(sessions: Sessions) -> None:
    with sessions.begin() as db:
        greeting_rows.put(db, NEW, b"upload")
        greeting_rows.remove(db, 7, NEW.digest, NOW)
        assert greeting_rows.waiting(db, 5) == []
        assert not greeting_rows.finish(db, NEW, b"\xd5", 1)
