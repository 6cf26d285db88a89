"""Buttons on subscribers' sites as rows, on both databases."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from k5web.domain.calls.widget import Widget
from k5web.domain.money import Price
from k5web.storage.calls import widget_rows
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
SHOP = Widget(
    code="a" * 16,
    owner_id=1,
    label="Лавка",
    sites=("https://shop.example", "https://xn--80aswg.xn--p1ai"),
    dearest=Price.parse("5.00"),
    calls_a_day=20,
    is_on=True,
    created_at=NOW,
    day=date(2026, 12, 1),
    today=3,
)


def test_a_button_comes_back_as_it_was_saved_last(sessions: Sessions) -> None:
    changed = replace(SHOP, sites=(), is_on=False, today=4)
    with sessions.begin() as db:
        widget_rows.save(db, SHOP)
    with sessions.begin() as db:
        assert widget_rows.find(db, SHOP.code) == SHOP
        widget_rows.save(db, changed)
    with sessions.begin() as db:
        assert widget_rows.lock(db, SHOP.code) == changed
        assert widget_rows.find(db, "b" * 16) is None


def test_buttons_are_listed_oldest_first_and_removed_by_their_owner_alone(sessions: Sessions) -> None:
    newer = replace(SHOP, code="0" * 16, created_at=NOW + timedelta(days=1))
    with sessions.begin() as db:
        for widget in (newer, SHOP, replace(SHOP, code="c" * 16, owner_id=2)):
            widget_rows.save(db, widget)
    with sessions.begin() as db:
        assert widget_rows.of_owner(db, 1) == [SHOP, newer]
        assert not widget_rows.remove(db, 2, SHOP.code)
        assert widget_rows.remove(db, 1, SHOP.code)
        assert not widget_rows.remove(db, 1, SHOP.code)
        assert widget_rows.of_owner(db, 1) == [newer]
