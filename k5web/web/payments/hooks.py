"""Where providers call: their request goes on as it came, their answer goes back as their connector wrote it."""

import logging

from flask import Blueprint, Response, abort, request
from werkzeug.exceptions import RequestEntityTooLarge

from k5web.domain.payments.notice import WireRequest
from k5web.services.payments import notices
from k5web.web.context import lain_s, now, ports, settings

logger = logging.getLogger(__name__)

bp = Blueprint("hooks", __name__, url_prefix="/hooks")


@bp.route("/<path:address>", methods=["GET", "POST"], provide_automatic_options=False)
def notice(address: str) -> Response:
    """Hand a provider's request to its connector. Whoever may not speak for the partner learns nothing."""
    if request.method == "HEAD":
        abort(405)  # a look at the headings must not pay
    left_s = _left_s()
    connector = ports().connectors.at(address)
    if connector is None:
        abort(404)
    client = request.remote_addr or ""  # by the trusted hop only: see ProxyFix
    if not connector.partner.allows(client):
        logger.warning("notice from a foreign address", extra={"origin": connector.origin, "address": client})
        return Response(status=403)
    wire = WireRequest(
        method=request.method,
        path=request.path,
        query=request.query_string.decode("latin-1"),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.get_data(cache=False),
        address=client,
        at=now(),
    )
    answer = notices.take_notice(ports(), connector, wire, left_s)
    return Response(answer.body, answer.status, content_type=answer.content_type)


def _left_s() -> float:
    """Return how long the notice may take; none where it lay for more than a half of its time.

    What a crowd leaves a moment for would be begun, undone and begin again: threads would work and credit nothing.
    """
    whole_s, lay_s = settings().notice_time.total_seconds(), lain_s()
    return whole_s - lay_s if lay_s <= whole_s / 2 else 0.0


@bp.errorhandler(RequestEntityTooLarge)
def too_large(error: RequestEntityTooLarge) -> Response:
    """Refuse a body that no notice has, without words: a machine reads this."""
    return Response(status=413)
