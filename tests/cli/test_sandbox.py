"""`k5 sandbox`: the simulated providers on one port, their partners' file, and the door foreign pages find shut."""

import tomllib
from pathlib import Path
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
import requests
from werkzeug.test import Client

import connectors
from app import demo_partners, open_ports, simulated_providers
from k5web.cli.sandbox import guarded, own_address, with_own_partners
from k5web.settings import Settings
from tests.processes import Processes, free_port, running, wait_for

SECRET = "0123456789abcdef" * 2
URL = "http://127.0.0.1:8090"


def settings(var: Path, monkeypatch: pytest.MonkeyPatch, **more: str) -> Settings:
    for name, value in ({"K5_SECRET_KEY": SECRET, "K5_VAR": str(var), "K5_CONNECTORS": ""} | more).items():
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
    moved = with_own_partners(house, "http://127.0.0.1:9090")
    assert own_address(moved) == "http://127.0.0.1:9090"
    assert ":8090" not in path.read_text()
    assert tomllib.loads(first)["qiwi"][0]["secrets"] != tomllib.loads(path.read_text())["qiwi"][0]["secrets"]


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


def echo(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    start_response("200 OK", [])
    return [f"{environ['SCRIPT_NAME']} {environ['PATH_INFO']}".encode()]


def test_each_provider_is_found_below_its_name() -> None:
    client = Client(guarded({"bank": echo}))
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
    assert Client(guarded({"bank": echo})).post("/bank/pay", headers=headers).status_code == 403


def test_own_pages_and_machines_come_in() -> None:
    client = Client(guarded({"bank": echo}))
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
