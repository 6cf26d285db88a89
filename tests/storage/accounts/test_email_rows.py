"""A subscriber's e-mail address."""

from datetime import UTC, datetime

from k5web.domain.accounts.email_address import EmailAddress
from k5web.storage.accounts import email_rows
from k5web.storage.accounts.email_rows import KeptEmail
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
OLD, NEW = EmailAddress("old@mail.ru"), EmailAddress("new@mail.ru")


def test_an_address_that_was_changed_meanwhile_is_not_confirmed_by_the_old_ones_code(sessions: Sessions) -> None:
    with sessions.begin() as db:
        assert email_rows.find(db, 1) is None
        email_rows.give(db, 1, OLD, NOW)
        email_rows.give(db, 1, NEW, NOW)
        email_rows.confirm(db, 1, OLD, NOW)
        assert email_rows.find(db, 1) == KeptEmail(NEW, None)
        email_rows.confirm(db, 1, NEW, NOW)
        assert email_rows.find(db, 1) == KeptEmail(NEW, NOW)
