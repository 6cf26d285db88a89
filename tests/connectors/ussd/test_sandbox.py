"""The simulated phone dials USSD codes over the real hook and shows the answer; it works without scripts."""

import re

import pytest
from werkzeug.test import Client, TestResponse

from app import create_app
from connectors.ussd import sandbox
from k5web.config.settings import Settings
from k5web.domain.money import rub
from k5web.domain.payments.sandbox import SandboxOptions
from k5web.errors import ProviderRefused
from k5web.outgoing.request import Answer, Remote
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.services.house import OWN, House
from tests.services.prices.test_subscriptions import fresh

SECRET = "s" * 32
K5_URL, PEOPLE = "http://127.0.0.1:8000", "http://192.168.1.5:8000"
CODES = [("*100#", "баланс"), ("*800*2#", "тариф «Экономный»")]


@pytest.fixture
def k5(sqlite_sessions: Sessions, clock: Clock) -> House:
    return House(sqlite_sessions, clock)


@pytest.fixture
def phone(k5: House, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A phone whose gateway reaches K5's own pages."""
    environ = {"K5_SECRET_KEY": "0123456789abcdef" * 2, "K5_USSD_SECRET": SECRET}
    hook = create_app(Settings.from_env(environ), k5.ports).test_client()

    def asked(remote: Remote, method: str, url: str, reference: str = "", **content: dict[str, str]) -> Answer:
        answer = hook.open(url.removeprefix(K5_URL), method=method, data=content["data"])
        return Answer(answer.status_code, answer.data)

    monkeypatch.setattr(Remote, "request", asked)
    return new(k5, SECRET)


def new(k5: House, secret: str) -> Client:
    options = SandboxOptions("http://192.168.1.5:8090/ussd", K5_URL, "", k5.clock, PEOPLE)
    return Client(sandbox.create(secret, [OWN, "+996555123456"], CODES, options))


def form(page: TestResponse) -> dict[str, str]:
    return dict(re.findall(r'name="(session|msisdn|text)"[^>]*? value="([^"]*)"', page.text))


def dial(phone: Client, text: str, **typed: str) -> TestResponse:
    """Type a code into the form and press its button."""
    return phone.post("/", data=form(phone.get("/")) | {"text": text} | typed)


def screen(page: TestResponse) -> str:
    found = re.search(r'<p role="(?:status|alert)">(.*?)</p>', page.text, re.DOTALL)
    return found[1].replace("\N{NO-BREAK SPACE}", " ") if found else ""


def test_a_code_is_dialled_and_answered(phone: Client, k5: House) -> None:
    k5.top_up("50.00")
    page = dial(phone, "*100#")
    assert (page.status_code, screen(page)) == (200, "На счёте 50,00 ₽.")
    assert f"{OWN} набрал *100#" in page.text


def test_the_first_phone_is_filled_in_and_any_other_may_be_typed(phone: Client, k5: House) -> None:
    assert form(phone.get("/"))["msisdn"] == OWN
    assert screen(dial(phone, "*100#", msisdn="+79160000000")) == "Этот номер не подключён."
    assert screen(dial(phone, "*100#", msisdn="anything <b>")) == "Этот номер не подключён."


def test_the_same_form_sent_again_orders_once_and_a_new_one_anew(phone: Client, k5: House) -> None:
    k5.top_up("300.00")
    dial(phone, "*800*2#")
    again = form(phone.get("/")) | {"text": "*509*30#"}
    for _ in range(2):
        phone.post("/", data=again)
    assert fresh(k5).plan_code == "economny"
    assert k5.balance() == rub("255.00")
    assert form(phone.get("/"))["session"] != again["session"]


def test_another_secret_than_the_pages_have_is_said_in_words(phone: Client, k5: House) -> None:
    page = dial(new(k5, "x" * 32), "*100#")
    assert (page.status_code, screen(page)) == (502, sandbox.NO_HOOK)


def test_a_network_that_is_down_is_said_in_words(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*args: object, **content: object) -> Answer:
        raise ProviderRefused(reason="no connection")

    monkeypatch.setattr(Remote, "request", down)
    page = dial(new(k5, SECRET), "*100#")
    assert page.status_code == 502
    assert "Сеть не ответила" in screen(page)
    assert SECRET not in page.text


def test_trouble_of_k5_is_no_answer(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Remote, "request", lambda *args, **content: Answer(503, b"<html>"))
    assert screen(dial(new(k5, SECRET), "*100#")) == "K5 ответил 503: попробуйте ещё раз"


def test_what_is_typed_and_answered_is_text_and_no_markup(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Remote, "request", lambda *args, **content: Answer(200, b"<b>x</b>"))
    page = dial(new(k5, SECRET), "<i>")
    assert screen(page) == "&lt;b&gt;x&lt;/b&gt;"
    assert "<i>" not in page.text


def test_the_codes_are_listed_and_nothing_needs_a_script(phone: Client) -> None:
    page = phone.get("/").text
    assert "<b>*800*2#</b> тариф «Экономный»" in page
    assert "<script" not in page
    assert f'href="{PEOPLE}/"' in page
