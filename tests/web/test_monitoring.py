"""/healthz, /readyz, /metrics: inside only."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from k5web.domain.incident import IncidentKind
from k5web.errors import TooManyCalls
from k5web.services.calls import safety
from k5web.storage import incidents
from tests.processes import ROOT
from tests.services.house import House
from tests.web.conftest import Browser

PATHS = ["/healthz", "/readyz", "/metrics"]


@pytest.mark.parametrize("path", PATHS)
def test_machines_of_this_host_are_answered_in_plain_text(browser: Browser, path: str) -> None:
    answer = browser.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-Ip", "Via"])
def test_whoever_comes_through_a_proxy_finds_nothing(browser: Browser, path: str, header: str) -> None:
    assert browser.get(path, **{header: "127.0.0.1"}).status_code == 404


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("address", ["192.0.2.1", "10.0.0.1", "::ffff:192.0.2.1", "2001:db8::1"])
def test_another_host_finds_nothing(browser: Browser, path: str, address: str) -> None:
    browser.client.environ_base["REMOTE_ADDR"] = address
    assert browser.get(path).status_code == 404


@pytest.mark.parametrize("path", PATHS)
def test_a_proxy_that_says_nothing_is_known_by_the_public_name(make_app: Callable[..., Flask], path: str) -> None:
    app = make_app(public_url="https://t.k5.example")
    statuses = {
        site: Browser(app.test_client(), site).get(path).status_code
        for site in ("https://t.k5.example", "http://t.k5.example:8000", "http://127.0.0.1:8000")
    }
    assert list(statuses.values()) == [404, 404, 200]


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
    lines = [line for line in browser.get("/metrics").text.splitlines() if not line.startswith("#")]
    figures = {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}
    assert figures.pop('k5_refusals_total{code="too_many_calls"}') == 1
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
    }


def test_each_figure_says_what_it_counts_and_of_which_type_it_is(browser: Browser) -> None:
    metrics = list(text_string_to_metric_families(browser.get("/metrics").text))
    assert {metric.name for metric in metrics if metric.type == "counter"} == {"k5_refusals", "k5_wrong_passwords"}
    assert "k5_holds_ahead" in {metric.name for metric in metrics}
    assert [metric.name for metric in metrics if not metric.documentation or metric.type == "unknown"] == []


@pytest.mark.parametrize("file", ["grafana/k5.json", "alerts.yml"])
def test_the_board_and_the_alerts_ask_only_for_figures_that_there_are(browser: Browser, file: str) -> None:
    """A name that no figure has asks in vain: a panel stays empty, an alert never comes."""
    asked = set(re.findall(r"\bk5_\w+", (ROOT / "deploy" / file).read_text("utf-8")))
    there = set(re.findall(r"^# TYPE (\w+)", browser.get("/metrics").text, re.MULTILINE))
    assert asked
    assert asked <= there
