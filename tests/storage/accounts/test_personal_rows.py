"""What subscribers told of themselves is kept with every version, until it is forgotten (B3)."""

from datetime import UTC, datetime, timedelta

from k5web.domain.accounts.email_address import EmailAddress
from k5web.domain.accounts.profile import PersonalFacts
from k5web.storage.accounts import email_rows, personal_rows
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
FIRST = PersonalFacts("person", {"surname": "Иванова"}, NOW, "subscriber")
LATER = PersonalFacts("person", {"surname": "Сидорова"}, NOW + timedelta(days=1), "staff:anna")


def test_a_correction_stands_beside_what_it_corrects(sessions: Sessions) -> None:
    with sessions.begin() as db:
        for told in (FIRST, LATER):
            personal_rows.add(db, 1, told)
        personal_rows.add(db, 2, LATER)
    with sessions.read() as db:
        assert personal_rows.history(db, 1) == [FIRST, LATER]


def test_what_is_forgotten_is_one_owners_alone(sessions: Sessions) -> None:
    with sessions.begin() as db:
        for owner_id in (1, 2):
            personal_rows.add(db, owner_id, FIRST)
            email_rows.give(db, owner_id, EmailAddress("anna@mail.ru"), NOW)
        personal_rows.forget(db, 1)
        assert personal_rows.history(db, 1) == []
        assert email_rows.find(db, 1) is None
        assert personal_rows.history(db, 2) == [FIRST]
        assert email_rows.find(db, 2) is not None
