"""What a subscriber wishes to hear."""

from k5web.storage.messaging import notice_rows
from k5web.storage.session import Sessions


def test_the_last_choice_counts(sessions: Sessions) -> None:
    with sessions.begin() as db:
        notice_rows.choose(db, 1, "payment", "sms")
        notice_rows.choose(db, 1, "payment", "off")
        notice_rows.choose(db, 2, "payment", "email")
        assert notice_rows.choices(db, 1) == {"payment": "off"}
