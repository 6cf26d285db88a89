"""«Звонок с сайта» in the cabinet: buttons made, changed, switched off. Behind the password: visitors spend by them."""

import contextlib
import secrets

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.calls.widget import MOST_A_DAY
from k5web.errors import K5Error, NotFound, WrongCount, WrongPrice, WrongSite
from k5web.services.calls import widgets
from k5web.services.calls.widgets import TypedWidget
from k5web.web.context import current_subscriber, login_required, password_required, ports, settings
from k5web.web.errors import words
from k5web.web.forms import LONGEST_KEY

bp = Blueprint("widgets", __name__)

# Which field of the form a refusal speaks of
FIELDS = {WrongSite: "sites", WrongPrice: "dearest", WrongCount: "calls_a_day"}
FIRST = TypedWidget(label="", sites="", dearest="5,00", calls_a_day="20")


@bp.get("/me/widgets")
@login_required
@password_required
def list_widgets() -> ResponseReturnValue:
    """Show the buttons, what stands on the site for each, and the form for a new one."""
    return _page()


@bp.post("/me/widgets")
@login_required
@password_required
def make() -> ResponseReturnValue:
    """Make a button; the same form makes no second one."""
    typed = _typed()
    try:
        widgets.make(ports(), current_subscriber(), typed, request.form.get("form_key", "")[:LONGEST_KEY])
    except K5Error as refusal:
        return _refused(refusal, "", typed)
    return redirect(url_for(".list_widgets"), 303)


@bp.post("/me/widgets/<code>")
@login_required
@password_required
def change(code: str) -> ResponseReturnValue:
    """Change a button; its code, and so the site, stays."""
    typed = _typed()
    try:
        widgets.change(ports(), current_subscriber().id, code, typed)
    except K5Error as refusal:
        return _refused(refusal, code, typed)
    return redirect(url_for(".list_widgets"), 303)


@bp.post("/me/widgets/<code>/on")
@login_required
@password_required
def switch_on(code: str) -> ResponseReturnValue:
    """Let a button call again."""
    widgets.switch(ports(), current_subscriber().id, code, is_on=True)
    return redirect(url_for(".list_widgets"), 303)


@bp.post("/me/widgets/<code>/off")
@login_required
def switch_off(code: str) -> ResponseReturnValue:
    """Stop a button at once. No password is asked: whoever is in a hurry has a reason."""
    widgets.switch(ports(), current_subscriber().id, code, is_on=False)
    return redirect(url_for(".list_widgets"), 303)


@bp.post("/me/widgets/<code>/remove")
@login_required
def remove(code: str) -> ResponseReturnValue:
    """Delete a button; one that is gone stays gone."""
    with contextlib.suppress(NotFound):
        widgets.remove(ports(), current_subscriber().id, code)
    return redirect(url_for(".list_widgets"), 303)


def _typed() -> TypedWidget:
    form = request.form
    return TypedWidget(
        form.get("label", ""), form.get("sites", ""), form.get("dearest", ""), form.get("calls_a_day", "")
    )


def _refused(refusal: K5Error, code: str, typed: TypedWidget) -> Response:
    """Show the same form again, as it was typed; what no typing can mend is an error page."""
    if isinstance(refusal, NotFound) or refusal.status >= 500:
        raise refusal
    return _page(typed, code, words(refusal), refusal.status, FIELDS.get(type(refusal), "label"))


def _page(
    typed: TypedWidget = FIRST, code: str = "", said: str | None = None, status: int = 200, field: str = "label"
) -> Response:
    page = render_template(
        "widgets/widgets.html",
        found=widgets.of_owner(ports(), current_subscriber().id),
        today=ports().today(),
        site=settings().public_url,
        most=MOST_A_DAY,
        form_key=secrets.token_urlsafe(12),
        typed=typed,
        chosen=code,
        said=said,
        field=field,
        currency_code=current_subscriber().currency,
    )
    return make_response(page, status)
