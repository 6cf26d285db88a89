"""Addresses for machines: alive, ready, figures. Inside only: whoever comes through a proxy gets a 404."""

import re
from ipaddress import ip_address

from flask import Blueprint, Response, abort, request

from k5web.services import health
from k5web.web.context import ports
from k5web.web.door import is_forwarded
from k5web.web.headers import LOOPBACK_NAMES

bp = Blueprint("monitoring", __name__)


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
    """The process answers; nothing else is asked."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
def ready() -> Response:
    """The database answers too."""
    is_ready = health.is_ready(ports())
    return Response("ready\n" if is_ready else "no database\n", 200 if is_ready else 503, mimetype="text/plain")


@bp.get("/metrics")
def metrics() -> Response:
    """Figures of the whole house, as Prometheus reads them."""
    lines = [f"{name} {value}" for name, value in health.figures(ports()).items()]
    return Response("\n".join([*lines, ""]), content_type="text/plain; version=0.0.4; charset=utf-8")
