"""/healthz, /readyz, /metrics: inside only."""

import re
import shutil
import subprocess
from collections.abc import Callable
from ipaddress import ip_network

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from k5web import VERSION
from k5web.domain.incident import IncidentKind
from k5web.errors import TooManyCalls
from k5web.services import health
from k5web.services.calls import safety
from k5web.storage import incidents, restored
from k5web.storage.books import verification_rows
from k5web.storage.books.verification_rows import Verification
from tests.processes import ROOT, do_without, foreign_environ
from tests.services.house import House
from tests.web.conftest import Browser

PATHS = ["/healthz", "/readyz", "/metrics"]


@pytest.mark.parametrize("path", PATHS)
def test_machines_of_this_host_are_answered_in_plain_text(browser: Browser, path: str) -> None:
    answer = browser.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")


def test_whoever_comes_through_a_proxy_finds_nothing(browser: Browser) -> None:
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-Ip", "Via"):
        for path in PATHS:
            assert browser.get(path, **{header: "127.0.0.1"}).status_code == 404, (header, path)


def test_another_host_finds_nothing(browser: Browser) -> None:
    for address in ("192.0.2.1", "10.0.0.1", "::ffff:192.0.2.1", "2001:db8::1"):
        browser.client.environ_base["REMOTE_ADDR"] = address
        for path in PATHS:
            assert browser.get(path).status_code == 404, (address, path)


@pytest.mark.parametrize("path", PATHS)
def test_a_proxy_that_says_nothing_is_known_by_the_public_name(make_app: Callable[..., Flask], path: str) -> None:
    app = make_app(public_url="https://t.k5.example")
    statuses = {
        site: Browser(app.test_client(), site).get(path).status_code
        for site in ("https://t.k5.example", "http://t.k5.example:8000", "http://127.0.0.1:8000")
    }
    assert list(statuses.values()) == [404, 404, 200]


@pytest.mark.parametrize(
    ("version", "answer"),
    [("0001", (503, "old database\n")), ("9999", (200, "ready\n")), (None, (503, "old database\n"))],
)
def test_a_database_older_than_the_program_is_not_ready(
    browser: Browser, k5: House, version: str | None, answer: tuple[int, str]
) -> None:
    """A newer one is: the processes of the old program go on until they are restarted."""
    with k5.ports.sessions.begin() as db:
        db.execute(
            text(f"UPDATE alembic_version SET version_num = '{version}'" if version else "DROP TABLE alembic_version")
        )
    found = browser.get("/readyz")
    assert (found.status_code, found.text) == answer


def test_a_restored_database_is_not_ready_and_what_writes_is_put_off_in_words(phone: Browser, k5: House) -> None:
    """Whoever reads goes on reading; a call is refused as by a house that is down."""
    with k5.ports.sessions.begin() as db:
        db.execute(text("UPDATE house SET place = 'a copy'"))
    restored.guard(k5.ports.sessions)
    ready = phone.get("/readyz")
    assert (ready.status_code, ready.text) == (503, "restored database\n")
    assert phone.get("/tariffs").status_code == 200
    refused = phone.post("/login", login="+79161234567", password="a guess")
    assert refused.status_code == 503
    assert "звонки и платежи пока закрыты" in refused.text


def test_the_figures_follow_the_house(browser: Browser, k5: House) -> None:
    k5.top_up("100.00")
    k5.order()
    with pytest.raises(TooManyCalls):
        k5.order("+73431234567")
    k5.clock.forward(seconds=7)
    with k5.ports.sessions.begin() as db:
        incidents.report(db, 0, IncidentKind.DAMAGED_RECORD, "asterisk 1:0", k5.clock(), {})
    k5.importers[0].run_alone()
    k5.switch.is_read_here = False
    k5.clock.forward(seconds=3)
    told = browser.get("/metrics").text.splitlines()
    lines = [line for line in told if not line.startswith(("#", "k5_http_"))]  # those: test_request_figures.py
    figures = {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}
    assert figures.pop('k5_refusals_total{code="too_many_calls"}') == 1
    assert [name for name in figures if name.startswith("k5_build_info{")] == [_build(k5)]
    assert figures.pop(_build(k5)) == 1
    quiet = {f'k5_refusals_total{{code="{of.code}"}}': 0 for of in safety.COUNTED if of is not TooManyCalls}
    assert figures == quiet | {
        'k5_calls{state="reserved"}': 1,
        "k5_oldest_waiting_order_seconds": 10,
        'k5_unread_records_seconds{switch="fake"}': 3,
        "k5_open_holds": 1,
        "k5_wrong_passwords_total": 0,
        "k5_fraud_alarms": 0,
        "k5_trunks": 1,
        "k5_trunks_failing": 0,
        'k5_trunk_strikes{trunk="trunk"}': 0,
        'k5_incidents{kind="damaged_record"}': 1,
        'k5_trunk_load{trunk="trunk"}': 0,
        'k5_trunk_limit{trunk="trunk"}': k5.switch.trunks[0].calls_at_once,
        'k5_trunk_rests{trunk="trunk"}': 0,
        'k5_trunk_enabled{trunk="trunk"}': 1,
        'k5_held_money_minor{unit="RUB"}': 9900,
        "k5_suspense_payments": 0,
    }


def _build(k5: House) -> str:
    of = health.figures(k5.ports)
    return f'k5_build_info{{database="{of.database}",revision="{of.revision}",version="{VERSION}"}}'


@pytest.mark.parametrize(
    ("peer", "host", "status"),
    [
        ("10.0.0.9", "10.0.0.5:8000", 200),  # a balancer asks by this machine's address
        ("10.0.0.9", "127.0.0.1:8000", 200),
        ("10.0.0.9", "[fd00::5]:8000", 200),
        ("10.0.0.9", "t.k5.example", 404),  # a proxy that says nothing asks by the public name
        ("192.0.2.1", "127.0.0.1:8000", 404),
        ("10.0.0.9", "other.example", 400),
    ],
)
def test_machines_of_k5_inside_are_answered_by_address(
    make_app: Callable[..., Flask], peer: str, host: str, status: int
) -> None:
    app = make_app(public_url="https://t.k5.example", inside=(ip_network("10.0.0.0/8"), ip_network("127.0.0.0/8")))
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = peer
    forwarded = {"Host": host, "X-Forwarded-For": "10.0.0.9"}
    for path in PATHS:
        assert client.get(path, headers={"Host": host}).status_code == status, path
        assert client.get(path, headers=forwarded).status_code != 200, path


@pytest.mark.prometheus
def test_promtool_finds_nothing_in_the_figures(browser: Browser) -> None:
    if shutil.which("promtool") is None:
        do_without("no Prometheus here: apt-get install prometheus")
    text = browser.get("/metrics").text
    command = ["promtool", "check", "metrics"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, env=foreign_environ(), check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_only_health_is_asked_by_an_address(make_app: Callable[..., Flask]) -> None:
    app = make_app(public_url="https://t.k5.example", inside=(ip_network("10.0.0.0/8"),))
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = "10.0.0.9"
    assert client.get("/", headers={"Host": "10.0.0.5:8000"}).status_code == 400


def test_the_worker_and_the_last_proof_of_the_ledger_are_figures(browser: Browser, k5: House) -> None:
    k5.top_up("100.00")
    health.beat(k5.ports, {"fake": k5.clock()})
    with k5.ports.sessions.begin() as db:
        verification_rows.add(db, Verification(k5.clock(), "staff:a", 1, "I2"))
    k5.clock.forward(seconds=9)
    text = browser.get("/metrics").text
    for line in (
        "k5_worker_silent_seconds 9.0",
        'k5_unread_records_seconds{switch="fake"} 9.0',
        "k5_ledger_breaches 1.0",
        "k5_ledger_verified_seconds 9.0",
    ):
        assert f"\n{line}\n" in text


def test_no_label_can_hold_a_number_and_labels_are_few(browser: Browser, k5: House) -> None:
    """What a label says comes from our own words or the settings, never from a call, a payer or a notice."""
    families = text_string_to_metric_families(browser.get("/metrics").text)
    labels = {label for family in families for sample in family.samples for label in sample.labels}
    assert labels <= {"state", "kind", "switch", "trunk", "code", "outcome", "unit", "partner", "verdict"} | {
        "version",
        "database",
        "revision",
        *("route", "method", "status", "le"),
    }


def test_each_figure_says_what_it_counts_and_of_which_type_it_is(browser: Browser) -> None:
    metrics = list(text_string_to_metric_families(browser.get("/metrics").text))
    counters = {"k5_refusals", "k5_wrong_passwords", "k5_http_requests"}
    assert {metric.name for metric in metrics if metric.type == "counter"} == counters
    assert "k5_holds_ahead" in {metric.name for metric in metrics}
    assert [metric.name for metric in metrics if not metric.documentation or metric.type == "unknown"] == []


@pytest.mark.parametrize("file", ["grafana/k5.json", "alerts.yml"])
def test_the_board_and_the_alerts_ask_only_for_figures_that_there_are(browser: Browser, file: str) -> None:
    """A name that no figure has asks in vain: a panel stays empty, an alert never comes."""
    text = re.sub(r"^#.*$", "", (ROOT / "deploy" / file).read_text("utf-8"), flags=re.MULTILINE)
    asked = {re.sub(r"_(bucket|count)$", "", name) for name in re.findall(r"\bk5_\w+", text)}
    there = set(re.findall(r"^# TYPE (\w+)", browser.get("/metrics").text, re.MULTILINE))
    assert asked
    assert asked <= there
