"""Who came on whose recommendation: A9."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from k5web.storage.accounts import referral_rows
from k5web.storage.accounts.referral_rows import Referral
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


def test_the_first_sponsor_stays(sessions: Sessions) -> None:
    first = Referral(2, 1, "sms", NOW)
    later = Referral(3, 1, "invitation", NOW + timedelta(minutes=1))
    with sessions.begin() as db:
        for each in (first, replace(first, sponsor_id=9), later):
            referral_rows.add(db, each)
        assert referral_rows.sponsor_of(db, 2) == first
        assert referral_rows.sponsor_of(db, 1) is None
        assert referral_rows.of_sponsor(db, 1) == [later, first]
