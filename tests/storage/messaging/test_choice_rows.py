"""What a subscriber wishes to hear."""

from k5web.storage.messaging import choice_rows
from k5web.storage.session import Sessions


def test_the_last_choice_counts(sessions: Sessions) -> None:
    with sessions.begin() as db:
        choice_rows.choose(db, 1, "payment", "sms")
        choice_rows.choose(db, 1, "payment", "off")
        choice_rows.choose(db, 2, "payment", "email")
        assert choice_rows.choices(db, 1) == {"payment": "off"}
