"""One-time codes as rows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from k5web.domain.messaging.one_time_code import OneTimeCode
from k5web.storage.messaging import code_rows
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
CODE = OneTimeCode("request", b"hash", 0, NOW)


def test_the_next_code_takes_the_place_of_the_former(sessions: Sessions) -> None:
    other = replace(CODE, request="other")
    with sessions.begin() as db:
        code_rows.put(db, "+7916", "reset", CODE)
        code_rows.put(db, "+7916", "phone", CODE)
        code_rows.count_try(db, "+7916", "reset")
        assert code_rows.take(db, "+7916", "reset") == replace(CODE, tries=1)
        code_rows.put(db, "+7916", "reset", other)
        assert code_rows.take(db, "+7916", "reset") == other
        code_rows.use_up(db, "+7916", "reset")
        assert code_rows.take(db, "+7916", "reset") is None
        assert code_rows.take(db, "+7916", "phone") == CODE


def test_codes_past_their_time_are_forgotten(sessions: Sessions) -> None:
    with sessions.begin() as db:
        code_rows.put(db, "+7916", "reset", CODE)
        code_rows.forget(db, NOW)
        assert code_rows.take(db, "+7916", "reset") == CODE
        code_rows.forget(db, NOW + timedelta(seconds=1))
        assert code_rows.take(db, "+7916", "reset") is None
