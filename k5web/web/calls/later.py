"""«Позже»: a press that could not be written down just now stands in a page that repeats it, under the same key."""

import logging
import random
from http import HTTPStatus
from typing import Final

from flask import Response, make_response, render_template, request

from k5web.errors import Unavailable
from k5web.services.calls.placing import LONGEST_WAIT
from k5web.web import language
from k5web.web.errors import RETRY_AFTER_S
from k5web.web.forms import CallForm

logger = logging.getLogger(__name__)

MOST_TRIES: Final = 20
FIRST_S, MOST_S = 2, 6  # pauses; all tries together take about two minutes
JITTER_MS: Final = 1000  # many were put off in one moment, and shall not come back in one


def page(form: CallForm, error: Unavailable) -> Response:
    """Return the page that holds this form. It needs no database.

    Whether the order was written is not known where the answer of the database was lost. So it never says that the call
    failed: it repeats the key until it is answered, and after that tells how long the phone may still ring.
    """
    language.without_database()
    tries = _tries()
    repeats = tries < MOST_TRIES
    pause_s = min(FIRST_S + tries, MOST_S) if repeats else RETRY_AFTER_S
    logger.warning("press put off", extra={"code": error.code, "tries": tries})
    text = render_template(
        "calls/later.html",
        number=form.number,
        form_key=request.form["form_key"],
        other_phone=request.form.get("from"),
        tries=tries + 1,
        again_ms=pause_s * 1000 + random.randrange(JITTER_MS) if repeats else None,
        minutes=int(LONGEST_WAIT.total_seconds()) // 60,
    )
    answer = make_response(text, HTTPStatus.SERVICE_UNAVAILABLE)
    answer.headers["Retry-After"] = str(pause_s)
    return answer


def _tries() -> int:
    """Return how often this page was shown before: what the form says, for only its own reader is put off by it."""
    typed = request.form.get("tries", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= len(str(MOST_TRIES)) else 0
