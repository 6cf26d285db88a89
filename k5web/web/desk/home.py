"""The first page of the desk: one search, what waits for a person, and where all else is."""

from flask import render_template
from flask.typing import ResponseReturnValue

from k5web.domain.desk.action import Action
from k5web.services.calls import alarms
from k5web.services.desk import work
from k5web.web.context import ports
from k5web.web.desk import menu, work_words
from k5web.web.desk.door import allowed, bp, staff_may


@bp.get("")
@staff_may(Action.SEE_DESK)
def home() -> ResponseReturnValue:
    """Show what waits, and where to go."""
    return render_template(
        "desk/home.html",
        places=menu.places(),
        counts=work.counts(ports()),
        alarms=alarms.waiting(ports()) if allowed(Action.SEE_CALLS) else 0,
        words=work_words,
    )


@bp.context_processor
def _menu() -> dict[str, object]:
    return {"menu": menu.top}
