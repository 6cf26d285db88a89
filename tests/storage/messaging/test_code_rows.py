"""One-time codes as rows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from k5web.domain.messaging.one_time_code import OneTimeCode
from k5web.storage.messaging import code_rows
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
CODE = OneTimeCode("request", b"hash", 0, NOW)


def test_each_request_has_its_own_code_and_tries(sessions: Sessions) -> None:
    other = replace(CODE, request="other")
    with sessions.begin() as db:
        code_rows.put(db, "+7916", "reset", CODE)
        code_rows.put(db, "+7916", "phone", CODE)
        code_rows.put(db, "+7916", "reset", other)
        code_rows.count_try(db, "+7916", "reset", "request")
        assert code_rows.take(db, "+7916", "reset", "request") == replace(CODE, tries=1)
        assert code_rows.take(db, "+7916", "reset", "other") == other
        assert code_rows.take(db, "+7916", "reset", "unknown") is None
        code_rows.use_up(db, "+7916", "reset")
        assert code_rows.take(db, "+7916", "reset", "request") is None
        assert code_rows.take(db, "+7916", "reset", "other") is None, "what was asked for is proved"
        assert code_rows.take(db, "+7916", "phone", "request") == CODE


def test_codes_past_their_time_are_forgotten(sessions: Sessions) -> None:
    with sessions.begin() as db:
        code_rows.put(db, "+7916", "reset", CODE)
        code_rows.forget(db, NOW)
        assert code_rows.take(db, "+7916", "reset", "request") == CODE
        code_rows.forget(db, NOW + timedelta(seconds=1))
        assert code_rows.take(db, "+7916", "reset", "request") is None
