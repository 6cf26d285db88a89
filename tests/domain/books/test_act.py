"""An act's lines come from charges: each multiplies, together they are what is left of the charges. Promise: B10."""

from datetime import date

import pytest

from k5web.domain.books.act import Charge, Use, address_of, lines_of, read_address, services_of
from k5web.domain.books.ledger import EventName
from k5web.domain.books.service import ServiceKind, reversal_of
from k5web.domain.money import Money, rub
from k5web.errors import NotFound

NOVEMBER = date(2026, 11, 1)


def charge(minor: int, name: EventName, counter: str = "sale.order", day: date = NOVEMBER, seq: int = 1) -> Charge:
    return Charge(1, seq, day, Money(minor), counter, name)


def order(n: int) -> EventName:
    return EventName("order", f"form-{n}")


def test_only_charges_of_the_month_count_and_less_what_took_them_back() -> None:
    october = date(2026, 10, 31)
    charges = [
        charge(100, order(1)),
        charge(200, order(2)),
        charge(-200, reversal_of(order(2)), day=date(2027, 5, 5)),
        charge(-400, reversal_of(order(3))),  # of an earlier month
        charge(800, order(4), day=october),
        charge(-100, reversal_of(order(1))),
        charge(100, reversal_of(reversal_of(order(1)))),
    ]
    assert [(service.name, service.amount.minor) for service in services_of(NOVEMBER, charges)] == [(order(1), 100)]


def test_what_has_one_title_and_price_is_one_line_and_calls_are_one() -> None:
    names = [EventName("fee", f"2:2026-11-{day:02}") for day in (1, 2, 3)]
    fees = [charge(500, name, "sale.fee") for name in names]
    calls = [charge(minor, EventName("call", f"1-{n}"), "sale.call") for n, minor in enumerate((350, 220))]
    services = services_of(NOVEMBER, [*fees, *calls, charge(999, order(1))])
    uses = {name: Use("Включайся") for name in names} | {service.name: Use(seconds=61) for service in services[3:5]}
    lines = lines_of(services, uses)
    told = [(line.kind, line.title, line.quantity, str(line.price), line.pieces, line.minutes) for line in lines]
    assert told == [
        (ServiceKind.CALLS, "", 1, "5.70", 2, 3),
        (ServiceKind.DAILY_FEE, "Включайся", 3, "5.00", 3, 0),
        (ServiceKind.ORDER, "", 1, "9.99", 1, 0),
    ]
    assert sum((line.amount for line in lines), Money(0)) == rub("30.69")


def test_no_services_are_no_lines() -> None:
    assert lines_of([], {}) == ()


@pytest.mark.parametrize(("month", "version", "address"), [(NOVEMBER, 1, "2026-11"), (NOVEMBER, 12, "2026-11-12")])
def test_an_address_tells_month_and_version_alone(month: date, version: int, address: str) -> None:
    assert address_of(month, version) == address
    assert read_address(address) == (month, version)


@pytest.mark.parametrize(
    "text",
    ["", "2026-13", "2026-00", "2026-1", "2026-11-1", "2026-11-0", "2026-11-02", "1999-11", "2026-11-2x"],
)
def test_no_other_text_is_an_acts_address(text: str) -> None:
    with pytest.raises(NotFound):
        read_address(text)
