"""Where a switch asks before whatever costs: one form comes, one line goes back. No words: a dialplan reads it."""

import hmac
import logging
from http import HTTPStatus
from ipaddress import ip_address

from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from k5web.domain.pbx.question import LONGEST, read_question
from k5web.errors import K5Error
from k5web.services.pbx import question as asking
from k5web.web.context import ports, settings
from k5web.web.door import NOBODY

logger = logging.getLogger(__name__)

bp = Blueprint("switch", __name__, url_prefix="/hooks/switch")

USER = "switch"


@bp.post("")
def ask() -> Response:
    """Answer one question: `yes|…`, `no|…`. Anything that is none gets a status alone, which the switch takes for
    silence: it goes on without us."""
    request.max_content_length = LONGEST
    form = request.form
    if not _is_known(form.get("switch", "")):
        return Response(status=HTTPStatus.FORBIDDEN)
    if len(set(form)) != len(list(form.items(multi=True))):
        return Response(status=HTTPStatus.BAD_REQUEST)
    try:
        question = read_question(form)
    except ValueError as error:
        logger.warning("a switch asks what is no question", extra={"reason": str(error)})
        return Response(status=HTTPStatus.BAD_REQUEST)
    return Response(asking.answer(ports(), question), content_type="text/plain; charset=utf-8")


def _is_known(name: str) -> bool:
    """Know a switch by its own secret, and by the network that it asks from."""
    found = next((switch for switch in settings().switches if switch.name == name), None)
    said = request.authorization
    if found is None or said is None or said.type != "basic" or said.username != USER:
        return False
    is_secret = hmac.compare_digest((said.password or "").encode(), found.ari_password.encode())
    address = ip_address(request.remote_addr or NOBODY)
    return is_secret and any(address in network for network in settings().switch_allowed)


@bp.errorhandler(K5Error)
def trouble(error: K5Error) -> Response:
    """Say that we have trouble of our own, or that this is no text; the switch goes on without us."""
    logger.warning("a switch is not answered", extra={"code": error.code})
    is_ours = error.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return Response(status=HTTPStatus.SERVICE_UNAVAILABLE if is_ours else HTTPStatus.BAD_REQUEST)


@bp.errorhandler(BadRequest)
@bp.errorhandler(RequestEntityTooLarge)
def malformed(error: BadRequest | RequestEntityTooLarge) -> Response:
    """Refuse what is too long for a question, or no form."""
    return Response(status=HTTPStatus.BAD_REQUEST)
