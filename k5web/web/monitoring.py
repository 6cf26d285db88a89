"""Addresses for machines: alive, ready, figures. Inside only: whoever comes through a proxy gets a 404."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from flask import Blueprint, Response, abort, request
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from k5web.services import health
from k5web.web.context import ports
from k5web.web.door import is_forwarded
from k5web.web.headers import LOOPBACK_NAMES

bp = Blueprint("monitoring", __name__)


@dataclass(frozen=True, slots=True)
class Metrics(Collector):
    """Our figures in Prometheus's words, without those of the process: each web process would tell only of itself."""

    figures: health.Figures

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
        yield GaugeMetricFamily("k5_trunks", "Trunks in the settings", len(of.trunk_strikes))
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


def _gauges(name: str, help_text: str, label: str, values: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, help_text, labels=[label])
    for of, value in values.items():
        family.add_metric([of], value)
    return family


@bp.before_request
def inside_only() -> None:
    """Answer loopback alone, asked for by a name of loopback: a proxy names whom it speaks for, or the public host."""
    address = request.remote_addr
    is_loopback = address is not None and ip_address(address).is_loopback
    is_local_name = re.sub(r":[0-9]+$", "", request.host) in LOOPBACK_NAMES
    if not (is_loopback and is_local_name) or is_forwarded():
        abort(404)


@bp.get("/healthz")
def alive() -> Response:
    """Say that the process answers; nothing else is asked."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
def ready() -> Response:
    """Say whether the database answers too."""
    is_ready = health.is_ready(ports())
    return Response("ready\n" if is_ready else "no database\n", 200 if is_ready else 503, mimetype="text/plain")


@bp.get("/metrics")
def metrics() -> Response:
    """Answer the figures of the whole house, as Prometheus reads them."""
    return Response(generate_latest(Metrics(health.figures(ports()))), content_type=CONTENT_TYPE_PLAIN_0_0_4)
