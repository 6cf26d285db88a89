"""What sponsors earn, and when: A9."""

from datetime import date
from fractions import Fraction

import pytest

from k5web.domain.accounts.bonus import Bonus, BonusPlan, bad_money_off, before


@pytest.mark.parametrize(
    ("today", "last"),
    [
        (date(2027, 1, 10), date(2026, 11, 1)),
        (date(2027, 1, 11), date(2026, 12, 1)),
        (date(2027, 2, 10), date(2026, 12, 1)),
        (date(2027, 3, 11), date(2027, 2, 1)),
    ],
)
def test_a_month_vests_ten_days_after_its_end(today: date, last: date) -> None:
    assert BonusPlan().vested(today) == last


def test_a_share_is_never_rounded_up_nor_above_its_cap() -> None:
    assert BonusPlan().share(1, 439) == 21
    assert BonusPlan().share(1, -5) == 0
    assert BonusPlan((Fraction(1, 2), Fraction(1, 3)), most_a_pair_minor=30).share(2, 100) == 30
    assert BonusPlan((Fraction(1, 2), Fraction(1, 3))).share(2, 100) == 33


def test_money_that_its_payer_took_back_is_taken_off_the_last_months_first() -> None:
    november, december = date(2026, 11, 1), date(2026, 12, 1)
    assert bad_money_off([(november, 500), (december, 300)], 400) == {december: 0, november: 400}
    assert bad_money_off([(november, 500), (december, 300)], 0) == {december: 300, november: 500}


def test_a_bonus_is_named_by_newcomer_level_and_month() -> None:
    assert Bonus(1, 100002, 1, date(2026, 12, 1), 440, 22).key == "100002:1:2026-12"
    assert before(date(2026, 1, 1), 1) == date(2025, 12, 1)
    assert before(date(2026, 12, 1), -1) == date(2027, 1, 1)
