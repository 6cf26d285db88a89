"""Acts at the desk: listed by month, opened and printed for a reason, noted as sent."""

from datetime import date
from urllib.parse import urlencode

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.books.act import read_address
from k5web.domain.books.period import FIRST_DAY
from k5web.domain.desk.action import Action
from k5web.domain.reason import checked_reason
from k5web.errors import K5Error, NotFound, WrongReason
from k5web.paper import act as act_paper
from k5web.paper import pdf, svg
from k5web.services.books import acts as services
from k5web.services.books.acts import IssuedAct
from k5web.services.desk import subscriber_view
from k5web.web.context import ports
from k5web.web.converters import whole
from k5web.web.desk.days import day
from k5web.web.desk.door import bp, current_staff, staff_may
from k5web.web.errors import words

COMMAND = "desk act"  # how a reading of an act is named
LONGEST_DOCUMENT = 100


@bp.get("/acts")
@staff_may(Action.SEE_SUBSCRIBERS)
def acts() -> ResponseReturnValue:
    """List everybody's acts of a month, and the signed originals that are to be sent."""
    month = _month(request.args.get("month", ""))
    owner, _dash, version = request.args.get("after", "").partition("-")
    page = subscriber_view.acts(ports(), month, (whole(owner) or 0, whole(version) or 0))
    after = "{}-{}".format(*page.next_after) if page.next_after else ""
    further = urlencode({"month": f"{month:%Y-%m}", "after": after}) if after else ""
    wanted = services.originals(ports()) if not owner else []
    return render_template("desk/acts.html", month=month, page=page, further=further, wanted=wanted)


@bp.get("/subscribers/<int:owner_id>/acts")
@staff_may(Action.SEE_SUBSCRIBERS)
def acts_of_subscriber(owner_id: int) -> ResponseReturnValue:
    """List the acts of one subscriber."""
    return render_template("desk/owner_acts.html", owner_id=owner_id, acts=subscriber_view.acts_of(ports(), owner_id))


@bp.get("/subscribers/<int:owner_id>/acts/<act>")
@staff_may(Action.SEE_SUBSCRIBERS)
def act(owner_id: int, act: str) -> ResponseReturnValue:
    """Show what an act comes to; whom it names is asked for with a reason."""
    return _page(owner_id, act)


@bp.post("/subscribers/<int:owner_id>/acts/<act>")
@staff_may(Action.SEE_IDENTITY)
def open_act(owner_id: int, act: str) -> ResponseReturnValue:
    """Show an act as it is printed, after the reason for it is written down."""
    try:
        found = _read(owner_id, act)
    except WrongReason as error:
        return _page(owner_id, act, said=words(error)), error.status
    drawn = [svg.draw(sheet) for sheet in act_paper.sheets(found.act, found.party)]
    return render_template("desk/act_sheets.html", owner_id=owner_id, found=found, act=found.act, sheets=drawn)


@bp.post("/subscribers/<int:owner_id>/acts/<act>/pdf")
@staff_may(Action.SEE_IDENTITY)
def act_file(owner_id: int, act: str) -> ResponseReturnValue:
    """Answer the same as a PDF."""
    try:
        found = _read(owner_id, act)
    except WrongReason as error:
        return _page(owner_id, act, said=words(error)), error.status
    answer = Response(pdf.draw(*act_paper.sheets(found.act, found.party)), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="akt-{owner_id}-{found.act.address}.pdf"'
    return answer


@bp.post("/subscribers/<int:owner_id>/acts/<act>/sent")
@staff_may(Action.CHANGE_SUBSCRIBERS)
def note_act_sent(owner_id: int, act: str) -> ResponseReturnValue:
    """Note that the signed original was sent."""
    document = request.form.get("document", "")
    try:
        checked = checked_reason(document, LONGEST_DOCUMENT)
        sent_on = day(request.form.get("sent_on", "")) or ports().today()
        services.note_sent(ports(), owner_id, *read_address(act), sent_on, checked, current_staff().actor)
    except NotFound:
        raise
    except K5Error as error:
        return _page(owner_id, act, said=words(error)), error.status
    return redirect(url_for("desk.act", owner_id=owner_id, act=act), 303)


def _read(owner_id: int, address: str) -> IssuedAct:
    """Return an act with whom it names, after the reason is written down. Raises: NotFound, WrongReason."""
    month, version = read_address(address)
    reason = request.form.get("reason", "")
    subscriber_view.note_reading(ports(), owner_id, current_staff().actor, reason, COMMAND)
    return services.find(ports(), owner_id, month, version)


def _page(owner_id: int, address: str, said: str = "") -> str:
    found = services.find(ports(), owner_id, *read_address(address))
    return render_template(
        "desk/act.html",
        owner_id=owner_id,
        found=found,
        act=found.act,
        name_of=act_paper.name_of,
        said=said,
        today=ports().today(),
    )


def _month(text: str) -> date:
    """Return the first day of a month written 2026-11; the last whole month for anything else."""
    found = day(f"{text}-01")
    today = ports().today()
    if found and FIRST_DAY <= found <= today:
        return found
    last = today.replace(day=1)
    return (last.replace(year=last.year - 1, month=12)) if last.month == 1 else last.replace(month=last.month - 1)
