"""«Поделиться → K5»: what another program hands over leads to the call page of the number in it. It only reads."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.contacts.shared_text import numbers_in
from k5web.web.calls import calls
from k5web.web.context import current_subscriber, login_required
from k5web.web.texts import _

bp = Blueprint("share", __name__)

FIELDS = ("text", "url", "title")  # in which programs put what is shared: the likeliest first
LONGEST_SHOWN = 40  # characters of a text without a number, in the field


@bp.get("/share")
@login_required
def receive() -> ResponseReturnValue:
    """Lead to the call page of the one number that is shared; of several, let the reader choose."""
    shared = [request.args.get(name, "").strip() for name in FIELDS]
    found = [number for text in dict.fromkeys(shared) for number in numbers_in(text, current_subscriber().home)]
    numbers = list(dict.fromkeys(found))
    if len(numbers) == 1:
        return redirect(url_for("calls.show", typed=str(numbers[0])), 303)
    if numbers:
        return render_template("calls/choose.html", numbers=numbers)
    return _nothing(next(filter(None, shared), ""))


def _nothing(text: str) -> Response:
    said = _("В том, чем вы поделились, нет номера телефона. Напишите его сами.")
    return make_response(calls.ask_page(current_subscriber(), text[:LONGEST_SHOWN], said), 400)
