"""How long a code may be tried: S17."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from k5web.domain.messaging.one_time_code import MOST_TRIES, OneTimeCode

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


def test_a_code_may_be_tried_five_times_and_until_it_expires() -> None:
    code = OneTimeCode("request", b"hash", MOST_TRIES - 1, NOW + timedelta(seconds=1))
    assert code.may_be_tried(NOW)
    assert not code.may_be_tried(NOW + timedelta(seconds=1))
    assert not replace(code, tries=MOST_TRIES).may_be_tried(NOW)
