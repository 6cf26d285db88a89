"""Everybody's payments of a day of the books."""

from datetime import timedelta

import pytest

from k5web.services.desk import day_payments
from tests.services.house import House


def test_a_day_is_listed_a_page_at_a_time(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for amount in ("1.00", "2.00", "3.00"):
        k5.top_up(amount)
    monkeypatch.setattr(day_payments, "PAGE", 2)
    today = k5.ports.today()
    first, place = day_payments.listed(k5.ports, today)
    rest, end = day_payments.listed(k5.ports, today, place or "")
    assert ([str(each.amount) for each in first + rest], end) == (["1.00", "2.00", "3.00"], None)
    assert day_payments.listed(k5.ports, today - timedelta(days=1)) == ([], None)
