"""The import of a statement is killed in the middle, and nothing is doubled or lost. Promises: R1, B13."""

import random
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

import app
from k5web.domain.money import Money, rub
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts.accounts import add_subscriber, purse
from k5web.services.bank.suspense import suspense
from k5web.services.books.verify import verify
from k5web.services.ports import Ports
from tests.bank_files import OURS, Came, exchange
from tests.processes import ROOT, Processes, wait_for

pytestmark = pytest.mark.server

PAYMENTS = 600
KILLS = 2
SUBSCRIBERS = 5


def test_an_import_killed_again_and_again_credits_each_payment_once(sqlite_url: str, tmp_path: Path) -> None:
    house = Processes(sqlite_url, tmp_path)
    ports = app.open_ports(house.settings)
    owners = [
        add_subscriber(ports, Msisdn.parse(f"+7916000000{n}"), "correct horse", "").id for n in range(SUBSCRIBERS)
    ]
    payments = [_payment(owners, number, ports.today()) for number in range(PAYMENTS)]
    payments += random.sample(payments, 5)  # some twice: equal payments of one day
    random.shuffle(payments)
    file = tmp_path / "statement.txt"
    file.write_bytes(exchange(payments))
    for kill in range(KILLS):
        before = _booked(ports)
        process = _start(house, file)
        wait_for(lambda: _booked(ports) > before or process.poll() is not None, f"progress before kill {kill}")  # noqa: B023
        process.kill()
        process.wait()
    assert 0 < _booked(ports) <= len(payments)
    process = _start(house, file)
    assert process.wait(timeout=120) == 0, (tmp_path / "bank.log").read_text()
    assert _booked(ports) == len(payments)
    came = sum(one.amount.minor for one in payments)
    theirs = sum(purse(ports, owner_id).balance.minor for owner_id in owners)
    assert Money(theirs) + suspense(ports).amount == Money(came)
    assert list(verify(ports)) == []
    ports.sessions.dispose()


def _payment(owners: list[int], number: int, day: date) -> Came:
    purpose = f"Лицевой счет {owners[number % len(owners)]}" if number % 10 else "за связь"
    return Came(str(number + 1), rub(f"{number % 90 + 1}.00"), purpose, f"{day:%d.%m.%Y}")


def _start(house: Processes, file: Path) -> subprocess.Popen[bytes]:
    with (house.var / "bank.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "k5web", "bank", "import", str(file), "--account", OURS],
            cwd=ROOT, env=house.environ, stdout=log, stderr=log,
        )  # fmt: skip


def _booked(ports: Ports) -> int:
    with ports.sessions.read() as db:
        return int(db.scalar(text("SELECT count(*) FROM bank_payment")) or 0)
