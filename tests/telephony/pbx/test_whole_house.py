"""A caller, a real switch, K5's web and worker as they run: from the first ring to the books. Promises: B7, B9, D4."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import select, update

from app import open_ports
from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.books.ledger import EventName
from k5web.domain.calls.call import CallKind, CallOrder
from k5web.domain.money import Money, rub
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.subscription import SubscriptionState
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.books.verify import verify
from k5web.services.payments.topups import credit
from k5web.services.pbx import people
from k5web.services.ports import Ports
from k5web.storage.books import ledger
from k5web.storage.calls import call_rows
from k5web.storage.pbx import pbx_rows
from k5web.storage.prices import subscription_rows
from k5web.storage.tables import CallRow, HoldAheadRow, RecordingRow, SubscriptionRow
from tests.processes import Processes, running, wait_for
from tests.reliability.provider import Payment, Provider
from tests.services.accounts.stock import on
from tests.services.house import publish
from tests.services.pbx.office import PRICES, rent
from tests.telephony import real
from tests.telephony.pbx.lab import PHONES_HOST
from tests.telephony.pbx.phone import Phone
from tests.telephony.real import RealSwitch, Town

pytestmark = [pytest.mark.asterisk, pytest.mark.server, pytest.mark.xdist_group("asterisk-pbx-house"),
              pytest.mark.timeout(600)]  # fmt: skip


PARTNERS = """
[[qiwi]]
code = "optima"
protocol = "osmp"
minimum = "0.01"
allowed = ["127.0.0.1/32"]
"""


@dataclass
class Exchange:
    """All of it, with organisations whose phone in town answers and hangs up after five seconds."""

    processes: Processes
    ports: Ports
    switch: RealSwitch
    town: Town
    opened: list[Phone] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def organisation(self, money: str) -> Subscriber:
        """A new one on «Стандарт», with a Moscow number and an 8-800, and no rule: its calls reach its own phone."""
        n = next(self.numbers)
        made = add_subscriber(self.ports, Msisdn(f"7916{n:04d}215"), "correct horse", "Анна")
        on(self.ports, "standard-8800", made)
        rent(self.ports, made.id, moscow(n), free(n))
        if money != "0.00":
            name = EventName("test:bank", f"in-{made.id}")
            credit(self.ports, made.id, name, rub(money), "cash.test", "test", self.ports.clock())
        with self.ports.sessions.begin() as db:
            pbx_rows.touch(db, made.id, self.ports.clock())
        wait_for(lambda: made.id in self.ports.switch_tables["asterisk"].versions(), "the switch is told")
        return made

    def phone(self, owner: Subscriber) -> Phone:
        """A person's phone, registered as soon as the switch knows of it."""
        person = people.add_person(self.ports, owner.id, "Анна")
        account, password = people.make_account(self.ports, owner.id, person.n)
        phone = Phone(self.switch.users_address, account.login, password, PHONES_HOST)
        self.opened.append(phone)
        wait_for(lambda: phone.register() == 200, "the switch knows the phone")
        return phone

    def fee_falls_due(self, owner: Subscriber) -> None:
        """Let the fees of all plans of an organisation be due today."""
        theirs = update(SubscriptionRow).where(SubscriptionRow.owner_id == owner.id)
        with self.ports.sessions.begin() as db:
            db.execute(theirs.values(next_due=self.ports.today()))

    def wait_for_plans(self, owner: Subscriber, state: SubscriptionState) -> None:
        """Wait until the worker brought all plans of an organisation into this state."""

        def states() -> set[SubscriptionState]:
            with self.ports.sessions.read() as db:
                return {each.state for each in subscription_rows.live(db, owner.id)}

        wait_for(lambda: states() == {state}, f"the plans are {state}")

    def pays(self, owner: Subscriber, money: str) -> None:
        """A terminal takes money, and its network tells K5."""
        network = Provider(f"{self.processes.environ['K5_PUBLIC_URL']}/hooks/qiwi/optima")
        try:
            assert network.insist(Payment(f"1{owner.id:08d}", owner.id, rub(money).minor)).result == "0"
        finally:
            network.close()

    def caller(self, number: str = "74951112233") -> Phone:
        """A phone of somebody outside."""
        phone = Phone(self.switch.sip_address, name=number)
        self.opened.append(phone)
        return phone

    def reaches(self, number: str) -> Phone:
        """A phone of somebody outside whose call of a number is answered."""
        phone = self.caller()
        assert phone.call(number) == 200
        return phone

    def calls(self, owner: Subscriber) -> list[CallOrder]:
        """An organisation's calls, the oldest first."""
        with self.ports.sessions.read() as db:
            ns = db.scalars(select(CallRow.n).where(CallRow.owner_id == owner.id).order_by(CallRow.n)).all()
            found = [call_rows.find(db, owner.id, n) for n in ns]
        return [call for call in found if call is not None]

    def settled(self, owner: Subscriber, how_many: int) -> list[CallOrder]:
        """The same when there are so many and each is over."""
        wait_for(lambda: len(self.calls(owner)) == how_many, "the calls are there")
        wait_for(lambda: all(call.state.is_over for call in self.calls(owner)), "the calls are settled")
        return self.calls(owner)

    def ahead(self, owner: Subscriber) -> list[str]:
        """The kinds of what is held ahead for an organisation and the switch may spend."""
        with self.ports.sessions.read() as db:
            live = select(HoldAheadRow.kind).where(HoldAheadRow.owner_id == owner.id, HoldAheadRow.done_at.is_(None))
            return sorted(db.scalars(live))

    def purse(self, owner: Subscriber) -> Money:
        """An organisation's balance."""
        with self.ports.sessions.read() as db:
            return ledger.purse(db, owner.id).balance

    def messages(self, owner: Subscriber) -> list[str]:
        """The kinds of an organisation's recorded files."""
        with self.ports.sessions.read() as db:
            return list(db.scalars(select(RecordingRow.kind).where(RecordingRow.owner_id == owner.id)))


def moscow(n: int) -> str:
    return f"7495000{n:04d}"


def free(n: int) -> str:
    return f"7800000{n:04d}"


def numbers_of(owner: Subscriber) -> tuple[str, str]:
    assert owner.phone
    n = int(owner.phone.digits[4:8])
    return moscow(n), free(n)


@pytest.fixture(scope="module")
def opened(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    real.require()
    var = tmp_path_factory.mktemp("exchange")
    shutil.copyfile(sqlite_template, var / "k5.db")
    with ExitStack() as stack:
        folder = stack.enter_context(real.folder())
        town = Town(folder)
        stack.callback(town.stop)
        town.start()
        (var / "partners.toml").write_text(PARTNERS)
        processes = Processes(f"sqlite:///{var / 'k5.db'}", var, 1, K5_CONNECTORS=str(var / "partners.toml"))
        url = processes.environ["K5_PUBLIC_URL"]
        switch = RealSwitch(folder, {"trunk-a": town.address, "trunk-b": town.address}, k5_url=url)
        stack.callback(switch.kill)
        switch.start()
        processes.environ.update(switch.environ)
        ports = open_ports(processes.settings)
        stack.callback(ports.sessions.dispose)
        publish(ports)
        publish(ports, PRICES, 2, name="clovertel")
        stack.enter_context(running(processes, ["worker"]))
        processes.start_web()
        yield Exchange(processes, ports, switch, town)


@pytest.fixture
def exchange(opened: Exchange) -> Iterator[Exchange]:
    yield opened
    for phone in opened.opened:
        if phone.state == "up":
            phone.bye()
        phone.close()
    opened.opened.clear()
    assert not verify(opened.ports)


def test_a_number_without_a_rule_rings_its_owner_who_pays_for_the_leg(exchange: Exchange) -> None:
    owner, caller = exchange.organisation("100.00"), exchange.caller()
    assert caller.call(numbers_of(owner)[0]) == 200
    caller.wait("over")  # the owner hangs up
    [call] = exchange.settled(owner, 1)
    assert (call.kind, call.cost) == (CallKind.FORWARD, rub("1.75"))
    assert call.quote.b_number == str(owner.phone and owner.phone.digits)
    assert exchange.purse(owner) == rub("98.25")


def test_without_money_nobody_is_dialled_and_the_caller_leaves_a_message(exchange: Exchange) -> None:
    """B9: forwarding stops; the call still reaches something of the owner's."""
    owner, caller = exchange.organisation("1.74"), exchange.caller()
    assert caller.call(numbers_of(owner)[0]) == 200
    spoken = exchange.processes.settings.switches[0].directory
    assert spoken
    wait_for(lambda: list((spoken / "spool" / "recording").glob(f"vm-{owner.id}-*")), "the beep was heard")
    caller.bye()
    wait_for(lambda: exchange.messages(owner) == ["voicemail"], "the message is known")
    assert exchange.calls(owner) == []
    assert exchange.purse(owner) == rub("1.74")
    assert exchange.town.rings()[str(owner.phone and owner.phone.digits)] == 0


def test_an_unpaid_plan_stops_forwarding_until_a_payment_and_ones_own_phones_ring_on(exchange: Exchange) -> None:
    """B9: nobody touches anything but the owner, who pays at a terminal."""
    owner = exchange.organisation("3.00")  # one talk; no day's share of the fee, as the last day of a month has it
    own, number = exchange.phone(owner), numbers_of(owner)[0]
    led_to = str(owner.phone and owner.phone.digits)
    own.on_invite = 486  # the usual rule goes on to the owner's own number
    exchange.reaches(number).wait("over")
    exchange.settled(owner, 1)
    exchange.fee_falls_due(owner)
    exchange.wait_for_plans(owner, SubscriptionState.SUSPENDED)
    own.on_invite = "answer"
    caller = exchange.reaches(number)
    own.wait("up")
    caller.bye()
    own.on_invite = 486
    exchange.reaches(number).bye()  # the voice mail
    assert (exchange.town.rings()[led_to], own.invites) == (1, 3)
    assert len(exchange.calls(owner)) == 1
    exchange.pays(owner, "5000.00")
    exchange.wait_for_plans(owner, SubscriptionState.ACTIVE)
    exchange.reaches(number).wait("over")
    assert {call.cost for call in exchange.settled(owner, 2)} == {rub("1.75")}
    assert exchange.town.rings()[led_to] == 2


def test_the_owner_of_an_8_800_pays_for_the_caller_by_the_origin(exchange: Exchange) -> None:
    """D4: from Moscow 2.00 a minute, and the owner's own leg beside it."""
    owner, caller = exchange.organisation("100.00"), exchange.caller("74951112233")
    assert caller.call(numbers_of(owner)[1]) == 200
    caller.wait("over")
    calls = {call.kind: call.cost for call in exchange.settled(owner, 2)}
    assert calls == {CallKind.INCOMING: rub("2.00"), CallKind.FORWARD: rub("1.75")}
    assert exchange.purse(owner) == rub("96.25")


def test_an_8_800_without_money_is_refused_before_any_answer(exchange: Exchange) -> None:
    owner, caller = exchange.organisation("1.99"), exchange.caller("74951112233")
    assert caller.call(numbers_of(owner)[1]) == 403
    assert exchange.calls(owner) == []


def test_while_k5_is_dead_what_was_held_ahead_brings_the_caller_through_and_is_charged_once(exchange: Exchange) -> None:
    owner, caller = exchange.organisation("100.00"), exchange.caller()
    wait_for(lambda: "forward" in exchange.ahead(owner), "money is held ahead")
    exchange.processes.kill("serve")
    try:
        assert caller.call(numbers_of(owner)[0]) == 200
        caller.wait("over")
        [call] = exchange.settled(owner, 1)
    finally:
        exchange.processes.start_web()
    assert (call.kind, call.cost) == (CallKind.FORWARD, rub("1.75"))
    assert exchange.purse(owner) == rub("98.25")
