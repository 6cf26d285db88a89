"""Topping up by itself: the day's cap, and one name for one crossing of the threshold (A10)."""

from dataclasses import replace

import pytest

from k5web.domain.money import rub
from k5web.domain.payments.auto_top_up import AutoTopUp

RULE = AutoTopUp(
    owner_id=7,
    card_n=1,
    threshold=rub("100.00"),
    amount=rub("500.00"),
    daily_cap=rub("1000.00"),
    off_why=None,
    is_armed=True,
    round=3,
    refusals=0,
    try_at=None,
)


@pytest.mark.parametrize(
    ("spent", "fits"), [("0.00", True), ("500.00", True), ("500.01", False), ("1000.00", False), ("2000.00", False)]
)
def test_one_more_fits_while_it_stays_within_the_days_cap(spent: str, fits: bool) -> None:
    assert RULE.fits_today(rub(spent)) is fits


def test_a_sum_above_the_cap_never_fits() -> None:
    assert not replace(RULE, daily_cap=rub("499.99")).fits_today(rub("0.00"))


def test_each_crossing_has_a_name_of_its_own() -> None:
    assert RULE.form_key == "auto-3"
    assert replace(RULE, round=4).form_key != RULE.form_key
