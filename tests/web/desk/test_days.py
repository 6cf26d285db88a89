"""Days in the address of a page of the desk."""

from datetime import date, timedelta

import pytest
from flask import Flask

from k5web.errors import WrongPeriod
from k5web.web.context import ports
from k5web.web.desk.days import chosen_days, day_of


def test_without_days_it_is_the_week_until_today(app: Flask) -> None:
    with app.test_request_context("/desk/trunks"):
        assert chosen_days() == (ports().today() - timedelta(days=6), ports().today())
    with app.test_request_context("/desk/trunks?from=2026-11-01&to= 2026-11-03 "):
        assert chosen_days() == (date(2026, 11, 1), date(2026, 11, 3))
    with app.test_request_context("/desk/trunks?to=2026-11-07"):
        assert chosen_days() == (date(2026, 11, 1), date(2026, 11, 7))


def test_anything_else_is_no_day() -> None:
    assert day_of(" ") is None
    for text in ("2026-02-30", "yesterday", "01.12.2026"):
        with pytest.raises(WrongPeriod):
            day_of(text)
