"""The simulated phone writes SMS over the real hook and shows what came; it works without scripts."""

import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from werkzeug.test import Client, TestResponse

from app import create_app
from connectors.sms import sandbox
from k5web.config.settings import Settings
from k5web.domain.messaging.service_numbers import NUMBERS
from k5web.domain.payments.sandbox import SandboxOptions
from k5web.errors import ProviderRefused
from k5web.messaging import simulator
from k5web.outgoing.request import Answer, Remote
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.services.house import OWN, House

SECRET = "s" * 32
K5_URL = "http://127.0.0.1:8000"
STRANGER = "8 916 000-11-22"


@pytest.fixture
def k5(sqlite_sessions: Sessions, clock: Clock) -> House:
    return House(sqlite_sessions, clock)


@pytest.fixture
def phone(k5: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Client:
    """A phone whose operator reaches K5's own pages."""
    environ = {"K5_SECRET_KEY": "0123456789abcdef" * 2, "K5_SMS_SECRET": SECRET}
    hook = create_app(Settings.from_env(environ), k5.ports).test_client()

    def asked(remote: Remote, method: str, url: str, reference: str = "", **content: dict[str, str]) -> Answer:
        answer = hook.open(f"{url.removeprefix(K5_URL)}?{urlencode(content['params'])}", method=method)
        return Answer(answer.status_code, answer.data)

    monkeypatch.setattr(Remote, "request", asked)
    return new(k5, tmp_path, SECRET)


def new(k5: House, folder: Path, secret: str) -> Client:
    options = SandboxOptions("http://127.0.0.1:8090/sms", K5_URL, "", k5.clock, K5_URL)
    phones = sandbox.Phones(
        lambda phone: simulator.shown(folder, phone),
        lambda phone, text: simulator.deliver(folder, phone, text, k5.clock()),
    )
    return Client(sandbox.create(secret, NUMBERS, [OWN], phones, options))


def write(phone: Client, text: str, sender: str = STRANGER, to: str = "4443", key: str = "") -> TestResponse:
    page = phone.get("/").text
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found is not None
    typed = {"key": key or found[1], "from": sender, "to": to, "text": text}
    return phone.post("/", data=typed, follow_redirects=True)


def inbox(page: TestResponse) -> list[str]:
    return re.findall(r"<li><p>(.*?)</p>", page.text)


def test_a_password_comes_to_the_phone_that_asked(phone: Client) -> None:
    """A6."""
    (said,) = inbox(write(phone, "reg"))
    assert said.startswith("K5: вы участник. Пароль ")
    assert inbox(phone.get("/?" + urlencode({"from": OWN}))) == []


def test_the_same_form_again_is_the_same_message(phone: Client) -> None:
    first, again = (inbox(write(phone, "reg", key="one")) for _ in range(2))
    assert again == first * 2


def test_nothing_comes_back_from_the_long_number(phone: Client) -> None:
    """A7."""
    assert inbox(write(phone, "korova tuman most", to="+79037976171")) == []


def test_what_k5_sends_lies_in_the_inbox_by_the_clock_of_moscow(phone: Client, k5: House, tmp_path: Path) -> None:
    simulator.deliver(tmp_path, OWN.removeprefix("+"), "K5: <b>", k5.clock())
    page = phone.get("/")
    assert inbox(page) == ["K5: &lt;b&gt;"]
    assert "<small>01.12 12:00:00, частей: 1</small>" in page.text


def test_a_report_that_k5_could_not_hear_is_made_at_the_next_look(
    phone: Client, k5: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulator.deliver(tmp_path, OWN.removeprefix("+"), "a", k5.clock(), "ref1")
    reports: list[dict[str, str]] = []
    answers = iter([Answer(503, b""), Answer(200, b"")])

    def asked(remote: Remote, method: str, url: str, reference: str = "", **content: dict[str, str]) -> Answer:
        reports.append(content["params"])
        if len(reports) == 1:
            raise ProviderRefused(reason="no connection")
        return next(answers)

    monkeypatch.setattr(Remote, "request", asked)
    for _ in range(5):
        assert inbox(phone.get("/")) == ["a"]
    assert reports == [{"ref": "ref1", "status": "1"}] * 3


def test_trouble_is_said_in_words(k5: House, phone: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert write(phone, "reg", sender="мама").status_code == 400
    lost = write(new(k5, tmp_path, "x" * 32), "reg")
    assert (lost.status_code, "K5_SMS_SECRET" in lost.text) == (502, True)

    def fail(*args: object, **named: object) -> Answer:
        raise ProviderRefused(reason="no connection")

    monkeypatch.setattr(Remote, "request", fail)
    assert write(phone, "reg").status_code == 502
