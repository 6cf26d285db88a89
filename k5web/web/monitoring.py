"""Addresses for machines: alive, ready, figures. Inside only: whoever comes through a proxy gets a 404."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from typing import Any

from flask import Blueprint, Response, abort, current_app, request
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.registry import Collector

from k5web import VERSION
from k5web.config.settings import Settings
from k5web.domain.calls.quality import US_PER_S
from k5web.services import health
from k5web.services.books import restoring
from k5web.web import request_figures
from k5web.web.context import ports, settings
from k5web.web.door import FORWARDED, is_forwarded
from k5web.web.headers import LOOPBACK_NAMES

bp = Blueprint("monitoring", __name__)

PATHS = ("/healthz", "/readyz", "/metrics")
_PORT = re.compile(r":[0-9]+$")
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Metrics(Collector):
    """Our figures in Prometheus's words, without those of the process: each web process would tell only of itself."""

    figures: health.Figures
    requests: Iterable[Metric]

    def collect(self) -> Iterator[Metric]:
        """Yield each figure with its help and type. The names are those of deploy/alerts.yml."""
        of = self.figures
        yield _gauges("k5_calls", "Calls that are not over, by state", "state", of.unfinished_calls)
        waiting_s = int(of.oldest_waiting.total_seconds())
        yield GaugeMetricFamily(
            "k5_oldest_waiting_order_seconds", "How long the oldest order waits for a switch", waiting_s
        )
        yield GaugeMetricFamily("k5_open_holds", "Reservations of money that are open", of.open_holds)
        ahead = "Reservations for calls that may come while K5 is silent, by kind"
        yield _gauges("k5_holds_ahead", ahead, "kind", of.holds_ahead)
        yield _gauges("k5_incidents", "Incidents that nobody has looked at, by kind", "kind", of.incidents)
        unread_s = {switch: int(unread.total_seconds()) for switch, unread in of.unread_records.items()}
        yield _gauges("k5_unread_records_seconds", "How long a switch's records have not been read", "switch", unread_s)
        yield _gauges("k5_trunk_strikes", "Calls in a row that a trunk failed", "trunk", of.trunk_strikes)
        on = sum(line.is_on for line in of.lines.trunks)
        yield GaugeMetricFamily("k5_trunks", "Trunks that are on", on)
        yield GaugeMetricFamily("k5_trunks_failing", "Trunks that fail more than by chance", of.trunks_failing)
        refusals = CounterMetricFamily("k5_refusals", "Orders refused for safety, by code", labels=["code"])
        for code, count in of.refusals.items():
            refusals.add_metric([code], count)
        yield refusals
        yield CounterMetricFamily("k5_wrong_passwords", "Wrong passwords typed", of.wrong_passwords)
        yield GaugeMetricFamily("k5_fraud_alarms", "Fraud alarms that nobody has decided", of.fraud_alarms)
        yield _gauges(
            "k5_recordings_disk_percent", "How full a switch's recordings' disk is", "switch", of.recordings_disk
        )
        yield from _of_calls(of)
        yield from _of_money(of)
        yield from _of_the_house(of)
        yield from self.requests


def _of_calls(of: health.Figures) -> Iterator[Metric]:
    lately = "in the last quarter of an hour"
    yield _gauges("k5_calls_ended", f"Calls that ended {lately}, by outcome", "outcome", of.ended_calls)
    lines = {line.name: line for line in of.lines.trunks}
    load, limits = ({name: getattr(line, what) for name, line in lines.items()} for what in ("load", "limit"))
    yield _gauges("k5_trunk_load", "Legs under way, by trunk", "trunk", load)
    yield _gauges("k5_trunk_limit", "Legs that a trunk may have at once", "trunk", limits)
    rests = {name: int(line.rests) for name, line in lines.items()}
    yield _gauges("k5_trunk_rests", "1 where a trunk rests after failures", "trunk", rests)
    enabled = {name: int(line.is_on) for name, line in lines.items()}
    yield _gauges("k5_trunk_enabled", "0 where a trunk is switched off", "trunk", enabled)
    tried = {each.name: each for each in of.qualities if each.name in lines}
    attempts = {name: each.attempts for name, each in tried.items()}
    yield _gauges("k5_trunk_attempts", f"Legs tried {lately}, by trunk", "trunk", attempts)
    answered = {name: each.answered for name, each in tried.items()}
    yield _gauges("k5_trunk_answered", f"Legs answered {lately}, by trunk; by attempts that is ASR", "trunk", answered)
    talked_s = {name: each.talked_us // US_PER_S for name, each in tried.items()}
    help_text = f"Talk of legs answered {lately}, by trunk; by answered that is ACD"
    yield _gauges("k5_trunk_talk_seconds", help_text, "trunk", talked_s)
    delay_s = {name: each.median_us / US_PER_S for name, each in tried.items() if each.median_us is not None}
    help_text = f"Within which time half of the legs answered {lately} were answered, by trunk"
    yield _gauges("k5_trunk_answer_delay_seconds", help_text, "trunk", delay_s)


def _of_money(of: health.Figures) -> Iterator[Metric]:
    help_text = "What open reservations hold, in minor units, by unit of the account"
    yield _gauges("k5_held_money_minor", help_text, "unit", of.held_money)
    yield GaugeMetricFamily("k5_suspense_payments", "Payments that came to nobody yet", of.suspense)
    lately = "in the last quarter of an hour"
    notices = GaugeMetricFamily(
        "k5_partner_notices", f"Notices of a partner {lately}, by our verdict", labels=["partner", "verdict"]
    )
    for origin, partner in of.partners.items():
        for verdict, count in partner.verdicts.items():
            notices.add_metric([origin, verdict], count)
    yield notices
    credited = {origin: partner.credited for origin, partner in of.partners.items()}
    yield _gauges("k5_partner_payments", f"Payments credited {lately}, by partner", "partner", credited)
    minor = {origin: partner.credited_minor for origin, partner in of.partners.items()}
    help_text = f"Money credited {lately}, in minor units of the partner's currency"
    yield _gauges("k5_partner_money_minor", help_text, "partner", minor)
    yield _gauges("k5_auto_topups", "Automatic top-ups, by whether they run or why not", "state", of.auto_top_ups)
    silent_s = {origin: int(silent.total_seconds()) for origin, silent in of.last_notices.items()}
    yield _gauges("k5_partner_silent_seconds", "Since a partner's last notice", "partner", silent_s)


def _of_the_house(of: health.Figures) -> Iterator[Metric]:
    is_read = None if of.standby_is_read is None else int(of.standby_is_read)
    yield _seldom("k5_standby_read", "1: reports read the standby, 0: they read the primary instead", is_read)
    behind_s = None if of.standby_behind_s is None else round(of.standby_behind_s)
    yield _seldom("k5_standby_behind_seconds", "How far behind the standby is", behind_s)
    yield _seldom("k5_worker_silent_seconds", "Since the last round of a worker", _seconds(of.worker_silent))
    verified = of.verified
    help_text = "Since the ledger was last verified"
    yield _seldom("k5_ledger_verified_seconds", help_text, _seconds(of.verified_ago) if verified else None)
    help_text = "Broken invariants that were found then"
    yield _seldom("k5_ledger_breaches", help_text, verified.breaches if verified else None)
    build = InfoMetricFamily("k5_build", "Which program this is, over which database and version of its tables")
    build.add_metric([], {"version": VERSION, "database": of.database, "revision": of.revision})
    yield build


def _seconds(ago: timedelta | None) -> int | None:
    return None if ago is None else int(ago.total_seconds())


def _seldom(name: str, help_text: str, value: int | None) -> GaugeMetricFamily:
    """Return a figure that may not be there yet; its name is."""
    family = GaugeMetricFamily(name, help_text)
    if value is not None:
        family.add_metric([], value)
    return family


def _gauges(name: str, help_text: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, help_text, labels=[label])
    for of, value in values.items():
        family.add_metric([of], value)
    return family


class ByAddress:
    """Lets the machines of K5_INSIDE ask by this machine's address, as balancers do; no other request is changed.

    Only where no proxy stands in between and the name asked for is an address of the machine and not the house's own.
    """

    def __init__(self, wsgi: Wsgi, settings: Settings) -> None:
        self._wsgi, self._settings = wsgi, settings
        self._public = settings.public_host

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Take a request."""
        if environ.get("PATH_INFO") in PATHS and not any(_variable(name) in environ for name in FORWARDED):
            host = _PORT.sub("", environ.get("HTTP_HOST", ""))
            if host != self._public and is_of(environ.get("REMOTE_ADDR", ""), self._settings) and _is_address(host):
                environ = {**environ, "HTTP_HOST": LOOPBACK_NAMES[0]}
        return self._wsgi(environ, start_response)


def is_of(address: str, settings: Settings) -> bool:
    """Return whether this machine may look at the house's health: one of K5_INSIDE."""
    return _is_address(address) and any(ip_address(address) in network for network in settings.inside)


def _is_address(text: str) -> bool:
    try:
        ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True


def _variable(header: str) -> str:
    return f"HTTP_{header.upper().replace('-', '_')}"


@bp.before_request
def inside_only() -> None:
    """Answer the machines of K5_INSIDE, asked for by a name of loopback or an address: a proxy names whom it speaks
    for, or the public host."""
    is_local_name = _PORT.sub("", request.host) in LOOPBACK_NAMES
    if not (is_of(request.remote_addr or "", settings()) and is_local_name) or is_forwarded():
        abort(404)


@bp.get("/healthz")
def alive() -> Response:
    """Say that the process answers; nothing else is asked."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
def ready() -> Response:
    """Say whether the database answers too, is not older than this program and was opened after a backup."""
    missing = _missing()
    return Response(f"{missing or 'ready'}\n", 503 if missing else 200, mimetype="text/plain")


def _missing() -> str:
    if not health.is_ready(ports()):
        return "no database"
    if health.is_outdated(ports()):
        return "old database"
    return "restored database" if restoring.is_shut(ports()) else ""


@bp.get("/metrics")
def metrics() -> Response:
    """Answer the figures of the whole house, as Prometheus reads them."""
    requests = request_figures.collected(current_app)
    told = generate_latest(Metrics(health.figures(ports()), requests))
    return Response(told, content_type=CONTENT_TYPE_PLAIN_0_0_4)
