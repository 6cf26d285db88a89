"""Messages that came in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from k5web.storage.messaging import inbound_rows
from k5web.storage.messaging.inbound_rows import Inbound
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
ONE = Inbound("fake", "1", NOW, b"sender", b"text", None, "balance", "На счёте 50,00 ₽.")


def test_a_message_is_kept_once_and_its_answer_for_a_while(sessions: Sessions) -> None:
    with sessions.begin() as db:
        assert inbound_rows.add(db, ONE)
        assert not inbound_rows.add(db, replace(ONE, reply="other"))
        assert inbound_rows.add(db, replace(ONE, smsc="other"))
        assert inbound_rows.find(db, "fake", "1") == ONE
        inbound_rows.forget(db, NOW + timedelta(seconds=1), NOW)
        assert inbound_rows.find(db, "fake", "1") == replace(ONE, reply="")
        inbound_rows.forget(db, NOW, NOW + timedelta(seconds=1))
        assert inbound_rows.find(db, "fake", "1") is None
