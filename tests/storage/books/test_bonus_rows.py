"""Bonuses in the database: one for a pair, level and month."""

from dataclasses import replace
from datetime import UTC, date, datetime

from k5web.domain.accounts.bonus import Bonus
from k5web.storage.books import bonus_rows
from k5web.storage.session import Sessions

NOW = datetime(2027, 1, 11, 9, 0, tzinfo=UTC)
ONE = Bonus(1, 2, 1, date(2026, 12, 1), 440, 22)


def test_a_pair_has_one_bonus_of_a_month_and_level(sessions: Sessions) -> None:
    with sessions.begin() as db:
        assert bonus_rows.add(db, ONE, NOW)
        assert not bonus_rows.add(db, replace(ONE, bonus_minor=99), NOW)
        assert bonus_rows.add(db, replace(ONE, level=2), NOW)
        assert bonus_rows.given(db, 1, ONE.month) == 44
        bonus_rows.take_back(db, ONE, 5)
        assert bonus_rows.of_owner(db, 1)[0] == replace(ONE, taken_back_minor=5)
        assert bonus_rows.of_pair(db, 1, 2, date(2027, 1, 1)) == []
