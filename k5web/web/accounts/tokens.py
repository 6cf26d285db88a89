"""Keys for the subscriber's own programs: made, shown once, ended. Behind the password, as they open the account."""

import contextlib
import secrets

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.errors import Conflict, NotFound, TooMany, WrongName
from k5web.services.accounts import tokens
from k5web.web.context import current_subscriber, login_required, password_required, ports
from k5web.web.errors import words
from k5web.web.forms import LONGEST_KEY

bp = Blueprint("tokens", __name__)


@bp.get("/me/tokens")
@login_required
@password_required
def list_tokens() -> ResponseReturnValue:
    """Show the programs that may ask, and the form for a new one."""
    return _page()


@bp.post("/me/tokens")
@login_required
@password_required
def make() -> ResponseReturnValue:
    """Make a token; its text stands on this answer and nowhere else. The same form again shows the same one."""
    name, key = request.form.get("name", ""), request.form.get("form_key", "")[:LONGEST_KEY]
    try:
        made = tokens.make_token(ports(), current_subscriber().id, name, request.form.get("may") == "call", key)
    except (WrongName, TooMany, Conflict) as refusal:
        return _page(typed=name, said=words(refusal), status=refusal.status)
    return _page(made=made)


@bp.post("/me/tokens/<token>/end")
@login_required
def end(token: str) -> ResponseReturnValue:
    """End a token; one that is ended stays so. No password is asked: whoever is in a hurry has a reason."""
    with contextlib.suppress(NotFound):
        tokens.end_token(ports(), current_subscriber().id, token)
    return redirect(url_for(".list_tokens"), 303)


def _page(*, made: str = "", typed: str = "", said: str | None = None, status: int = 200) -> Response:
    page = render_template(
        "tokens/tokens.html",
        found=tokens.list_tokens(ports(), current_subscriber().id),
        made=made,
        typed=typed,
        said=said,
        form_key=secrets.token_urlsafe(12),
    )
    return make_response(page, status)
