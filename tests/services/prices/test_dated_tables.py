"""The tables of a price list by the days of the uses: each use is priced by what was in force when it began."""

from datetime import UTC, datetime, timedelta

import pytest

from k5web.domain.money import Price
from k5web.domain.prices.rating import Rate
from k5web.domain.prices.usage import Kind, UsageEvent
from k5web.errors import NoDeck, NoPricesThen, NoRate
from k5web.services.ports import Ports
from k5web.services.prices.dated_tables import TABLES_KEPT, DatedRates, DatedTables
from k5web.storage.prices import rates
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.fakes.doors import open_doors

START = datetime(2026, 12, 1, tzinfo=UTC)
DAY = timedelta(days=1)
MOSCOW = "74951234567"


@pytest.fixture
def ports(sessions: Sessions, clock: Clock) -> Ports:
    """A house whose list `k5` gets a kopeck dearer each day, twelve times."""
    for n in range(12):
        with sessions.begin() as db:
            listed = [(Rate("7495", "Москва", Price.parse(f"0.{10 + n}")), START + n * DAY)]
            rates.add_version(db, "k5", START + n * DAY, START + n * DAY, "test", bytes([n] * 32), listed)
    return open_doors(sessions, clock)


def test_each_moment_has_the_prices_of_its_day_in_any_order(ports: Ports) -> None:
    tables = DatedTables(ports, "k5")
    for n in [0, 11, 3, 3, 0, 7, *range(12), *reversed(range(12))]:
        assert tables.at(START + n * DAY).find(MOSCOW).per_minute == Price.parse(f"0.{10 + n}")
        last_moment = START + (n + 1) * DAY - timedelta(microseconds=1)
        assert tables.at(last_moment).find(MOSCOW).per_minute == Price.parse(f"0.{10 + n}")
    assert len(tables._tables) == TABLES_KEPT, "memory does not grow with the number of versions"


def test_before_the_first_prices_there_are_none(ports: Ports) -> None:
    tables = DatedTables(ports, "k5")
    for _ in range(2):
        with pytest.raises(NoPricesThen, match="no price list 'k5' was in force then"):
            tables.at(START - timedelta(microseconds=1))
    assert tables.at(START).find(MOSCOW)


def test_a_list_that_never_had_prices_is_our_own_trouble(ports: Ports) -> None:
    with pytest.raises(NoDeck):
        DatedTables(ports, "none").at(START)


def test_a_plan_finds_the_rate_of_the_list_that_its_rule_names(ports: Ports) -> None:
    find = DatedRates(ports)
    event = UsageEvent(START + 2 * DAY, Kind.CALL, MOSCOW, 1)
    assert find("k5", event, MOSCOW).per_minute == Price.parse("0.12")
    with pytest.raises(NoRate):
        find("k5", event, "79161234567")
    with pytest.raises(NoDeck):
        find("none", event, MOSCOW)
