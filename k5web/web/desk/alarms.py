"""Fraud alarms and the stop-list at the desk: one press stops an account's calls, one lets them be."""

from datetime import datetime, timedelta

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.calls.stops import StopKind
from k5web.domain.desk.action import Action
from k5web.errors import NotFound, WrongStop
from k5web.services.calls import alarms as fraud
from k5web.services.calls import stops as stop_list
from k5web.services.ports import start_of_day
from k5web.web.context import ports
from k5web.web.converters import whole
from k5web.web.desk import call_words
from k5web.web.desk.days import day_of
from k5web.web.desk.door import about, bp, current_staff, staff_may


@bp.get("/alarms")
@staff_may(Action.SEE_CALLS)
def alarms() -> str:
    """Show the alarms that wait, and a page of those that were answered."""
    decided = fraud.decided(ports(), _before())
    before = f"{decided[-1].owner_id}-{decided[-1].n}" if len(decided) == fraud.LISTED else None
    return render_template(
        "desk/alarms.html", waiting=fraud.open_alarms(ports()), decided=decided, before=before, words=call_words
    )


def _before() -> tuple[datetime, int, int] | None:
    """Return the alarm after which the page of the address begins. Raises: NotFound."""
    text = request.args.get("before", "")
    owner_id, _dash, n = text.partition("-")
    if not text:
        return None
    if not (owner_id.isdecimal() and n.isdecimal() and text.isascii() and len(text) <= 20):
        raise NotFound(what="alarm")
    found = fraud.find(ports(), int(owner_id), int(n))
    return found.raised_at, found.owner_id, found.n


@bp.post("/alarms/<int:owner_id>/<int:n>/stop")
@staff_may(Action.STOP_CALLS)
def stop_for_alarm(owner_id: int, n: int) -> ResponseReturnValue:
    """Stop the calls of an alarm's account. Its payments go on."""
    fraud.stop_calls(ports(), owner_id, n, current_staff().actor, _reason())
    return redirect(url_for("desk.alarms"), 303)


@bp.post("/alarms/<int:owner_id>/<int:n>/leave")
@staff_may(Action.STOP_CALLS)
def leave_alarm(owner_id: int, n: int) -> ResponseReturnValue:
    """Put an alarm away: it is no fraud."""
    fraud.leave(ports(), owner_id, n, current_staff().actor, _reason())
    return redirect(url_for("desk.alarms"), 303)


@bp.post("/alarms/<int:owner_id>/<int:n>/undo")
@staff_may(Action.STOP_CALLS)
def undo_alarm(owner_id: int, n: int) -> ResponseReturnValue:
    """Let the calls of an alarm's account be again."""
    fraud.undo(ports(), owner_id, n, current_staff().actor, _reason())
    return redirect(url_for("desk.alarms"), 303)


@bp.get("/stops")
@staff_may(Action.SEE_CALLS)
def stops() -> str:
    """Show the stop-list: what is in force, or all that ever was."""
    is_all = "all" in request.args
    before = request.args.get("before", "")
    listed = stop_list.listed(ports(), whole(before), is_all=is_all)
    kept = {"all": "1"} if is_all else {}
    further = {**kept, "before": listed[-1].n} if len(listed) == stop_list.LISTED else None
    shown = {"listed": listed, "further": further, "is_all": is_all, "now": ports().clock()}
    return render_template("desk/stops.html", **shown, kinds=StopKind, words=call_words)


@bp.post("/stops")
@staff_may(Action.STOP_CALLS)
def add_stop() -> ResponseReturnValue:
    """Put a number, a prefix, a phone or a subscriber on the stop-list."""
    kind, what = request.form.get("kind", ""), request.form.get("what", "")
    if kind not in set(StopKind):
        raise WrongStop(text=what[:40])
    if kind == StopKind.SUBSCRIBER and (owner_id := whole(what.strip())):
        about(owner_id)
    last = day_of(request.form.get("until", ""))
    until = start_of_day(last + timedelta(days=1)) if last else None
    stop_list.stop(ports(), StopKind(kind), what, _reason(), current_staff().actor, until)
    return redirect(url_for("desk.stops"), 303)


@bp.post("/stops/<int:n>/lift")
@staff_may(Action.STOP_CALLS)
def lift_stop(n: int) -> ResponseReturnValue:
    """Take an entry of the stop-list back."""
    stop_list.lift(ports(), n, current_staff().actor, _reason())
    return redirect(url_for("desk.stops"), 303)


def _reason() -> str:
    return request.form.get("reason", "")
