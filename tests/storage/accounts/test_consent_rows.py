"""Consents are appended, each owner's in their order, and never changed."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from k5web.domain.accounts.consent import Consent
from k5web.storage.accounts import consent_rows
from k5web.storage.session import Sessions

AT = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
GIVEN, WITHDRAWN = Consent(1, is_given=True, at=AT, way="sms"), Consent(1, is_given=False, at=AT, way="page")


def test_each_is_kept_and_cannot_be_changed_or_deleted(sessions: Sessions) -> None:
    with sessions.begin() as db:
        for owner_id, consent in ((1, GIVEN), (1, WITHDRAWN), (2, GIVEN)):
            consent_rows.add(db, owner_id, consent)
    with sessions.read() as db:
        assert consent_rows.history(db, 1) == [GIVEN, WITHDRAWN]
    for statement in ("UPDATE consent SET version = 2", "DELETE FROM consent"):
        with pytest.raises(DatabaseError), sessions.begin() as db:
            db.execute(text(statement))
