"""In and out of the desk: login, password, one-time code."""

from dataclasses import dataclass

from flask import make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.accounts.login import LONGEST_LOGIN
from k5web.domain.desk.action import Action
from k5web.errors import Busy, LoginLocked, LoginPaused, StaffUnproved
from k5web.services import demo
from k5web.services.accounts.accounts import Browser
from k5web.services.desk import staff
from k5web.web.accounts import browsers
from k5web.web.context import own_path, ports, settings
from k5web.web.desk.door import bp, current_visit, known_staff, set_cookie, staff_may
from k5web.web.errors import words


@dataclass(frozen=True, slots=True)
class StaffForm:
    """What was typed to log in; password and code are not shown again."""

    login: str
    next: str


@bp.get("/login")
def login() -> ResponseReturnValue:
    """Show the log-in form, or go on where it is done."""
    back = own_path(request.args.get("next"), url_for("desk.home"))
    if known_staff() is not None:
        return redirect(back, 303)
    return _page(StaffForm("", back))


@bp.post("/login")
def log_in() -> ResponseReturnValue:
    """Let somebody of the staff in."""
    sent = request.form
    form = StaffForm(sent.get("login", "").strip()[:LONGEST_LOGIN], own_path(sent.get("next"), url_for("desk.home")))
    browser = Browser(browsers.name_of(request.user_agent.string), request.remote_addr)
    try:
        visit = staff.log_in(ports(), form.login, sent.get("password", ""), sent.get("code", ""), browser)
    except (StaffUnproved, LoginPaused, LoginLocked, Busy) as refusal:
        return _page(form, words(refusal), refusal.status)
    session.pop("csrf_token", None)  # nothing from before the log-in is good after it
    return set_cookie(make_response(redirect(form.next, 303)), visit.token)


@bp.post("/logout")
@staff_may(Action.SEE_DESK)
def logout() -> ResponseReturnValue:
    """End this log-in, here and in the database."""
    staff.log_out(ports(), current_visit())
    return set_cookie(make_response(redirect(url_for("desk.login"), 303)), None)


def _page(form: StaffForm, said: str | None = None, status: int = 200) -> ResponseReturnValue:
    codes = demo.staff_codes(ports()) if settings().is_tried else {}
    return make_response(render_template("desk/login.html", form=form, said=said, codes=codes), status)
