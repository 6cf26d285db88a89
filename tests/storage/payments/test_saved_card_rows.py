"""Saved cards as rows, on both databases: masks and the provider's ids."""

from datetime import UTC, datetime, timedelta

from k5web.domain.payments.auto_top_up import KeptCard
from k5web.domain.payments.top_up import SavedCard
from k5web.storage.payments import saved_card_rows
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
ORIGIN = "cards:demo"
CARD = SavedCard("bind-1", "4111**1111", "203012")


def keep(sessions: Sessions, card: SavedCard, owner_id: int = 1, at: datetime = NOW) -> None:
    with sessions.begin() as db:
        saved_card_rows.keep(db, owner_id, ORIGIN, card, at)


def test_a_card_is_kept_once_and_learns_its_newest_expiry(sessions: Sessions) -> None:
    keep(sessions, CARD)
    keep(sessions, SavedCard("bind-1", "", "203112"), at=NOW + timedelta(days=1))
    keep(sessions, SavedCard("bind-2", "5555**4444", "202901"))
    keep(sessions, CARD, owner_id=2)
    with sessions.read() as db:
        first, second = saved_card_rows.live(db, 1)
        assert first == KeptCard(1, 1, ORIGIN, "bind-1", "4111**1111", "203112", NOW)
        assert (second.n, second.mask) == (2, "5555**4444")
        assert saved_card_rows.find_by_id(db, 1, ORIGIN, "bind-1") == first
        assert saved_card_rows.find_by_id(db, 1, "cards:other", "bind-1") is None


def test_a_removed_card_stays_removed_and_is_told_of_once(sessions: Sessions) -> None:
    keep(sessions, CARD)
    with sessions.begin() as db:
        card = saved_card_rows.find(db, 1, 1)
        assert card is not None
        assert saved_card_rows.untold(db) == [], "it may be charged still"
        saved_card_rows.remove(db, card, NOW, is_told=False)
    keep(sessions, CARD)
    with sessions.begin() as db:
        assert (saved_card_rows.live(db, 1), saved_card_rows.find(db, 1, 1)) == ([], None)
        assert [one.id for one in saved_card_rows.untold(db)] == ["bind-1"]
        saved_card_rows.remove(db, card, NOW, is_told=True)
        assert saved_card_rows.untold(db) == []
    keep(sessions, SavedCard("bind-3", "4111**1111", "203012"))
    with sessions.read() as db:
        assert [one.n for one in saved_card_rows.live(db, 1)] == [2], "a number is never given twice"
