"""Days and kinds of movements in addresses: read as people write them, written so that a link leads to the same."""

from datetime import date

import pytest
from flask import Flask

from k5web.domain.books.period import Movements, Period
from k5web.errors import WrongPeriod
from k5web.web.books import periods
from k5web.web.books.periods import Asked

SOME_DAYS = Period(date(2026, 12, 2), date(2026, 12, 5))


@pytest.mark.parametrize(
    ("address", "period", "movements"),
    [
        ("/", Period.month(date(2026, 12, 1)), Movements.ALL),
        ("/?month=2026-11", Period.month(date(2026, 11, 1)), Movements.ALL),
        ("/?from=2026-12-02&to=2026-12-05&kind=fees", SOME_DAYS, Movements.FEES),
        ("/?from=02.12.2026&to=05.12.2026&kind=nonsense", SOME_DAYS, Movements.ALL),
        ("/?from=2026-12-02&to=2026-12-05&month=2026-11", SOME_DAYS, Movements.ALL),
    ],
)
def test_an_address_names_days_and_a_kind(app: Flask, address: str, period: Period, movements: Movements) -> None:
    with app.test_request_context(address):
        assert periods.asked() == Asked(period, movements)


@pytest.mark.parametrize("asked", [Asked(SOME_DAYS, kind) for kind in Movements] + [
    Asked(Period.month(date(2026, 11, 1)), kind) for kind in Movements
])  # fmt: skip
def test_what_is_written_into_an_address_is_read_as_the_same(app: Flask, asked: Asked) -> None:
    query = "&".join(f"{name}={value}" for name, value in asked.args.items())
    with app.test_request_context(f"/?{query}"):
        assert periods.asked() == asked


@pytest.mark.parametrize(
    "fields", [{"from": "2026-12-02"}, {"to": "x"}, {"from": "2026-12-32", "to": "2027-01-01"}, {"from": "9" * 5000}]
)
def test_what_is_no_pair_of_days_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(WrongPeriod):
        periods.given(fields)


def test_no_days_are_no_period() -> None:
    assert periods.given({"from": " ", "to": ""}) is None


def test_days_are_said_as_people_write_them(app: Flask) -> None:
    with app.test_request_context("/"):
        assert periods.said(Period.month(date(2026, 12, 1))) == "12.2026"
        assert periods.said(SOME_DAYS) == "с 02.12.2026 по 05.12.2026"
        assert periods.said(Period(date(2026, 12, 2), date(2026, 12, 2))) == "02.12.2026"
        assert {periods.word(kind) for kind in Movements} == {"Все операции", "Звонки", "Плата и услуги", "Пополнения"}
