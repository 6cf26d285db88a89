"""Everything that waits for a person, by its day; what no other page ends is ticked off here, with a reason."""

from urllib.parse import urlencode

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.desk.action import Action
from k5web.domain.desk.work import WorkKind
from k5web.domain.reason import checked_reason
from k5web.errors import NotFound
from k5web.services.calls import staff_view
from k5web.services.desk import work
from k5web.web.context import ports
from k5web.web.converters import whole
from k5web.web.desk import work_words
from k5web.web.desk.door import about, bp, current_staff, staff_may


@bp.get("/work")
@staff_may(Action.SEE_WORK)
def work_list() -> ResponseReturnValue:
    """Show what waits, of the kind that is wished, the overdue first."""
    kind = wished()
    items = work.listed(ports(), kind, request.args.get("after", ""))
    more = items[work.PAGE - 1].place(ports().today()) if len(items) > work.PAGE else ""
    further = urlencode({"kind": kind or "", "after": more}) if more else ""
    return render_template(
        "desk/work.html",
        items=items[: work.PAGE],
        kind=kind,
        kinds=work.counts(ports()),
        further=further,
        today=ports().today(),
        words=work_words,
        ticked=work.TICKED,
    )


@bp.post("/work/resolve")
@staff_may(Action.RESOLVE_WORK)
def work_resolve() -> ResponseReturnValue:
    """Note that somebody has dealt with an incident."""
    checked_reason(request.form.get("reason", ""))
    kind, reference = request.form.get("kind", ""), request.form.get("reference", "")
    staff_view.resolve_incident(ports(), kind, reference, current_staff().actor)
    return redirect(url_for("desk.work_list", kind=WorkKind.INCIDENT), 303)


@bp.post("/work/tick")
@staff_may(Action.RESOLVE_WORK)
def work_tick() -> ResponseReturnValue:
    """Note that somebody has dealt with a message that did not arrive, or an act that could not be made."""
    form = request.form
    kind = NotFound.unless(WorkKind(form["what"]) if form.get("what") in set(WorkKind) else None, "such work")
    owner_id = NotFound.unless(whole(form.get("owner", "")), "such subscriber")
    if owner_id:
        about(owner_id)
    work.tick(ports(), kind, owner_id, form.get("key", ""), form.get("reason", ""), current_staff().actor)
    return redirect(url_for("desk.work_list", kind=kind), 303)


def wished() -> WorkKind | None:
    """Return which kind the address asks for, None where it asks for all."""
    asked = request.args.get("kind", "")
    return WorkKind(asked) if asked in set(WorkKind) else None
