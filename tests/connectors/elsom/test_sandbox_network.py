"""The simulated wallet's line to K5: in either dialect it says what the connector reads, and its register adds up."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.elsom import wire
from connectors.elsom.biller import Biller
from connectors.elsom.connector import open_connectors
from connectors.elsom.sandbox_network import Network
from k5web.domain.money import Money
from k5web.domain.payments.connector import Opening
from k5web.domain.payments.notice import (
    Cancelled,
    Check,
    Credited,
    Notice,
    NoticeOutcome,
    Paid,
    Possible,
    Refusal,
    Refused,
    Undone,
)
from tests.conftest import Clock
from tests.connectors.desk import Desk
from tests.connectors.serving import served
from tests.processes import free_port

pytestmark = pytest.mark.server

SOM = Money.parse("250.00", "KGS")
TABLES: dict[str, dict[str, object]] = {
    "k5json": {"code": "wallet", "protocol": "k5json", "currency": "KGS", "secrets": ["newer-key", "k5-elsom-hmac"]},
    "osmp4": {
        "code": "wallet", "protocol": "osmp4", "currency": "KGS", "secrets": ["a-password"], "login": "elsom-k5",
        "service": "7001",
    },
}  # fmt: skip
OUTCOMES: dict[type, NoticeOutcome] = {
    Check: Possible("О. Р.", SOM, SOM),
    Paid: Credited(90418, SOM, Clock().now, True),
    Cancelled: Undone(90418, SOM, True),
}


class Line:
    """A network, K5's desk at the other end, and the connector there."""

    def __init__(self, desk: Desk, k5_url: str, table: dict[str, object]) -> None:
        self.desk, self.clock = desk, Clock()
        [self.connector] = open_connectors([table], Opening(k5_url, self.clock))
        desk.connectors = {self.connector.address: self.connector}
        desk.outcome = lambda notice: OUTCOMES[type(notice)]
        self.network = Network(table, k5_url, self.clock)

    @property
    def heard(self) -> Notice:
        """What was read last."""
        return self.desk.heard[-1]


@pytest.fixture(params=list(TABLES))
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    desk = Desk()
    with served(desk) as k5_url:
        yield Line(desk, k5_url, TABLES[request.param])


def test_a_check_names_the_account_and_shows_whose_it_is(line: Line) -> None:
    answer = line.network.check("1042", "250.00")
    assert (answer.is_success, answer.name) == (True, "О. Р.")
    assert isinstance(line.heard, Check)
    assert (line.heard.account, line.heard.amount) == ("1042", SOM)


def test_a_payment_is_told_once_or_as_often_as_asked_under_one_number(line: Line) -> None:
    answer = line.network.pay("900001", "1042", "250.00", times=2)
    assert (answer.is_success, answer.number) == (True, "90418")
    assert len(line.desk.heard) == 2
    assert line.desk.heard[0] == line.desk.heard[1]
    assert isinstance(line.heard, Paid)
    assert (line.heard.key, line.heard.account, line.heard.amount) == ("900001", "1042", SOM)
    assert line.heard.occurred_at == line.clock().replace(microsecond=0)
    assert len(line.network.entries) == 1


def test_a_cancel_names_the_payment_and_stands_in_the_register_once(line: Line) -> None:
    line.network.pay("900001", "1042", "250.00")
    for _ in range(2):
        assert line.network.cancel("900001").is_success
        assert isinstance(line.heard, Cancelled)
        assert line.heard.key == "900001"
    assert [(entry.amount, entry.kind) for entry in line.network.entries] == [("250.00", "P"), ("-250.00", "C")]


def test_a_refused_payment_has_the_dialects_code_and_no_line(line: Line) -> None:
    line.desk.outcome = lambda notice: Refused(Refusal.ACCOUNT_UNKNOWN)
    answer = line.network.pay("900001", "1042", "250.00")
    assert (answer.is_success, answer.code) == (False, "5")
    assert line.network.entries == []


def test_the_register_is_the_one_that_the_connector_reads(line: Line, tmp_path: Path) -> None:
    line.network.pay("900001", "1042", "250.00")
    line.network.pay("900002", "1077", "100.50")
    line.network.cancel("900002")
    path = line.network.write_register(str(tmp_path))
    assert f"{line.clock().astimezone(wire.BISHKEK):%Y%m%d}" in path.name
    assert isinstance(line.connector, Biller)
    with path.open(newline="") as rows:
        read = [(found.key, str(found.amount), found.is_cancel) for found in line.connector.read_register(rows)]
    assert read == [("900001", "250.00", False), ("900002", "100.50", False), ("900002", "-100.50", True)]


def test_numbers_do_not_repeat(line: Line) -> None:
    numbers = {line.network.new_number() for _ in range(100)}
    assert len(numbers) == 100


@pytest.mark.parametrize("protocol", TABLES)
def test_where_nobody_answers_nothing_was_paid(protocol: str) -> None:
    network = Network(TABLES[protocol], f"http://127.0.0.1:{free_port()}", Clock())
    answer = network.pay("900001", "1042", "250.00")
    assert (answer.is_success, answer.code) == (False, "-1")
    assert network.entries == []


def test_a_stranger_is_told_apart_by_its_secret(line: Line) -> None:
    stranger = Network({**line.network.table, "secrets": ["guessed"]}, line.network.k5_url, line.clock)
    assert not stranger.pay("900001", "1042", "250.00").is_success
    assert line.desk.heard == []


def test_a_clock_that_is_wrong_is_refused_where_requests_are_signed_with_it() -> None:
    desk = Desk()
    with served(desk) as k5_url:
        line = Line(desk, k5_url, TABLES["k5json"])
        late = line.clock() - timedelta(minutes=6)
        assert not Network(line.network.table, k5_url, lambda: late).check("1042", "1.00").is_success
    assert desk.heard == []
