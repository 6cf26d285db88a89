"""Invitations in the database."""

from datetime import UTC, datetime, timedelta

from k5web.domain.accounts.invitation import LIFE, Invitation
from k5web.storage.accounts import invitation_rows
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
LINK = Invitation("a" * 16, 1, NOW, NOW + LIFE)


def test_a_link_is_found_counted_and_revoked_by_its_owner_alone(sessions: Sessions) -> None:
    with sessions.begin() as db:
        invitation_rows.add(db, LINK)
        assert invitation_rows.find(db, LINK.code) == LINK
        assert invitation_rows.find(db, "b" * 16) is None
        invitation_rows.count_joined(db, LINK.code)
        invitation_rows.revoke(db, 2, LINK.code, NOW)
        found = invitation_rows.lock(db, LINK.code)
        assert found
        assert (found.joined, found.revoked_at) == (1, None)
        for at in (NOW, NOW + timedelta(days=1)):
            invitation_rows.revoke(db, 1, LINK.code, at)
        assert [each.revoked_at for each in invitation_rows.of_owner(db, 1)] == [NOW], "the first time stays"
