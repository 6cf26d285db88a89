"""What a terminal said and what we answered is found by commands."""

import pytest

from k5web.domain.prices.number import Msisdn
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.payments import notices
from k5web.services.ports import Ports
from tests.cli.conftest import K5
from tests.connectors.qiwi.wire_requests import PAY, get


@pytest.fixture
def paid(ports: Ports) -> str:
    """A terminal paid to an account, and then asked for one that is not there."""
    add_subscriber(ports, Msisdn(PAY["account"]), "correct horse", "Анна", "KGS")
    connector = ports.connectors.of("qiwi:optima")
    assert connector is not None
    notices.take_notice(ports, connector, get(PAY))
    notices.take_notice(ports, connector, get(PAY | {"account": "79990000000", "txn_id": "77"}))
    return PAY["txn_id"]


def test_notices_of_a_day_are_listed_and_refused_ones_alone(k5: K5, ports: Ports, paid: str) -> None:
    day = str(get(PAY).at.date())
    every = k5("notice", "list", "--day", day).stdout.splitlines()
    assert len(every) == 2
    [refused] = k5("notice", "list", "--day", day, "--refused", "--origin", "qiwi:optima").stdout.splitlines()
    assert "refused" in refused
    assert k5("notice", "list", "--day", day, "--origin", "cards:demo").stdout == "there is no such notice\n"


def test_one_payment_is_told_with_what_was_said(k5: K5, ports: Ports, paid: str) -> None:
    shown = k5("notice", "show", "qiwi:optima", paid)
    assert shown.exit_code == 0
    assert "  ok" in shown.stdout.splitlines()[0]
    assert f"txn_id={paid[:4]}***" in shown.stdout  # as it was kept: masked
    missing = k5("notice", "show", "qiwi:optima", "1")
    assert (missing.exit_code, missing.stderr) == (1, "k5: there is no notice of qiwi:optima 1\n")
