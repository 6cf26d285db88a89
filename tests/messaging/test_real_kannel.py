"""K5 behind a real Kannel, whose operator the test plays: A6, A7, A9, R24."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from sqlalchemy import func, select

from app import open_ports
from k5web.domain.messaging.message import Sms
from k5web.domain.prices.number import Msisdn
from k5web.messaging.kannel import KannelMessenger
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.messaging import sending
from k5web.services.ports import Ports
from k5web.storage import schema
from k5web.storage.tables import InboundSmsRow, OutboxRow, ReferralRow, SubscriberRow
from tests.messaging import kannel as real
from tests.messaging.kannel import Kannel, Operator
from tests.processes import Processes, running, wait_for

pytestmark = [pytest.mark.kannel, pytest.mark.xdist_group("kannel")]

SPONSOR = "79161234567"
LONG = "79037976171"


@dataclass
class Town:
    """K5, its gateway and the phones."""

    k5: Processes
    ports: Ports
    kannel: Kannel
    operator: Operator

    def ask(self, phone: str, text: str, to: str = "4443") -> str:
        """Write and wait for the answer."""
        before = len(self.operator.texts(phone))
        self.operator.write(phone, to, text)
        wait_for(lambda: len(self.operator.texts(phone)) > before, f"an answer to {phone}")
        return self.operator.texts(phone)[-1]

    def members(self) -> int:
        with self.ports.sessions.read() as db:
            return db.scalar(select(func.count()).select_from(SubscriberRow)) or 0

    def inbound(self) -> int:
        with self.ports.sessions.read() as db:
            return db.scalar(select(func.count()).select_from(InboundSmsRow)) or 0


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    real.require()
    with _town(tmp_path_factory.mktemp("kannel")) as found:
        yield found


@contextmanager
def _town(var: Path) -> Iterator[Town]:
    url = f"sqlite:///{var / 'k5.db'}"
    schema.upgrade(url)
    k5 = Processes(url, var, K5_SMS_DAY="100000.00", K5_QUIET_HOURS="0-0")
    with real.running(var / "kannel", k5.environ["K5_PUBLIC_URL"]) as (kannel, operator), running(k5):
        k5.environ |= kannel.environ
        k5.start_web()
        k5.start("worker")
        ports = open_ports(k5.settings)
        add_subscriber(ports, Msisdn(SPONSOR), "correct horse", "Анна")
        try:
            yield Town(k5, ports, kannel, operator)
        finally:
            ports.sessions.dispose()


def test_the_short_number_answers_with_a_password_in_cyrillic(town: Town) -> None:
    """A6. Without the wide alphabet the phone would show question marks."""
    said = town.ask("79160000001", "reg")
    assert said.startswith("K5: вы участник. Пароль ")
    assert town.operator.arrived[-1].coding == "ucs-2"
    assert said.split()[4].rstrip(",") not in town.kannel.logs() + town.k5.logged("serve") + town.k5.logged("worker")


def test_the_long_number_registers_without_an_answer_and_with_a_sponsor(town: Town) -> None:
    """A7, A9."""
    before = town.members()
    town.operator.write("79160000002", LONG, "8 916 123-45-67 туман-над-мостом-корова")
    wait_for(lambda: town.members() == before + 1, "the member")
    with town.ports.sessions.read() as db:
        member = select(SubscriberRow.id).where(SubscriberRow.phone == "79160000002").scalar_subquery()
        found = db.scalars(select(ReferralRow).where(ReferralRow.owner_id == member)).one()
        assert found.sponsor_id == db.scalar(select(SubscriberRow.id).where(SubscriberRow.phone == SPONSOR))
    assert town.ask("79160000002", "баланс") == "На счёте 0,00 ₽."
    assert len(town.operator.texts("79160000002")) == 1


@pytest.mark.parametrize(
    ("phone", "text"),
    [
        ("79160000011", ""),
        ("79160000012", "😀😀😀"),
        ("79160000013", "длинно " * 28),
        ("79160000014", "8(916)1234567 рег"),
    ],
    ids=["empty", "emoji", "three parts", "sponsor"],
)
def test_any_text_to_the_short_number_registers(town: Town, phone: str, text: str) -> None:
    assert town.ask(phone, text).startswith("K5: вы участник.")


def test_while_k5_is_away_a_message_waits_and_registers_once(town: Town) -> None:
    """The gateway hands it over again under the same name."""
    before = town.members()
    town.k5.kill("serve")
    town.operator.write("79160000021", "4443", "reg")
    town.k5.start_web()
    wait_for(lambda: town.operator.texts("79160000021"), "the answer")
    assert town.members() == before + 1
    assert len(town.operator.texts("79160000021")) == 1


def test_the_same_name_again_gets_the_same_text(town: Town) -> None:
    address = f"{town.k5.environ['K5_PUBLIC_URL']}/hooks/sms/{real.SECRET}"
    asked = {"from": "79160000031", "to": "4443", "text": "reg", "smsc": "fake", "id": "one"}
    first, again = (requests.get(address, params=asked, timeout=60).text for _ in range(2))
    assert first.startswith("K5: вы участник.")
    assert again == first


def queue(town: Town, n: int) -> None:
    with town.ports.sessions.begin() as db:
        facts = {"balance_minor": 500, "currency": "RUB"}
        sending.queue_to(db, Msisdn("79160000099"), "low_balance", facts, f"low_balance {n}", town.ports.clock())


def state(town: Town, n: int) -> str | None:
    with town.ports.sessions.read() as db:
        return db.scalar(select(OutboxRow.state).where(OutboxRow.id == f"low_balance {n}"))


def test_a_report_says_that_a_notice_was_delivered(town: Town) -> None:
    queue(town, 1)
    wait_for(lambda: state(town, 1) == "delivered", "the report")
    assert town.operator.texts("79160000099") == ["K5: на счёте осталось 5,00 ₽. Пополните его."]


def test_while_the_gateway_is_down_messages_wait_and_each_comes_once(town: Town) -> None:
    """R24."""
    came = len(town.operator.texts("79160000099"))
    town.kannel.stop()
    for n in range(2, 7):
        queue(town, n)
    wait_for(lambda: "request failed" in town.k5.logged("worker"), "a try in vain")
    town.kannel.start()
    town.operator.connect()
    wait_for(lambda: all(state(town, n) == "delivered" for n in range(2, 7)), "all are delivered")
    assert len(town.operator.texts("79160000099")) == came + 5


def test_while_the_operator_is_away_the_gateway_keeps_what_it_took(town: Town) -> None:
    came = len(town.operator.texts("79160000099"))
    town.operator.leave()
    queue(town, 8)
    wait_for(lambda: state(town, 8) == "accepted", "the gateway takes it")
    town.operator.connect()
    wait_for(lambda: len(town.operator.texts("79160000099")) == came + 1, "it came")


@pytest.mark.parametrize(
    ("phones", "each"), [(20, 4), pytest.param(500, 4, marks=pytest.mark.full)], ids=["80", "2000"]
)
def test_a_rush_of_messages_is_answered_one_by_one(town: Town, phones: int, each: int) -> None:
    """2 000 messages from 500 numbers by ./test --full."""
    members, numbers = town.members(), [f"79163{phones:03d}{n:03d}" for n in range(phones)]
    for n in range(each):
        for phone in numbers:
            town.operator.write(phone, "4443", f"reg {n}")
    wait_for(lambda: all(len(town.operator.texts(phone)) == each for phone in numbers), "all answers", 600)
    assert town.members() == members + phones
    assert all(sum("Пароль" in text for text in town.operator.texts(phone)) == 1 for phone in numbers)


def test_the_same_contract_as_the_simulated_centre(town: Town) -> None:
    """What K5 hands over arrives whole, in either alphabet, of one part or of three."""
    settings = town.k5.settings.messages
    assert settings.kannel is not None
    centre = KannelMessenger(settings.kannel, settings.secret, settings.numbers.short)
    for n, text in enumerate(["Balance 5.00", "Код 123456", "я" * 200]):
        assert centre.send(Sms(f"ref{n}", Msisdn(f"7916000008{n}"), text)) == "accepted"
        wait_for(lambda n=n, text=text: "".join(town.operator.texts(f"7916000008{n}")) == text, text[:10])  # type: ignore[misc]
