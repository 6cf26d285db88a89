"""Switch, SMS gateway and mail server gone for ten minutes: money goes on, each message comes once. Trial: R24."""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

import app
from k5web.config.messages import MailServer
from k5web.domain.accounts.email_address import EmailAddress
from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.books.ledger import EventName
from k5web.domain.calls.call import CallOrder, CallState
from k5web.domain.messaging.message import Letter
from k5web.domain.money import Money, Price, rub
from k5web.domain.prices.number import Msisdn
from k5web.messaging.smtp import SmtpMailer
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.books.verify import verify
from k5web.services.calls import ordering
from k5web.services.messaging import sending
from k5web.services.payments.topups import credit
from k5web.services.ports import Ports
from k5web.storage.books import ledger
from tests.processes import PATIENCE_S, Processes, running, wait_for
from tests.proofs import figure, progress
from tests.reliability.crowd import insist
from tests.reliability.receivers import Receivers
from tests.services.house import publish

pytestmark = pytest.mark.server

SPEED = 20
MINUTE_TALKER = "+74951234260"  # the simulated phone that hangs up after exactly a minute
MESSAGES = 20  # of each way
CALLS = 5
BACK_WITHIN_S = 900.0  # the longest pause between two tries is five minutes
FACTS = {"balance_minor": 500, "currency": "RUB"}


@pytest.fixture
def receivers() -> Iterator[Receivers]:
    """An SMS gateway and a mail server that are there."""
    opened = Receivers()
    opened.start()
    yield opened
    opened.stop()


@pytest.fixture
def house(sqlite_url: str, tmp_path: Path, receivers: Receivers) -> Iterator[Processes]:
    """A hastened switch and a worker, each its own process."""
    with running(Processes(sqlite_url, tmp_path, SPEED, **receivers.environ)) as processes:
        processes.start_simulator()
        processes.start("worker")
        yield processes


@pytest.fixture
def ports(house: Processes) -> Iterator[Ports]:
    """This test's own doors to the same database."""
    opened = app.open_ports(house.settings)
    publish(opened)
    yield opened
    opened.sessions.dispose()


def test_whoever_is_gone_takes_nothing_and_is_found_again_at_the_same_address(receivers: Receivers) -> None:
    """What the trial below stands on."""
    letter = Letter("ref", EmailAddress("anna@mail.ru"), "K5", "K5")
    mailer = SmtpMailer(MailServer("127.0.0.1", receivers.mail_port, is_tls=False), EmailAddress("k5@example.ru"))
    gateway = f"http://127.0.0.1:{receivers.sms_port}/cgi-bin/sendsms?to=79161234567"
    receivers.stop()
    assert mailer.send(letter) == "not_sent"
    with pytest.raises(requests.ConnectionError):
        requests.get(gateway, timeout=PATIENCE_S)
    receivers.start()
    assert mailer.send(letter) == "accepted"
    assert requests.get(gateway, timeout=PATIENCE_S).status_code == 202
    assert (receivers.sms, receivers.letters) == (["79161234567"], ["anna@mail.ru"])


@pytest.mark.full
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("outage_s", [pytest.param(60, id="a tenth"), pytest.param(600, id="whole")])
def test_each_message_comes_once_after_all_receivers_were_gone(
    house: Processes, ports: Ports, receivers: Receivers, outage_s: int
) -> None:
    callers = [_caller(ports, n) for n in range(CALLS + 2)]
    _assert_talks(ports, callers[0])
    house.kill("simulator")
    receivers.stop()
    came_before = len(receivers.sms), len(receivers.letters)  # what payments and talks have to tell
    _queue(ports)
    orders = [_order(ports, caller) for caller in callers[1:-1]]
    for second in range(outage_s):
        _pay(ports, callers[0], f"second-{second}", rub("1.00"))
        progress(second, outage_s, "seconds of the outage")
        time.sleep(1)
    assert _balance(ports, callers[0]) == rub("97.80") + Money(100 * outage_s)
    assert (len(receivers.sms), len(receivers.letters)) == came_before
    receivers.start()
    house.start_simulator()
    expected = {_number(n): 1 for n in range(MESSAGES)}, {_address(n): 1 for n in range(MESSAGES)}
    wait_for(lambda: _came(receivers) >= 2 * MESSAGES, "what waited comes", BACK_WITHIN_S)
    wait_for(lambda: all(_call(ports, order).state.is_over for order in orders), "the calls are over", BACK_WITHIN_S)
    assert (_of(receivers.sms, expected[0]), _of(receivers.letters, expected[1])) == expected
    assert [_balance(ports, caller) for caller in callers[1:-1]] == [_left(_call(ports, order)) for order in orders]
    _assert_talks(ports, callers[-1])
    assert verify(ports) == []
    figure(
        f"switch, SMS and mail gone for {outage_s} s: {outage_s} payments credited meanwhile, {CALLS} calls closed, "
        f"{2 * MESSAGES} messages came once each"
    )


def _caller(ports: Ports, n: int) -> Subscriber:
    caller = add_subscriber(ports, Msisdn(f"7916{n:04d}200"), "correct horse", f"Абонент {n}")
    _pay(ports, caller, "first", rub("100.00"))
    return caller


def _pay(ports: Ports, caller: Subscriber, key: str, amount: Money) -> None:
    name = EventName("test:bank", f"{caller.id}-{key}")
    insist(lambda: credit(ports, caller.id, name, amount, "cash.test", "connector:test", ports.clock()))


def _order(ports: Ports, caller: Subscriber) -> CallOrder:
    to, seen = Msisdn.parse(MINUTE_TALKER), Price.parse("2.20")
    return insist(lambda: ordering.order_call(ports, caller, to, f"tap-{caller.id}", seen))


def _assert_talks(ports: Ports, caller: Subscriber) -> None:
    """A call of a minute is placed and charged."""
    order = _order(ports, caller)
    wait_for(lambda: _call(ports, order).state is CallState.SETTLED, "the call is settled")
    assert _balance(ports, caller) == rub("97.80")


def _call(ports: Ports, order: CallOrder) -> CallOrder:
    return ordering.show_call(ports, order.owner_id, order.id).call


def _left(call: CallOrder) -> Money:
    """What a caller of one call has: it cost a minute, or nothing."""
    assert call.cost in {rub("2.20"), rub("0.00")}
    return rub("100.00") - (call.cost or Money(0))


def _balance(ports: Ports, caller: Subscriber) -> Money:
    with ports.sessions.read() as db:
        return ledger.purse(db, caller.id).balance


def _queue(ports: Ports) -> None:
    """Let so many people be told something by SMS, and as many by letter."""
    with ports.sessions.begin() as db:
        for n in range(MESSAGES):
            now, number = ports.clock(), Msisdn(_number(n).removeprefix("+"))
            sending.queue_to(db, number, "low_balance", FACTS, f"low_balance {n}", now)
            sending.queue_to(db, EmailAddress(_address(n)), "low_balance", FACTS, f"by letter {n}", now)


def _number(n: int) -> str:
    return f"+7905{n:07d}"


def _address(n: int) -> str:
    return f"n{n}@mail.ru"


def _of(came: list[str], whose: dict[str, int]) -> dict[str, int]:
    """How often something came for each of these; other people are told of their payments too."""
    return {to: count for to, count in Counter(came).items() if to in whose}


def _came(receivers: Receivers) -> int:
    numbers, addresses = (set(map(what, range(MESSAGES))) for what in (_number, _address))
    return sum(to in numbers for to in receivers.sms) + sum(to in addresses for to in receivers.letters)
