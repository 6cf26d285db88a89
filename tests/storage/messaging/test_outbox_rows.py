"""The outbox as a queue."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete
from sqlalchemy.exc import DBAPIError

from k5web.storage.messaging import outbox_rows
from k5web.storage.messaging.outbox_rows import NOBODY, Queued
from k5web.storage.session import Sessions
from k5web.storage.tables import OutboxRow

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
CODE = Queued(NOBODY, "code a", "code", {"code": "123456"}, NOW, "sms", "+79161234567", is_urgent=True)
NOTICE = Queued(100001, "low_balance a", "low_balance", {"balance_minor": 1}, NOW - timedelta(hours=1))


def test_the_urgent_goes_before_the_old_and_the_same_id_is_put_in_once(sessions: Sessions) -> None:
    with sessions.begin() as db:
        assert outbox_rows.queue(db, NOTICE)
        assert outbox_rows.queue(db, CODE)
        assert not outbox_rows.queue(db, CODE)
    with sessions.read() as db:
        assert outbox_rows.due(db, NOW, 10) == [CODE, NOTICE]
        assert outbox_rows.waiting(db) == 2


def test_one_sender_takes_a_message_and_what_is_postponed_waits(sessions: Sessions) -> None:
    with sessions.begin() as db:
        outbox_rows.queue(db, CODE)
        assert outbox_rows.claim(db, CODE, NOW)
        assert not outbox_rows.claim(db, CODE, NOW)
        assert outbox_rows.due(db, NOW, 10) == []
        outbox_rows.postpone(db, CODE, NOW + timedelta(minutes=1))
        assert outbox_rows.due(db, NOW, 10) == []
        again = outbox_rows.due(db, NOW + timedelta(minutes=1), 10)
    assert again == [replace(CODE, attempts=1, due_at=NOW + timedelta(minutes=1))]


def test_what_a_secret_message_said_and_its_address_are_forgotten_when_it_is_done(sessions: Sessions) -> None:
    with sessions.begin() as db:
        outbox_rows.queue(db, CODE)
        outbox_rows.close(db, CODE, "accepted", NOW, is_secret=True)
        found = outbox_rows.by_ref(db, CODE.ref)
    assert found == (replace(CODE, facts={}, address=None), "accepted")


def test_what_a_killed_sender_left_is_nobodys_and_not_sent_again(sessions: Sessions) -> None:
    with sessions.begin() as db:
        outbox_rows.queue(db, CODE)
        outbox_rows.claim(db, CODE, NOW)
        assert outbox_rows.give_up(db, NOW, NOW) == 0
        assert outbox_rows.give_up(db, NOW + timedelta(seconds=1), NOW) == 1
        assert outbox_rows.by_ref(db, CODE.ref) == (
            replace(CODE, facts={}, address=None, attempts=1, due_at=NOW),
            "unknown",
        )
        assert outbox_rows.due(db, NOW + timedelta(days=1), 10) == []


def test_nobody_takes_out_a_decoy_and_it_counts_for_nothing(sessions: Sessions) -> None:
    """S11: a decoy is written as a message is, and whatever the day it is not sent."""
    decoy = replace(CODE, expires_at=NOW + timedelta(minutes=10))
    with sessions.begin() as db:
        assert outbox_rows.queue_decoy(db, decoy)
        assert outbox_rows.due(db, NOW + timedelta(days=30), 10) == []
        assert outbox_rows.waiting(db) == 0
        assert not outbox_rows.claim(db, decoy, NOW)
        outbox_rows.postpone(db, decoy, NOW)
        assert outbox_rows.give_up(db, NOW + timedelta(days=30), NOW) == 0
        assert outbox_rows.by_ref(db, decoy.ref) == (decoy, "decoy")


def test_decoys_are_removed_in_their_time_and_messages_stay(sessions: Sessions) -> None:
    message = replace(CODE, expires_at=NOW + timedelta(minutes=10))
    decoy = replace(message, id="code b")
    with sessions.begin() as db:
        outbox_rows.queue(db, message)
        outbox_rows.queue_decoy(db, decoy)
        outbox_rows.forget_decoys(db, NOW + timedelta(minutes=10))
        assert outbox_rows.by_ref(db, decoy.ref)
        outbox_rows.forget_decoys(db, NOW + timedelta(minutes=11))
        assert outbox_rows.by_ref(db, decoy.ref) is None
        assert outbox_rows.by_ref(db, message.ref)


def test_the_database_lets_no_message_be_deleted(sessions: Sessions) -> None:
    with sessions.begin() as db:
        outbox_rows.queue(db, CODE)
        outbox_rows.close(db, CODE, "accepted", NOW, is_secret=True)
    with pytest.raises(DBAPIError), sessions.begin() as db:
        db.execute(delete(OutboxRow))


def test_a_notice_of_which_nobody_knows_whether_it_was_sent_keeps_what_it_said(sessions: Sessions) -> None:
    """What was announced must be known on its day, for who objects to it."""
    notice = replace(CODE, id="plan_change 1", kind="plan_change", facts={"plan": "k5"})
    with sessions.begin() as db:
        outbox_rows.queue(db, notice)
        outbox_rows.claim(db, notice, NOW)
        assert outbox_rows.give_up(db, NOW + timedelta(seconds=1), NOW) == 1
        assert outbox_rows.by_ref(db, notice.ref) == (replace(notice, attempts=1, due_at=NOW), "unknown")
