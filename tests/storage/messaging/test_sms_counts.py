"""The day's money for SMS, and the last hour's messages."""

from datetime import UTC, date, datetime, timedelta

from k5web.storage.messaging import sms_counts
from k5web.storage.session import Sessions

NOW, DAY = datetime(2026, 12, 1, 9, 0, tzinfo=UTC), date(2026, 12, 1)


def test_no_more_is_booked_than_the_day_may_cost(sessions: Sessions) -> None:
    with sessions.begin() as db:
        booked = [sms_counts.spend(db, DAY, 250, 1000) for _ in range(6)]
        assert booked == [True] * 4 + [False] * 2
        assert sms_counts.spent(db, DAY) == 1000
        assert sms_counts.spend(db, DAY + timedelta(days=1), 250, 1000)


def test_times_are_kept_for_each_subject(sessions: Sessions) -> None:
    with sessions.begin() as db:
        assert sms_counts.times(db, "number", "7916", NOW) == []
        sms_counts.keep_times(db, "number", "7916", [NOW], NOW)
        assert sms_counts.times(db, "number", "7916", NOW) == [NOW]
        assert sms_counts.times(db, "address", "7916", NOW) == []
        sms_counts.forget(db, NOW + timedelta(seconds=1))
        assert sms_counts.times(db, "number", "7916", NOW) == []
