"""The simulated network's terminal: it checks, pays, cancels, and its register is the one that the connector reads."""

import pytest
import requests

from k5web.domain.money import Money
from k5web.domain.payments.connector import ReadsRegister
from k5web.domain.payments.notice import (
    Cancelled,
    Check,
    Credited,
    NoticeOutcome,
    Paid,
    Possible,
    Refusal,
    Refused,
    Undone,
)
from tests.connectors.qiwi.town import Town
from tests.processes import wait_for

pytestmark = pytest.mark.server


def test_the_terminal_checks_pays_and_cancels(town: Town) -> None:
    som = Money.parse("250.00", "KGS")
    answers: dict[type, NoticeOutcome] = {
        Check: Possible("A. K.", som, som),
        Paid: Credited(90417, som, town.clock(), True),
        Cancelled: Undone(90417, som, True),
    }
    town.desk.outcome = lambda notice: answers[type(notice)]
    assert "A. K." in town.at_terminal("check")
    page = town.at_terminal("pay", copies="2")
    assert "90417" in page
    wait_for(lambda: len(town.desk.heard) == 3, "the copy")
    check, paid, copy = town.desk.heard
    assert isinstance(check, Check)
    assert isinstance(paid, Paid)
    assert paid == copy
    assert (paid.account, paid.amount) == ("1042", som)
    assert "принято" in town.at_terminal("cancel", txn_id=paid.key)
    assert town.desk.heard[-1] == Cancelled(paid.key, town.desk.heard[-1].cancel_key)  # type: ignore[union-attr]
    assert "отменён" in requests.get(f"{town.url}/", timeout=60).text


def test_the_terminal_says_what_is_wrong(town: Town) -> None:
    town.desk.outcome = lambda notice: Refused(Refusal.ACCOUNT_UNKNOWN)
    assert "счёт не найден" in town.at_terminal("check")
    assert "Введите номер" in town.at_terminal("check", sum="много")
    assert "счёт не найден" in town.at_terminal("pay")


def test_the_register_of_the_day_is_what_the_connector_reads(town: Town) -> None:
    town.desk.outcome = lambda notice: Credited(90417, Money.parse("250.00", "KGS"), town.clock(), True)
    for _ in range(3):
        town.at_terminal("pay", copies="2")
    wait_for(lambda: len(town.desk.heard) == 6, "all copies")
    day = f"{town.clock():%Y%m%d}"
    text = requests.get(f"{town.url}/register/optima/{day}.csv", timeout=60).text
    assert text.endswith("Total:\t3\t750.00\r\n")
    assert isinstance(town.terminal, ReadsRegister)
    keys = {notice.key for notice in town.desk.heard if isinstance(notice, Paid)}
    assert {line.key for line in town.terminal.read_register(text.splitlines())} == keys
    assert requests.get(f"{town.url}/register/optima/../x.csv", timeout=60).status_code == 404
