"""What is no text, no address or through a proxy nobody counted is turned away in words, on every address (S5, S23)."""

import logging
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from k5web.config.settings import Settings
from k5web.config.table import PartnerTable
from k5web.domain.bank.invoice import Buyer
from k5web.domain.money import rub
from k5web.errors import CurrencyMismatch
from k5web.services.accounts import tokens
from k5web.services.bank import invoices
from k5web.services.calls import ordering, widgets
from k5web.services.calls.widgets import TypedWidget
from k5web.services.ports import Connectors
from k5web.storage.session import open_sessions
from k5web.web.door import FORWARDED
from tests.conftest import Clock
from tests.fakes.connector import PARTNER, FakeConnector
from tests.services.house import House
from tests.web.conftest import Browser, token_of

ROOT = Path(__file__).parents[2]
HALF = b"\xed\xa0\x80"  # a surrogate, written as if it were a character
HOSTILE = (b"a\0b", b"\0", HALF, b"\xff\xfe", b"9" * 40, b"-1", b"1e400", b"%s%n'\"<", b"a" * 5000, "١٢".encode(), b"")
VALUES = {
    "typed": "+78432123456", "seq": "1", "card_n": "1", "invoice": "1", "prefix": "7495", "name": "base.css",
    "digits": "74950000101", "sort": "plan", "n": "1", "invitation": "none", "secret": "wrong",
    "version": "1", "address": "fake/bank", "way": "fake-bank",
    "number": "1", "day": "2026-12-01", "act": "2026-11", "origin": "net:bank", "linked_id": "k5-1.1",
    "switch": "simulator", "file": "rec-1-k5-1.1.alaw", "digest": "0" * 32,
}  # fmt: skip
NO_TEXT = "В запросе есть знаки, каких в тексте не бывает."


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """The settings of the web tests, on both kinds of database."""
    return Settings.from_env({"K5_DATABASE_URL": database_url, "K5_SECRET_KEY": "s" * 40, "K5_VAR": str(tmp_path)})


@pytest.fixture
def k5(database_url: str, clock: Clock) -> Iterator[House]:
    """The house of the web tests on both kinds of database, with one of everything and a way to pay."""
    sessions = open_sessions(database_url, database_url)
    house = House(sessions, clock)
    house.ports = replace(
        house.ports, connectors=Connectors([FakeConnector(PartnerTable(PARTNER, ()).partner({"plain"}))])
    )
    house.top_up("50.00")
    house.order()
    invoices.make(house.ports, house.caller, rub("500.00"), Buyer("ООО «Анна»", "7708789018"), "form")
    widgets.make(house.ports, house.caller, TypedWidget("Лавка", "https://shop.example", "5,00", "20"))
    yield house
    sessions.dispose()


@pytest.fixture(autouse=True)
def _no_bug(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever came, nothing of ours broke."""
    yield
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR and record.exc_info]


def fields() -> list[str]:
    """Return the names of every field that a view reads."""
    text = "".join(path.read_text("utf-8") for path in (ROOT / "k5web" / "web").rglob("*.py"))
    found = re.findall(r'(?:form|args|values|fields)(?:\.get\(|\.getlist\(|\[)"(\w+)"', text)
    assert len(set(found)) > 20
    return sorted(set(found) - {"csrf_token"})


def addresses(app: Flask, house: House) -> Iterator[tuple[str, str, str, dict[str, str]]]:
    """Yield endpoint, method, rule and good values of every address but those that end the visit."""
    values = VALUES | {
        "call_id": f"{house.caller.id}-1",
        "reference": f"K5-{house.caller.id}-1",
        "code": widgets.of_owner(house.ports, house.caller.id)[0].code,
        "selector": "s" * 16,
        "token": "t" * 16,
    }
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            is_of_the_desk = rule.endpoint.startswith("desk.")  # it has its own: tests/web/desk/test_roles.py
            if rule.endpoint not in {"accounts.logout", "accounts.end_all"} and not is_of_the_desk:
                named = [name for name in rule.arguments if name not in (rule.defaults or {})]
                yield rule.endpoint, method, rule.rule, {name: values[name] for name in named}


def filled(rule: str, values: dict[str, str]) -> str:
    return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", lambda found: values[found[1]], rule)


def sent(phone: Browser, method: str, path: str, body: bytes = b"", **headers: str) -> TestResponse:
    kind = "application/x-www-form-urlencoded" if method == "POST" else None
    return phone.client.open(path, base_url=phone.site, method=method, data=body, content_type=kind, headers=headers)


# Every value is met by a third of the addresses, on the other database by another third
SHARES = pytest.mark.parametrize("shares", [3, pytest.param(1, marks=pytest.mark.full)])


def share(house: House, nth: int, shares: int) -> tuple[bytes, ...]:
    """Return which of the hostile values the nth address gets."""
    is_sqlite = house.ports.sessions.write.dialect.name == "sqlite"
    return HOSTILE[(nth + is_sqlite) % shares :: shares]


def form(token: str, value: bytes, names: list[str]) -> bytes:
    parts = [f"csrf_token={quote(token)}", *(f"{name}={quote(value)}" for name in names)]
    return "&".join(parts).encode()


@SHARES
def test_a_path_of_anything_gets_an_answer_everywhere(phone: Browser, app: Flask, k5: House, shares: int) -> None:
    """Each address with a share of the values, with all of them in `./test --full`."""
    token = token_of(phone.get("/me/profile"))
    tried = 0
    for n, (endpoint, method, rule, values) in enumerate(addresses(app, k5)):
        for name in values:
            for value in share(k5, n, shares):
                path = filled(rule, values | {name: quote(value, safe="")})
                answer = sent(phone, method, path, form(token, b"", []) if method == "POST" else b"")
                assert answer.status_code < 500, (endpoint, method, path)
                if b"\0" in value:
                    assert answer.status_code == 404, (endpoint, method, path)
                tried += 1
    assert tried > 600 // shares


@SHARES
def test_a_form_and_a_query_of_anything_get_an_answer_everywhere(
    phone: Browser, app: Flask, k5: House, shares: int
) -> None:
    """Each address with a share of the values, with all of them in `./test --full`."""
    names = fields()
    token = token_of(phone.get("/me/profile"))
    for n, (endpoint, method, rule, values) in enumerate(addresses(app, k5)):
        if endpoint == "hooks.notice":
            continue  # its connectors answer, in their own words
        for value in share(k5, n, shares):
            path = filled(rule, values)
            query = f"{path}?{form('', value, names).decode()}"
            answers = [sent(phone, method, query, form(token, b"", []) if method == "POST" else b"")]
            if method == "POST":
                answers.append(sent(phone, method, path, form(token, value, names)))
            for answer in answers:
                assert answer.status_code < 500, (endpoint, method, value, answer.text)
                if b"\0" in value:
                    assert answer.status_code == 400, (endpoint, method, value)
                    assert NO_TEXT in answer.text or endpoint == "switch.ask"  # a dialplan reads no words


def test_one_bad_field_is_enough(phone: Browser) -> None:
    token = token_of(phone.get("/me/profile"))
    paths = ("/me/access/release", "/me/invoices", "/pay/fake-bank", "/call", "/login", "/widget/aaaaaaaaaaaaaaaa")
    for name in ("access", "form_key", "number", "login", "csrf_token", "new\0name"):
        good = {} if name == "csrf_token" else {"csrf_token": token}
        for path in paths:
            answer = phone.client.post(path, data={**good, name: "a\0b"})
            assert answer.status_code == 400, (name, path)
            assert NO_TEXT in answer.text, (name, path)


def test_the_api_takes_no_half_characters_and_no_nul(phone: Browser, k5: House, app: Flask) -> None:
    secret = tokens.make_token(k5.ports, k5.caller.id, "CRM", may_call=True)
    for body in (
        b'{"number": "\\u0000"}', b'{"number": "\\ud800"}', b'{"\\u0000": "1"}', b'{"\\ud800": "1"}', b"\0", HALF,
        b'{"number": "+74951234567", "max_price": "\\u0000"}', b'{"number":' + b"[" * 20_000, b"[" * 60_000,
    ):  # fmt: skip
        for key in ("k1", "\0", "é", "k" * 5000):
            headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": key.replace("\0", "")}
            answer = app.test_client().post(
                "/api/v1/calls", data=body, content_type="application/json", headers=headers
            )
            assert answer.status_code == 400
            assert answer.get_json()["code"] in {"wrong_request", "wrong_number"}
    path = "/api/v1/calls/a%00b"
    assert app.test_client().get(path, headers={"Authorization": f"Bearer {secret}"}).status_code == 404
    answer = app.test_client().get("/api/v1/quote?number=%00", headers={"Authorization": f"Bearer {secret}"})
    assert (answer.status_code, answer.get_json()["code"]) == (400, "unreadable_text")


@pytest.mark.parametrize("name", ["k5d", "k5s", "k5l"])
def test_a_cookie_of_anything_gets_an_answer(app: Flask, name: str) -> None:
    client = app.test_client(use_cookies=False)
    for value in ('"\\000"', '"\\355\\240\\200"', "\xff\xfe", "a" * 4000, '"', "=;=", "."):
        for path in ("/", "/login", "/me", "/+78432123456", "/pay/fake-bank"):
            assert client.get(path, headers={"Cookie": f"{name}={value}"}).status_code < 500, (value, path)
            assert client.post(path, headers={"Cookie": f"{name}={value}"}).status_code < 500, (value, path)


HEADERS = (
    "User-Agent", "Accept-Language", "Referer", "Origin", "Accept-Encoding", "Content-Type", "Authorization", "Range",
    "If-None-Match", "If-Modified-Since", "Sec-Fetch-Site", "Purpose", "Accept", "X-Requested-With", "Idempotency-Key",
)  # fmt: skip


def test_a_header_of_anything_gets_an_answer(phone: Browser) -> None:
    for name in HEADERS:
        for value in ("\xff\xfe", "a" * 6000, "=;,=\"'", "\x01", "9" * 400, "//[::1", "http://[", "*;q=1e999"):
            for method, path in (("GET", "/me"), ("GET", "/+78432123456"), ("POST", "/login"), ("POST", "/call")):
                answer = phone.client.open(path, method=method, headers={name: value})
                assert answer.status_code < 500, (name, value, path)


# A refusal inside the page that is shown again


def test_an_old_form_of_what_is_not_there_is_refused_in_words(phone: Browser) -> None:
    for path in ("/c/1-1/end", "/c/x/end", "/pay/nosuch", "/me/invoices/9/cancel", "/me/cards/9/remove"):
        answer = phone.post(path, csrf_token="old")
        assert answer.status_code in {303, 400, 404, 409}, path
        assert "поломка" not in answer.text, path


def test_an_old_form_of_a_som_account_says_that_there_are_no_prices(
    phone: Browser, k5: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise CurrencyMismatch(left="RUB", right="KGS")

    monkeypatch.setattr(ordering, "offer", refuse)
    answer = phone.post("/call", csrf_token="old", number="+78432123456")
    assert answer.status_code == CurrencyMismatch.status
    assert "Для счёта в сомах цен на звонки пока нет." in answer.text


# Addresses


def test_an_address_that_is_none_is_refused_in_words(make_app: Callable[..., Flask]) -> None:
    client = make_app(trusted_proxies=1).test_client()
    for claimed in ("garbage", "1.2.3.4:5678", "1.2.3", "\xff", "a" * 500, "::1%", "unknown"):
        for path in ("/login", "/metrics", "/", "/static/x.css", "/nosuch", "/api/v1/account"):
            answer = client.get(path, headers={"X-Forwarded-For": claimed})
            assert answer.status_code == 400, (claimed, path)
            assert "знаки" in answer.text, (claimed, path)


def test_a_provider_of_no_address_is_a_stranger(make_app: Callable[..., Flask]) -> None:
    client = make_app(trusted_proxies=1).test_client()
    assert client.get("/hooks/fake/bank", headers={"X-Forwarded-For": "garbage"}).status_code == 403


# A proxy that nobody counted

SITE = "https://t.k5.example"


@pytest.mark.parametrize("header", FORWARDED)
def test_a_proxy_nobody_counted_is_refused_everywhere_and_told_to_the_operator_once(
    make_app: Callable[..., Flask], header: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Everybody would seem to be that proxy: a stranger a provider, a guesser the whole town."""
    client = make_app(public_url=SITE).test_client()
    for method, path in (
        ("GET", "/"),
        ("POST", "/login"),
        ("GET", "/hooks/fake/bank"),
        ("GET", "/nosuch"),
        ("POST", "/call"),
    ):
        answer = client.open(path, base_url=SITE, method=method, headers={header: "127.0.0.1"})
        assert answer.status_code == 403, path
    assert client.get("/", base_url=SITE).status_code == 200
    told = [record for record in caplog.records if "K5_TRUSTED_PROXIES=1" in record.getMessage()]
    assert [record.levelname for record in told] == ["ERROR"]


def test_a_person_behind_it_reads_why(make_app: Callable[..., Flask]) -> None:
    client = make_app(public_url=SITE).test_client()
    page = client.get("/", base_url=SITE, headers={"X-Forwarded-For": "203.0.113.9"})
    assert "Сайт ещё настраивают" in page.text
    program = client.get("/api/v1/account", base_url=SITE, headers={"X-Forwarded-For": "203.0.113.9"})
    assert (program.status_code, program.get_json()["code"]) == (403, "unknown_proxy")


def test_machines_that_watch_are_told_nothing_through_it(make_app: Callable[..., Flask]) -> None:
    client = make_app(public_url=SITE).test_client()
    assert client.get("/healthz", base_url="http://127.0.0.1:8000").status_code == 200
    forwarded = client.get("/healthz", base_url="http://127.0.0.1:8000", headers={"X-Forwarded-For": "127.0.0.1"})
    assert forwarded.status_code == 404


def test_a_house_tried_on_one_machine_takes_a_provider_through_no_proxy(make_app: Callable[..., Flask]) -> None:
    """A tunnel to ./run brings strangers from the loopback."""
    client = make_app().test_client()
    assert client.get("/hooks/fake/bank", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 403
    assert client.get("/", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 200


def test_a_counted_proxy_is_believed(make_app: Callable[..., Flask]) -> None:
    client = make_app(public_url=SITE, trusted_proxies=1).test_client()
    assert client.get("/", base_url=SITE, headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 200


# Random changes


def test_a_thousand_random_forms_break_nothing(phone: Browser, app: Flask, k5: House) -> None:
    """E: whatever is sent, a person reads words. The seed is fixed: a failure comes again."""
    chance = random.Random(9)
    names, found = fields(), list(addresses(app, k5))
    posts = [
        post for post in found if post[1] == "POST" and post[0] != "hooks.notice"
    ]  # connectors have tests of theirs
    token = token_of(phone.get("/me/profile"))
    for _ in range(1000):
        endpoint, method, rule, values = chance.choice(posts)
        body = bytearray(form(token, chance.choice(HOSTILE), chance.sample(names, 6)))
        for _ in range(chance.randrange(8)):
            body[chance.randrange(len(body))] = chance.randrange(256)
        answer = sent(phone, method, filled(rule, values), bytes(body))
        assert answer.status_code < 500, (endpoint, bytes(body))


def test_an_answer_names_its_request_as_the_log_does(make_app: Callable[..., Flask]) -> None:
    """A name is believed from a proxy that is counted, and from nobody else."""
    given = {"X-Request-Id": "from-the-proxy-1"}
    counted, alone = (make_app(trusted_proxies=n).test_client().get("/", headers=given) for n in (1, 0))
    assert counted.headers["X-Request-Id"] == "from-the-proxy-1"
    assert re.fullmatch(r"[0-9a-f]{16}", alone.headers["X-Request-Id"])


@pytest.mark.parametrize(
    ("path", "proxies", "waited_s", "status"),
    [
        ("/login", 1, 29, 400),  # a form without its token, read as ever
        ("/login", 1, 31, 503),
        ("/call", 1, 31, 503),
        ("/login", 0, 31, 400),  # nobody may say when a request was taken but a proxy that is counted
        ("/hooks/fake/bank", 1, 31, 403),  # a stranger's; a provider's own comes again and is booked once
    ],
)
def test_a_deed_that_lay_longer_than_anybody_waits_is_not_done(
    make_app: Callable[..., Flask], clock: Clock, path: str, proxies: int, waited_s: int, status: int
) -> None:
    """A socket holds requests while K5 cannot start; their senders were told by nginx that it failed."""
    taken = f"{clock().timestamp() - waited_s:.3f}"
    answer = make_app(trusted_proxies=proxies).test_client().post(path, headers={"X-Request-Start": taken})
    assert answer.status_code == status


def test_a_moment_that_is_none_turns_nobody_away(make_app: Callable[..., Flask]) -> None:
    client = make_app(trusted_proxies=1).test_client()
    for taken in ("", "soon", "nan", "-1e400", "9" * 400):
        assert client.post("/login", headers={"X-Request-Start": taken}).status_code == 400, taken
