"""Payments over HTTP against four worker processes: duplicates, disorder, kill -9, one instant, other facts, lost
answers, and the register of it all; a small size with every change. Promises: R1, R2, R3, R6, R17, R21."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

import app
from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.money import Price
from k5web.domain.prices.number import Msisdn
from k5web.services.books.verify import verify
from k5web.services.ports import Ports
from k5web.storage import incidents
from k5web.storage.accounts import subscribers
from k5web.storage.books import ledger
from tests.postgres import PostgresServer
from tests.processes import ROOT, Processes, running
from tests.proofs import dice, figure, progress
from tests.reliability.provider import PAID_AT, Answer, BadLine, Payment, Provider, register
from tests.reliability.test_ledger_money_text import NASTY

pytestmark = pytest.mark.server

OF_ONE_MEANING = {"1": 100, "100": 10000, "1.0": 100, "1.5": 150}  # sums of fewer than two decimals

PARTNERS = """
[[qiwi]]
code = "optima"
protocol = "osmp"
minimum = "0.01"
allowed = ["127.0.0.1/32"]
"""
FIRST_OWNER = 900_001
WORKERS = 4
DELIVERIES = 4


@dataclass(frozen=True)
class Size:
    """How much of it."""

    payments: int
    accounts: int
    kills: int
    rounds: int
    known: int
    cut: int


SMALL = Size(payments=150, accounts=15, kills=2, rounds=6, known=60, cut=250)  # each of those who may die dies once
TENTH = Size(payments=500, accounts=50, kills=5, rounds=20, known=200, cut=1000)  # the house of other trials
WHOLE = Size(payments=5000, accounts=500, kills=50, rounds=200, known=2000, cut=10_000)
SIZES = [
    pytest.param(SMALL, id="small"),
    pytest.param(WHOLE, id="whole", marks=[pytest.mark.full, pytest.mark.timeout(7200)]),
]


class Trial:
    """The house behind HTTP, the network in front of it."""

    def __init__(self, processes: Processes, size: Size, workers: int = WORKERS) -> None:
        self.processes = processes
        self.size = size
        self.ports: Ports = app.open_ports(processes.settings)
        self.dice = dice()
        self._open_accounts()
        self.web = processes.start_web(workers)
        self.provider = Provider(f"{self.web}/hooks/qiwi/optima")

    def payments(self, prefix: int, count: int) -> list[Payment]:
        """New payments of anybody's."""
        owners = range(FIRST_OWNER, FIRST_OWNER + self.size.accounts)
        return [
            Payment(f"{prefix}{n:09d}", self.dice.choice(owners), self.dice.randint(1, 100_000)) for n in range(count)
        ]

    def credited(self) -> list[tuple[str, int, int]]:
        """Key, owner and amount of every credit in the database."""
        query = text("SELECT key, owner_id, amount_minor FROM posting WHERE origin = 'qiwi:optima'")
        with self.ports.sessions.read() as db:
            return sorted((row.key, row.owner_id, row.amount_minor) for row in db.execute(query))

    def incidents(self) -> int:
        """How many alarms there are."""
        with self.ports.sessions.read() as db:
            return sum(incidents.counts(db).values())

    def _open_accounts(self) -> None:
        now = self.ports.clock()
        with self.ports.sessions.begin() as db:
            for owner_id in range(FIRST_OWNER, FIRST_OWNER + self.size.accounts):
                phone = Msisdn(f"7916{owner_id:07d}")
                limit = Price.parse("5.00")
                payer = Subscriber(owner_id, phone, "Анна", "RUB", "k5", None, limit)
                subscribers.add(db, payer, None, now)
                ledger.open_account(db, owner_id, "main", "RUB")

    def close(self) -> None:
        """Hang up."""
        self.provider.close()
        self.ports.sessions.dispose()


@contextmanager
def trial(database_url: str, folder: Path, size: Size, workers: int = WORKERS, **environ: str) -> Iterator[Trial]:
    """Run the house for a while."""
    partners = folder / "partners.toml"
    partners.write_text(PARTNERS)
    with running(Processes(database_url, folder, 1, K5_CONNECTORS=str(partners), **environ)) as processes:
        opened = Trial(processes, size, workers)
        try:
            yield opened
        finally:
            opened.close()


@pytest.mark.postgres
@pytest.mark.parametrize("size", SIZES)
def test_payments_survive_kills_on_postgresql(durable_server: PostgresServer, tmp_path: Path, size: Size) -> None:
    """R1."""

    def kill_base() -> None:
        durable_server.kill()
        durable_server.start()

    with trial(durable_server.url, tmp_path, size) as house:
        _survive(house, [lambda: _kill_web(house), kill_base])


@pytest.mark.parametrize("size", SIZES)
def test_payments_survive_kills_on_sqlite(sqlite_url: str, tmp_path: Path, size: Size) -> None:
    """R1."""
    with trial(sqlite_url, tmp_path, size) as house:
        _survive(house, [lambda: _kill_web(house)])


@pytest.mark.parametrize("size", SIZES)
def test_one_instant_other_facts_lost_answers_and_the_register(database_url: str, tmp_path: Path, size: Size) -> None:
    """R2, R3, R6, R17, R21."""
    with trial(database_url, tmp_path, size) as house:
        expected = _same_instant(house)
        expected += _other_facts(house)
        expected += _lost_answers(house)
        expected += _refuse_nasty_sums(house)
        assert house.credited() == sorted((one.key, one.account, one.minor) for one in expected)
        assert verify(house.ports) == []
        _reconcile(house, expected)


def _kill_web(house: Trial) -> None:
    house.processes.kill("serve")
    house.processes.start_web(WORKERS)


def _survive(house: Trial, kills: list[Callable[[], None]]) -> None:
    """R1: every delivery of a payment gets the same number in the end, and none is credited twice."""
    payments = house.payments(1, house.size.payments)
    deliveries = payments * DELIVERIES
    house.dice.shuffle(deliveries)
    share = len(deliveries) // house.size.kills
    numbers: dict[str, set[str | None]] = {}
    for n in range(house.size.kills):
        wave = deliveries[n * share :] if n == house.size.kills - 1 else deliveries[n * share : (n + 1) * share]
        answers = _deliver_and_kill(house, wave, kills[n % len(kills)])
        assert {answer.result for answer in answers} == {"0"}
        for payment, answer in zip(wave, answers, strict=True):
            numbers.setdefault(payment.key, set()).add(answer.number)
        there = {key for key, _, _ in house.credited()}
        assert {payment.key for payment in wave} <= there
        progress((n + 1) * share, len(deliveries), "deliveries")
    assert {len(found) for found in numbers.values()} == {1}
    assert house.credited() == sorted((one.key, one.account, one.minor) for one in payments)
    assert verify(house.ports) == []
    figure(f"{len(deliveries)} deliveries over HTTP, {house.size.kills} kills: {len(payments)} payments credited once")


def _deliver_and_kill(house: Trial, wave: list[Payment], kill: Callable[[], None]) -> list[Answer]:
    """Deliver a wave; somebody dies in the middle of it."""
    middle = len(wave) // 2

    def insist(n: int, payment: Payment) -> Answer:
        answer = house.provider.insist(payment)
        if n == middle:
            kill()
        return answer

    found = house.provider.at_once(partial(insist, n, payment) for n, payment in enumerate(wave))
    return [answer for answer in found if answer is not None]


def _same_instant(house: Trial) -> list[Payment]:
    """R2: simultaneous deliveries of one new payment: equal answers, or "later"."""
    payments = house.payments(2, house.size.rounds)
    for payment in payments:
        answers = house.provider.at_once([lambda one=payment: house.provider.send(one)] * 32)  # type: ignore[misc]
        assert all(answer is not None and answer.status == 200 for answer in answers)
        assert {answer.result for answer in answers if answer} <= {"0", "1"}
        assert len({answer.number for answer in answers if answer and answer.result == "0"}) == 1
    figure(f"R2 over HTTP: {len(payments)} rounds of 32 deliveries in one instant: one number each")
    return payments


def _other_facts(house: Trial) -> list[Payment]:
    """R3: known names with another sum or account among true repeats."""
    payments = house.payments(3, house.size.known)
    first = house.provider.at_once(partial(house.provider.insist, one) for one in payments)
    wrong = [
        replace(one, minor=one.minor + 1) if n % 2 else replace(one, account=_neighbour(house, one.account))
        for n, one in enumerate(payments)
    ]
    mixed = [*enumerate(payments), *((-1 - n, one) for n, one in enumerate(wrong))]
    house.dice.shuffle(mixed)
    answers = house.provider.at_once(partial(house.provider.insist, one) for _, one in mixed)
    for (n, _), answer in zip(mixed, answers, strict=True):
        assert answer is not None
        assert answer == first[n] if n >= 0 else answer.result == "300"
    assert house.incidents() == len(payments)
    figure(f"R3 over HTTP: {len(payments)} known names with other facts: no credit, {house.incidents()} alarms")
    return payments


def _neighbour(house: Trial, account: int) -> int:
    return FIRST_OWNER + (account - FIRST_OWNER + 1) % house.size.accounts


def _lost_answers(house: Trial) -> list[Payment]:
    """R6: a fifth of the connections is cut; nothing is refused for our own fault, all is credited once."""
    line = BadLine(house.processes.web_port, 0.2, house.dice.randrange(2**32))
    provider = Provider(f"http://127.0.0.1:{line.port}/hooks/qiwi/optima")
    try:
        payments = house.payments(4, house.size.cut)
        answers = provider.at_once(partial(provider.insist, one) for one in payments)
    finally:
        provider.close()
        line.close()
    assert {answer.result for answer in answers if answer} == {"0"}
    assert line.cuts > house.size.cut // 10
    figure(f"R6: {len(payments)} payments, {line.cuts} connections cut: all credited once, none refused")
    return payments


def _refuse_nasty_sums(house: Trial) -> list[Payment]:
    """R17: text that is no sum credits nothing; the sums of all the other payments here came out exactly."""
    nasty = [replace(one, text=text) for one, text in zip(house.payments(5, len(NASTY)), NASTY, strict=True)]
    answers = house.provider.at_once(partial(house.provider.insist, one) for one in nasty)
    for payment, answer in zip(nasty, answers, strict=True):
        assert answer is not None
        expected = {"0": "241"} | dict.fromkeys(OF_ONE_MEANING, "0")
        # A line too long is no request at all
        assert answer.result == expected.get(payment.text or "", "300") or answer.status == 414, payment.text
    return [replace(one, minor=OF_ONE_MEANING[one.text]) for one in nasty if one.text and one.text in OF_ONE_MEANING]


def _reconcile(house: Trial, paid: list[Payment]) -> None:
    """R21: the register of what was paid agrees; with faults planted each is named."""
    assert _run_reconcile(house, paid) == (0, [])
    planted = paid[3:]  # three only we have
    planted[0] = replace(planted[0], minor=planted[0].minor + 1)
    planted += [planted[1], Payment("9000000001", FIRST_OWNER, 100)]
    code, told = _run_reconcile(house, planted)
    assert code == 1
    verdicts = sorted(verdict for verdict, _ in told)
    # What another file of the same day listed is not missing there
    assert verdicts == ["duplicate_in_register", "missing_here", "sum_mismatch"]


def _run_reconcile(house: Trial, payments: list[Payment]) -> tuple[int, list[tuple[str, str]]]:
    path = house.processes.var / f"QIWI_1_{PAID_AT:%Y%m%d}1.csv"
    path.write_text(register(payments))
    environ = {name: value for name, value in os.environ.items() if not name.startswith("K5_")}
    command = [sys.executable, "-m", "k5web", "reconcile", "qiwi:optima", str(path), "--json"]
    done = subprocess.run(
        command, cwd=ROOT, env=environ | house.processes.environ, capture_output=True, text=True, check=False
    )
    found = json.loads(done.stdout)
    return done.returncode, [(one["verdict"], one["key"]) for one in found["differences"]]
