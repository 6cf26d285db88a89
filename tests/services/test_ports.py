"""What use cases ask of the doors of the house: whose a payment is, and which day it is for the operator."""

from datetime import UTC, date, datetime

import pytest

from k5web.services.ports import OPERATOR_ZONE, Connectors, start_of_day
from tests.services.house import House
from tests.services.net import Net


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 12, 31, 20, 59, 59, tzinfo=UTC), date(2026, 12, 31)),
        (datetime(2026, 12, 31, 21, 0, tzinfo=UTC), date(2027, 1, 1)),  # midnight in Moscow
    ],
)
def test_the_accounting_day_is_moscows(k5: House, now: datetime, day: date) -> None:
    k5.clock.now = now
    assert k5.ports.today() == day
    assert k5.ports.day_began_at() == start_of_day(day) <= now
    assert start_of_day(day).astimezone(OPERATOR_ZONE).isoformat() == f"{day}T00:00:00+03:00"


def test_a_connector_is_found_by_its_address_and_by_the_origin_of_its_payments(net: Net) -> None:
    connectors = net.ports.connectors
    assert list(connectors) == [net.connector]
    assert connectors.at("fake/bank") is connectors.of("fake:bank") is net.connector
    assert (connectors.at("fake/other"), connectors.of("fake/bank")) == (None, None)
    assert list(Connectors()) == []
