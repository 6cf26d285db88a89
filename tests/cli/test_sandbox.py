"""`k5 sandbox`: the simulated providers on one port, their partners' file, and the door foreign pages find shut."""

import os
import tomllib
from collections.abc import Iterable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
import requests
from werkzeug.test import Client

import connectors
from app import CARD_TRIES_OF_DEMO, demo_partners, open_ports, simulate_providers, simulated_providers
from k5web.cli.sandbox import guarded, own_address, reached_at, with_own_partners
from k5web.config.settings import Settings
from k5web.errors import WrongSetting
from k5web.services.ports import CardTries
from tests.fakes.payee import ROMASHKA
from tests.processes import Processes, free_port, running, wait_for

SECRET = "0123456789abcdef" * 2
URL = "http://127.0.0.1:8090"
ROOM = "http://192.168.1.5:8090"


def settings(var: Path, monkeypatch: pytest.MonkeyPatch, **more: str) -> Settings:
    own = {"K5_SECRET_KEY": SECRET, "K5_VAR": str(var), "K5_CONNECTORS": "", "K5_USSD_SECRET": ""}
    for name, value in (own | more).items():
        monkeypatch.setenv(name, value)
    return Settings.from_env({"K5_SECRET_KEY": SECRET, "K5_VAR": str(var)} | more)


def test_the_file_of_their_partners_is_one_that_k5_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = with_own_partners(settings(tmp_path, monkeypatch), URL)
    path = tmp_path / "connectors.toml"
    assert path.stat().st_mode & 0o777 == 0o600
    assert own_address(house) == URL
    assert {table.connector for table in house.partners} == set(simulated_providers()) == set(connectors.SANDBOXES)
    ports = open_ports(house)
    try:
        assert ports.connectors.at("qiwi/terminal")
    finally:
        ports.sessions.dispose()


def test_it_is_kept_while_the_address_stays_and_its_secrets_are_random(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, path = settings(tmp_path, monkeypatch), tmp_path / "connectors.toml"
    with_own_partners(house, URL)
    first = path.read_text()
    with_own_partners(house, URL)
    assert path.read_text() == first
    path.write_text(mine := first + "# added by hand\n")
    moved = with_own_partners(house, "http://127.0.0.1:9090")
    assert (tmp_path / "connectors.old.toml").read_text() == mine
    assert own_address(moved) == "http://127.0.0.1:9090"
    assert ":8090" not in path.read_text()
    assert tomllib.loads(first)["qiwi"][0]["secrets"] != tomllib.loads(path.read_text())["qiwi"][0]["secrets"]


def test_the_simulated_phone_has_a_secret_of_this_machine_and_leaves_a_given_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both sides may be started apart: the same secret key makes the same secret."""
    made = [with_own_partners(settings(tmp_path / name, monkeypatch), URL).ussd_secret for name in ("one", "two")]
    assert made[0] == made[1] == os.environ["K5_USSD_SECRET"]
    assert len(made[0]) == 64
    monkeypatch.setenv("K5_USSD_SECRET", "g" * 32)
    own = Settings.from_env({"K5_SECRET_KEY": SECRET, "K5_VAR": str(tmp_path / "one"), "K5_USSD_SECRET": "g" * 32})
    assert with_own_partners(own, URL).ussd_secret == "g" * 32


def test_a_phone_for_ussd_codes_is_there_only_while_k5_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = with_own_partners(settings(tmp_path, monkeypatch), URL)
    page = Client(simulate_providers(house, URL, URL)["ussd"]).get("/").text
    assert "<b>*509*30#</b> подключить «SMS пакет 30»" in page
    assert "<b>*800*2#</b> тариф «Экономный»" in page
    public = replace(house, public_url="https://k5.example")
    for other in (replace(house, ussd_secret=""), replace(house, partners=()), public):
        assert "ussd" not in simulate_providers(other, URL, URL)


def test_the_operators_own_file_is_no_call_to_simulate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[[qiwi]]\ncode = "bank"\nprotocol = "osmp"\n')
    assert own_address(settings(tmp_path, monkeypatch, K5_CONNECTORS=str(own))) is None
    assert own_address(settings(tmp_path, monkeypatch)) is None


def test_every_table_survives_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = demo_partners(URL, lambda: 'a "secret"\\ ключ')
    monkeypatch.setattr("app.demo_partners", lambda url, secret: given)
    house = with_own_partners(settings(tmp_path, monkeypatch), URL)
    assert [table.values for table in house.partners] == [table for tables in given.values() for table in tables]


@pytest.mark.parametrize(
    ("public_url", "found_at"),
    [
        ("http://127.0.0.1:8000", URL),
        ("http://localhost:8000", URL),
        ("http://192.168.1.5:8000", "http://192.168.1.5:8090"),
        ("http://10.0.0.7", "http://10.0.0.7:8090"),
        ("http://172.20.10.2:8000", "http://172.20.10.2:8090"),  # a phone that shares its line
        ("http://[fd00::5]:8000", "http://[fd00::5]:8090"),
        ("http://100.64.0.3:8000", ""),  # a carrier's, with strangers in it
        ("http://169.254.7.7:8000", ""),
        ("http://192.0.2.2:8000", ""),
        ("http://240.0.0.1:8000", ""),
        ("https://192.168.1.5", ""),
        ("https://t.k5.example", ""),
        ("http://t.k5.example", ""),
        ("http://192.0.2.5.evil.example", ""),
        ("http://93.184.216.34:8000", ""),
    ],
)
def test_people_find_them_on_this_machine_or_in_the_room_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, public_url: str, found_at: str
) -> None:
    house = replace(with_own_partners(settings(tmp_path, monkeypatch), URL), public_url=public_url)
    assert house.tryout_url == found_at
    is_in_the_room = found_at not in {"", URL}
    monkeypatch.setattr(import_module("k5web.cli.sandbox"), "is_here", lambda address: True)
    own = [urlsplit(found_at).hostname] if is_in_the_room else []
    assert reached_at(house, None) == ["127.0.0.1", *own], "never to every network that this machine is in"
    assert reached_at(house, "0.0.0.0") == (["0.0.0.0"] if is_in_the_room else ["127.0.0.1"])
    monkeypatch.setattr(import_module("k5web.cli.sandbox"), "is_here", lambda address: False)
    assert reached_at(house, None) == ["127.0.0.1"]


@pytest.mark.parametrize("public_url", ["http://127.0.0.1:8000", "http://192.168.1.5:8000"])
def test_only_a_house_that_is_tried_takes_more_cards_a_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, public_url: str
) -> None:
    house = replace(with_own_partners(settings(tmp_path, monkeypatch), URL), public_url=public_url)
    assert tries_of(house) == CARD_TRIES_OF_DEMO
    assert tries_of(replace(house, partners=())) == CardTries(cards=3, declines=5)


def test_a_house_that_the_internet_finds_has_no_simulated_partners(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = replace(with_own_partners(settings(tmp_path, monkeypatch), URL), public_url="http://93.184.216.34:8000")
    with pytest.raises(WrongSetting, match="allowed"):
        open_ports(house)


def tries_of(house: Settings) -> CardTries:
    ports = open_ports(house)
    ports.sessions.dispose()
    return ports.card_tries


def test_the_operators_own_partners_have_nothing_to_try(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        '[[qiwi]]\ncode = "bank"\nprotocol = "osmp"\nallowed = ["192.0.2.1/32"]\n'
        'authentication = "md5"\nsecrets = ["Vq8m2xN4kd"]\n'
    )
    house = settings(tmp_path, monkeypatch, K5_CONNECTORS=str(own))
    assert house.tryout_url == settings(tmp_path, monkeypatch).tryout_url == ""
    assert tries_of(house) == CardTries()


@pytest.mark.parametrize(
    ("public_url", "is_there"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://192.168.1.5:8000", True),
        ("http://93.184.216.34:8000", False),
        ("http://t.k5.example", False),
    ],
)
def test_a_simulated_bank_is_there_only_where_k5_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, public_url: str, is_there: bool
) -> None:
    """It credits by the statements it writes: with real partners, or before others than the room, it is not there."""
    house = with_own_partners(settings(tmp_path, monkeypatch), URL)
    house = replace(house, public_url=public_url, payee=ROMASHKA)
    assert ("bank" in simulate_providers(house, URL, URL)) == is_there
    assert "bank" not in simulate_providers(replace(house, payee=None), URL, URL)
    real = tuple(replace(table, simulated_at="") for table in house.partners)
    assert "bank" not in simulate_providers(replace(house, partners=real), URL, URL)


def test_pages_of_the_providers_name_the_address_of_the_room_and_k5_asks_by_the_loopback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = replace(with_own_partners(settings(tmp_path, monkeypatch), URL), public_url="http://192.168.1.5:8000")
    assert {table.values.get("base_url", URL).startswith(URL) for table in house.partners} == {True}  # type: ignore[attr-defined]
    client = visitor(guarded(simulate_providers(house, house.tryout_url, "http://127.0.0.1:8000"), house.tryout_url))
    [acquirer] = [table.values for table in house.partners if table.values["code"] == "demo"]

    def ask(method: str, **fields: str) -> dict[str, Any]:
        sent = {"userName": "k5-api", "password": str(acquirer["password"])} | fields
        answer: dict[str, Any] = client.post(f"/cards/payment/rest/{method}.do", base_url=URL, data=sent).get_json()
        return answer

    back = "http://192.168.1.5:8000/pay/return/1"
    order = {"amount": "100", "currency": "643", "returnUrl": back, "clientId": "7"}
    first = ask("register", orderNumber="1", **order)
    assert first["formUrl"].startswith(f"{ROOM}/cards/payment/page?")
    assert client.get(first["formUrl"].removeprefix(ROOM), base_url=ROOM).status_code == 200
    typed = {"mdOrder": first["orderId"], "card": "5555555555554444", "keep": "1"}
    client.post("/cards/payment/page", base_url=ROOM, data=typed)
    second = ask("register", orderNumber="2", **order)
    [kept] = ask("getBindings", clientId="7")["bindings"]
    asked = ask("paymentOrderBinding", mdOrder=second["orderId"], bindingId=kept["bindingId"], ip="127.0.0.1")
    assert asked["formUrl"] == f"{ROOM}/cards/payment/issuer?orderId={second['orderId']}"


def echo(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", [])
    return [f"{environ['SCRIPT_NAME']} {environ['PATH_INFO']}".encode()]


def visitor(providers: WSGIApplication, comes_from: str = "127.0.0.1") -> Client:
    """Return a browser whose requests come from this address."""

    def arrive(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return providers(environ | {"REMOTE_ADDR": comes_from}, start_response)

    return Client(arrive)


def test_each_provider_is_found_below_its_name() -> None:
    client = visitor(guarded({"bank": echo}))
    assert client.get("/bank/pay", base_url=URL).text == "/bank /pay"
    assert "/bank/" in client.get("/", base_url=URL).text
    assert client.get("/shop/", base_url=URL).status_code == 404


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("evil.example", None),
        ("evil.example:8090", "http://evil.example:8090"),
        ("127.0.0.1.evil.example", None),
        ("127.0.0.1:8090", "http://evil.example"),
        ("127.0.0.1:8090", "null"),
        ("127.0.0.1:8090", "http://127.0.0.1:8000"),
    ],
)
def test_foreign_pages_in_our_browsers_find_the_door_shut(host: str, origin: str | None) -> None:
    headers = {"Host": host} | ({"Origin": origin} if origin else {})
    assert visitor(guarded({"bank": echo})).post("/bank/pay", headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("shown", "host", "origin", "status"),
    [
        (ROOM, "192.168.1.5:8090", ROOM, 200),
        (ROOM, "127.0.0.1:8090", None, 200),
        (ROOM, "192.168.1.6:8090", None, 403),
        (ROOM, "evil.example", None, 403),
        (ROOM, "192.168.1.5:8090", "http://192.168.1.5:8000", 403),
        (ROOM, "[", None, 403),
        (ROOM, "", None, 403),
        ("", "192.168.1.5:8090", ROOM, 403),
        ("", "", None, 403),
    ],
)
def test_in_the_room_they_are_found_by_the_stated_address_alone(
    shown: str, host: str, origin: str | None, status: int
) -> None:
    headers = {"Host": host} | ({"Origin": origin} if origin else {})
    assert visitor(guarded({"bank": echo}, shown)).post("/bank/pay", headers=headers).status_code == status


@pytest.mark.parametrize(
    ("shown", "comes_from", "status"),
    [
        ("", "127.0.0.1", 200),
        ("", "192.168.1.9", 403),
        ("", "", 403),
        (ROOM, "192.168.1.9", 200),
        (ROOM, "::ffff:192.168.1.9", 200),
        (ROOM, "93.184.216.34", 403),
        (ROOM, "100.64.0.9", 403),
    ],
)
def test_who_comes_is_known_by_the_address_and_not_by_the_name_that_is_said(
    shown: str, comes_from: str, status: int
) -> None:
    browser = visitor(guarded({"bank": echo}, shown), comes_from)
    assert browser.post("/bank/pay", base_url=URL).status_code == status
    assert browser.get("/bank/", base_url=URL).status_code == status


def test_no_page_frames_theirs_and_no_body_is_endless() -> None:
    browser = visitor(guarded({"bank": echo}))
    for page in (browser.get("/bank/", base_url=URL), browser.get("/", base_url="http://evil.example")):
        assert page.headers["Content-Security-Policy"] == "frame-ancestors 'none'"
    assert browser.post("/bank/pay", base_url=URL, data=b"x" * 65_536).status_code == 200
    assert browser.post("/bank/pay", base_url=URL, data=b"x" * 65_537).status_code == 413
    chunked = {"Transfer-Encoding": "chunked"}
    assert browser.post("/bank/pay", base_url=URL, headers=chunked).status_code == 411


def test_own_pages_and_machines_come_in() -> None:
    client = visitor(guarded({"bank": echo}))
    assert client.post("/bank/pay", base_url=URL, headers={"Origin": URL}).status_code == 200
    assert client.put("/bank/bills/1", base_url=URL).status_code == 200


@pytest.mark.server
def test_it_serves_what_it_names(sqlite_url: str, tmp_path: Path) -> None:
    port = free_port()
    with running(Processes(sqlite_url, tmp_path), [f"sandbox --port {port}"]) as processes:
        wait_for(lambda: "The simulated providers: " in processes.logged("sandbox"), "its address")
        wait_for(lambda: is_there(f"http://127.0.0.1:{port}/qiwi/"), "the terminal")
        assert (tmp_path / "connectors.toml").exists()


def is_there(url: str) -> bool:
    try:
        return "QIWI Терминал" in requests.get(url, timeout=5).text
    except requests.RequestException:
        return False
