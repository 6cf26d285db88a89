"""Which consent counts: the last one, unless it was withdrawn."""

from datetime import UTC, datetime

from k5web.domain.accounts.consent import Consent, in_force

AT = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
GIVEN, WITHDRAWN = Consent(1, is_given=True, at=AT, way="sms"), Consent(1, is_given=False, at=AT, way="page")
AGAIN = Consent(2, is_given=True, at=AT, way="page")


def test_the_last_one_counts_unless_it_was_withdrawn() -> None:
    assert in_force([]) is None
    assert in_force([GIVEN, AGAIN]) == AGAIN
    assert in_force([GIVEN, WITHDRAWN]) is None
    assert in_force([GIVEN, WITHDRAWN, AGAIN]) == AGAIN
