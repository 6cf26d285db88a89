"""The unused advance after a contract: what was asked for, where it goes, and that it was paid or declined."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.accounts.ending import RefundApplication, Requisites
from k5web.domain.desk.action import Action
from k5web.errors import K5Error
from k5web.services.accounts import accounts, advances
from k5web.services.desk import subscriber_view
from k5web.web.context import ports
from k5web.web.desk.door import bp, current_staff, staff_may
from k5web.web.errors import words

COMMAND = "desk advance"  # how a reading of where the money goes is named


@bp.get("/subscribers/<int:owner_id>/advance")
@staff_may(Action.SEE_MONEY)
def advance(owner_id: int) -> ResponseReturnValue:
    """Show what a subscriber asked to have back."""
    return _page(owner_id)


@bp.post("/subscribers/<int:owner_id>/advance")
@staff_may(Action.MOVE_MONEY)
def open_advance(owner_id: int) -> ResponseReturnValue:
    """Show where the money is to go, after the reason for it is written down."""
    try:
        subscriber_view.note_reading(ports(), owner_id, current_staff().actor, request.form.get("reason", ""), COMMAND)
    except K5Error as error:
        return _page(owner_id, said=words(error)), error.status
    return _page(owner_id, is_open=True)


@bp.post("/subscribers/<int:owner_id>/advance/decline")
@staff_may(Action.MOVE_MONEY)
def decline_advance(owner_id: int) -> ResponseReturnValue:
    """Close what was asked for without paying; the money stays on the account."""
    try:
        advances.decline(ports(), owner_id, request.form.get("reason", ""), current_staff().actor)
    except K5Error as error:
        return _page(owner_id, said=words(error)), error.status
    return redirect(url_for("desk.advance", owner_id=owner_id), 303)


def _page(owner_id: int, said: str = "", is_open: bool = False) -> str:
    purse = accounts.purse(ports(), owner_id)
    asked = advances.of_owner(ports(), owner_id)
    waiting = next((each for each in asked if each.is_open), None)
    return render_template(
        "desk/advance.html",
        owner_id=owner_id,
        purse=purse,
        waiting=waiting,
        is_late=waiting is not None and ports().today() > waiting.due_on,
        to=_to(waiting, is_open) if waiting else None,
        ended=[each for each in reversed(asked) if not each.is_open],
        said=said,
    )


def _to(asked: RefundApplication, is_open: bool) -> Requisites:
    """Return where the money goes; for whoever did not say why, only the end of the account."""
    return asked.to if is_open else Requisites("", f"…{asked.to.account[-4:]}", "")
