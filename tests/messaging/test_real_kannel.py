"""K5 behind a real Kannel, whose operator the test plays: A6, A7, A9, R24."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from app import open_messenger, open_ports
from k5web.domain.messaging.message import Messenger
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.ports import Ports
from k5web.storage import schema
from tests.messaging import kannel as real
from tests.messaging.contract import SHORT, SPONSOR, TOLD, MessengerContract, ask, members, outbox, password_in, queue
from tests.messaging.kannel import Kannel, Operator
from tests.processes import Processes, foreign_environ, running, wait_for

pytestmark = [pytest.mark.kannel, pytest.mark.xdist_group("kannel")]

PATIENCE_S = 900  # only ends a test that hangs


@dataclass
class RealTown:
    """K5, its gateway and the phones."""

    k5: Processes
    ports: Ports
    kannel: Kannel
    operator: Operator

    @property
    def centre(self) -> Messenger:
        """The gateway as K5's own door to it."""
        return open_messenger(self.k5.settings)

    def write(self, phone: str, to: str, text: str) -> None:
        self.operator.write(phone, to, text)

    def write_in_parts(self, phone: str, to: str, parts: list[str]) -> None:
        self.operator.write_in_parts(phone, to, parts)

    def repeat(self, phone: str, text: str) -> tuple[str, str]:
        """Ask K5 as Kannel does: what K5 answered in vain is handed over under the same name."""
        address = f"{self.k5.environ['K5_PUBLIC_URL']}/hooks/sms/{real.SECRET}"
        asked = {"from": phone, "to": SHORT, "text": text, "smsc": "fake", "id": "one"}
        first, again = (requests.get(address, params=asked, timeout=60).text for _ in range(2))
        return first, again

    def texts(self, phone: str) -> list[str]:
        return self.operator.texts(phone)

    def wait(self, condition: Callable[[], object], what: str) -> None:
        wait_for(condition, what, PATIENCE_S)

    def stop(self) -> None:
        self.kannel.stop()

    def start(self) -> None:
        self.kannel.start()
        self.operator.connect()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealTown]:
    real.require()
    with _town(tmp_path_factory.mktemp("kannel")) as found:
        yield found


@contextmanager
def _town(var: Path) -> Iterator[RealTown]:
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
            yield RealTown(k5, ports, kannel, operator)
        finally:
            ports.sessions.dispose()


class TestKannel(MessengerContract):
    """The contract of every SMS centre. The whole rush is written as fast as the operator's line takes it."""


def test_cyrillic_goes_in_the_wide_alphabet_and_no_log_holds_a_password(town: RealTown) -> None:
    """A6. Without UCS-2 the phone would show question marks."""
    said = ask(town, "79160000101", "рег")
    assert [one.coding for one in town.operator.arrived["79160000101"]] == ["ucs-2"]
    assert password_in(said) not in town.kannel.logs() + town.k5.logged("serve") + town.k5.logged("worker")


def test_while_k5_is_away_a_message_waits_and_registers_once(town: RealTown) -> None:
    """The gateway hands it over again under the same name."""
    before = members(town)
    town.k5.kill("serve")
    town.operator.write("79160000121", SHORT, "reg")
    town.k5.start_web()
    wait_for(lambda: town.operator.texts("79160000121"), "the answer")
    assert members(town) == before + 1
    assert len(town.operator.texts("79160000121")) == 1


def test_while_the_operator_is_away_the_gateway_keeps_what_it_took(town: RealTown) -> None:
    town.operator.leave()
    queue(town, "79160000199", "kept")
    wait_for(lambda: outbox(town, "kept") == "accepted", "the gateway takes it")
    town.operator.connect()
    wait_for(lambda: town.operator.texts("79160000199") == [TOLD], "it came")


def test_the_operator_that_comes_with_kannel_is_answered_too(town: RealTown) -> None:
    """Its protocol is the one that the tests' own operator speaks."""
    before = members(town)
    town.operator.leave()
    said = ["-H", "127.0.0.1", "-r", str(town.kannel.ports["smsc"]), "-m", "1", f"79160000151 {SHORT} text reg"]
    command = [*real.DIES_WITH_US, str(real.FAKESMSC), *said]
    with (town.kannel.folder / "fakesmsc").open("wb") as out:
        fake = subprocess.Popen(command, env=foreign_environ(), stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    try:
        printed = town.kannel.folder / "fakesmsc"
        wait_for(lambda: b"<4443 79160000151 ucs-2 " in printed.read_bytes(), "the answer comes to it")
    finally:
        fake.terminate()
        fake.wait()
        town.operator.connect()
    assert members(town) == before + 1
