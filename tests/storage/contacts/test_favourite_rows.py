"""The own lists as rows: each one is its owner's alone."""

from datetime import UTC, datetime

from k5web.domain.contacts.favourite import Favourite
from k5web.domain.prices.number import Msisdn
from k5web.storage.contacts import favourite_rows
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
MUM, OFFICE = Msisdn("79161112233"), Msisdn("74951234567")


def test_an_entry_is_kept_renamed_and_removed_for_its_owner_alone(sessions: Sessions) -> None:
    with sessions.begin() as db:
        for owner_id in (1, 2):
            favourite_rows.add(db, owner_id, Favourite(MUM, "Мама", NOW))
        favourite_rows.add(db, 1, Favourite(OFFICE, "Офис", NOW))
    with sessions.begin() as db:
        assert favourite_rows.rename(db, 1, MUM, "Мамочка")
        assert not favourite_rows.rename(db, 2, OFFICE, "Чужой")
        favourite_rows.remove(db, 2, OFFICE)
        assert [each.name for each in favourite_rows.of_owner(db, 1)] == ["Офис", "Мамочка"]
        assert [each.name for each in favourite_rows.of_owner(db, 2)] == ["Мама"]
    with sessions.begin() as db:
        favourite_rows.remove(db, 1, OFFICE)
        assert favourite_rows.find(db, 1, OFFICE) is None
        assert favourite_rows.find(db, 1, MUM) == Favourite(MUM, "Мамочка", NOW)
        assert favourite_rows.is_listed(db, 2, MUM.digits)
        assert not favourite_rows.is_listed(db, 2, OFFICE.digits)
