"""K5 behind the simulated SMS centre and its phones: A6, A7, A9, R24."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest
from werkzeug.test import Client

from app import create_app
from connectors.sms import sandbox
from k5web.config.settings import Settings
from k5web.domain.messaging.message import Messenger
from k5web.domain.messaging.quiet_hours import QuietHours
from k5web.domain.messaging.service_numbers import NUMBERS
from k5web.domain.messaging.sms_limits import SmsTerms
from k5web.domain.money import rub
from k5web.domain.payments.sandbox import SandboxOptions
from k5web.messaging import simulator
from k5web.messaging.simulator import SimulatedMessenger
from k5web.outgoing.request import Answer, Remote
from k5web.services.messaging import delivery
from k5web.services.ports import Ports
from k5web.storage.session import Sessions
from k5web.web.messaging import speech
from tests.conftest import Clock
from tests.messaging.contract import SHORT, MessengerContract
from tests.services.house import House

SECRET = "s" * 32
K5_URL = "http://127.0.0.1:8000"
MOST_SECONDS = 600  # of the given clock


@dataclass
class SimulatedTown:
    """K5 in this process; its worker looks when the test waits."""

    ports: Ports
    clock: Clock
    folder: Path
    phones: Client
    written: int = 0

    @property
    def centre(self) -> Messenger:
        assert self.ports.messenger is not None
        return self.ports.messenger

    def write(self, phone: str, to: str, text: str) -> None:
        self.written += 1
        self._send(phone, to, text, f"form {self.written}")

    def write_in_parts(self, phone: str, to: str, parts: list[str]) -> None:
        self.write(phone, to, "".join(parts))

    def repeat(self, phone: str, text: str) -> tuple[str, str]:
        for _ in range(2):
            self._send(phone, SHORT, text, "one form")
        first, again = self.texts(phone)
        return first, again

    def texts(self, phone: str) -> list[str]:
        page = self.phones.get("/?" + urlencode({"from": phone})).text
        return [unescape(text) for text in re.findall(r"<li><p>(.*?)</p>", page)][::-1]

    def wait(self, condition: Callable[[], object], what: str) -> None:
        for _ in range(MOST_SECONDS):
            delivery.deliver_due(self.ports)
            if condition():
                return
            self.clock.forward(seconds=1)
        raise AssertionError(what)

    def stop(self) -> None:
        """Put a file in the place of the folder: nothing can be written."""
        self.folder.write_text("down")

    def start(self) -> None:
        self.folder.unlink()

    def _send(self, phone: str, to: str, text: str, key: str) -> None:
        receiver = to if to == SHORT else f"+{to}"
        sent = self.phones.post("/", data={"key": key, "from": phone, "to": receiver, "text": text})
        assert sent.status_code == 303, sent.text


@pytest.fixture
def town(sqlite_sessions: Sessions, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimulatedTown:
    folder = tmp_path / "sms"
    ports = replace(
        House(sqlite_sessions, clock).ports,
        messenger=SimulatedMessenger(folder, clock),
        say=speech.say,
        sms=SmsTerms(day=rub("100000.00")),
        quiet=QuietHours(0, 0),
    )
    hook = create_app(Settings.from_env({"K5_SECRET_KEY": "0123456789abcdef" * 2, "K5_SMS_SECRET": SECRET}), ports)

    def asked(remote: Remote, method: str, url: str, reference: str = "", **content: dict[str, str]) -> Answer:
        path = f"{url.removeprefix(K5_URL)}?{urlencode(content['params'])}"
        answer = hook.test_client().open(path, method=method)
        return Answer(answer.status_code, answer.data)

    monkeypatch.setattr(Remote, "request", asked)
    inbox = sandbox.Phones(
        lambda phone: simulator.shown(folder, phone),
        lambda phone, text: simulator.deliver(folder, phone, text, clock()),
    )
    options = SandboxOptions("http://127.0.0.1:8090/sms", K5_URL, "", clock, K5_URL)
    return SimulatedTown(ports, clock, folder, Client(sandbox.create(SECRET, NUMBERS, [], inbox, options)))


class TestSimulatedCentre(MessengerContract):
    """The contract of every SMS centre."""
