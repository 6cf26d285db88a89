"""Where providers call: only from their addresses, raw bytes, no session, no browser's rules (S5, S6)."""

import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from k5web.config.table import PartnerTable
from k5web.services.ports import Connectors
from tests.fakes.connector import PARTNER, FakeConnector, query
from tests.processes import wait_for
from tests.services.house import House

ADDRESS = "/hooks/fake/bank"


@pytest.fixture
def connector(k5: House) -> FakeConnector:
    """A made-up partner, wired to the house."""
    opened = FakeConnector(PartnerTable(PARTNER, ()).partner({"plain"}))
    k5.ports = replace(k5.ports, connectors=Connectors([opened]))
    return opened


@pytest.fixture
def client(connector: FakeConnector, make_app: Callable[..., Flask]) -> FlaskClient:
    """A provider's program."""
    return make_app().test_client()


def call(client: FlaskClient, sent: str, method: str = "GET", **headers: str) -> TestResponse:
    """Speak to the hook."""
    if method == "GET":
        return client.get(f"{ADDRESS}?{sent}", headers=headers)
    return client.post(ADDRESS, data=sent.encode(), headers=headers)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_connector_reads_the_request_and_its_answer_goes_back(client: FlaskClient, method: str) -> None:
    answer = call(client, query(do="hello"), method)
    assert (answer.status_code, answer.data) == (200, b"noted")
    assert answer.content_type == "text/plain; charset=utf-8"
    assert "Set-Cookie" not in answer.headers


def test_a_forged_notice_is_refused_in_the_connectors_words(client: FlaskClient) -> None:
    answer = call(client, query(do="hello").replace("sign=", "sign=0"))
    assert (answer.status_code, answer.data) == (403, b"refused forged")


def test_an_unknown_address_is_not_there(client: FlaskClient) -> None:
    for path in ("/hooks/fake/other", "/hooks/fake", "/hooks/", "/hooks/fake/bank/more"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("foreign", ["192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1", "not an address"])
def test_a_foreign_address_gets_an_empty_refusal(client: FlaskClient, foreign: str) -> None:
    client.environ_base["REMOTE_ADDR"] = foreign
    answer = call(client, query(do="hello"))
    assert (answer.status_code, answer.data) == (403, b"")


def test_a_claimed_address_counts_for_nothing(client: FlaskClient) -> None:
    """S5: nobody in front of us is trusted."""
    client.environ_base["REMOTE_ADDR"] = "192.0.2.1"
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-Ip", "Client-Ip", "X-Client-Ip"):
        for claimed in ("127.0.0.1", "for=127.0.0.1", "::ffff:127.0.0.1", "127.0.0.1, 127.0.0.1"):
            assert call(client, query(do="hello"), **{header: claimed}).status_code == 403, (header, claimed)


@pytest.mark.parametrize(
    ("chain", "status"),
    [("127.0.0.1", 200), ("192.0.2.1, 127.0.0.1", 200), ("127.0.0.1, 192.0.2.1", 403), ("192.0.2.1", 403), ("", 403)],
)
def test_behind_one_proxy_the_last_hop_counts(
    connector: FakeConnector, make_app: Callable[..., Flask], chain: str, status: int
) -> None:
    client = make_app(trusted_proxies=1).test_client()
    client.environ_base["REMOTE_ADDR"] = "10.0.0.1"
    headers = {"X-Forwarded-For": chain} if chain else {}
    assert call(client, query(do="hello"), **headers).status_code == status


def test_ipv4_within_ipv6_is_the_same_address(client: FlaskClient) -> None:
    client.environ_base["REMOTE_ADDR"] = "::ffff:127.0.0.1"
    assert call(client, query(do="hello")).status_code == 200


def test_a_body_above_64_kb_is_refused(client: FlaskClient) -> None:
    assert call(client, "a" * 65536, "POST").status_code == 403
    answer = call(client, "a" * 65537, "POST")
    assert (answer.status_code, answer.data) == (413, b"")


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"])
def test_other_methods_do_nothing(client: FlaskClient, method: str) -> None:
    assert client.open(f"{ADDRESS}?{query(do='hello')}", method=method).status_code == 405


def test_no_browsers_rule_stands_in_the_way(client: FlaskClient) -> None:
    answer = call(client, query(do="hello", lang="ru"), "POST", **{"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status_code == 200
    assert "Set-Cookie" not in call(client, query(do="hello", lang="ru")).headers


def test_a_bug_is_never_a_final_answer(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    answer = call(client, query(do="bug"))
    assert (answer.status_code, answer.data) == (503, b"refused later")
    assert [record.levelname for record in caplog.records] == ["ERROR"]


@pytest.mark.server
def test_a_notice_that_lay_longer_than_half_of_its_time_is_put_off(
    connector: FakeConnector, make_app: Callable[..., Flask]
) -> None:
    """R23: the system says how long, not the sender; without a socket nobody says it."""
    with socket.create_server(("127.0.0.1", 0)) as door, socket.create_connection(door.getsockname()) as sender:
        taken, _ = door.accept()
        with taken:
            hasty = make_app(notice_time=timedelta(milliseconds=50)).test_client()
            hasty.environ_base |= {"gunicorn.socket": taken}  # type: ignore[dict-item]
            sender.sendall(b"GET")
            wait_for(lambda: call(hasty, query(do="hello")).data == b"refused later", "the notice is too old")
            patient = make_app(notice_time=timedelta(minutes=10)).test_client()
            patient.environ_base |= {"gunicorn.socket": taken}  # type: ignore[dict-item]
            assert call(patient, query(do="hello")).data == b"noted"
