"""The first page of the desk."""

from flask import render_template
from flask.typing import ResponseReturnValue

from k5web.domain.desk.action import Action
from k5web.web.desk import menu
from k5web.web.desk.door import bp, staff_may


@bp.get("")
@staff_may(Action.SEE_DESK)
def home() -> ResponseReturnValue:
    """Show what waits, and where to go."""
    return render_template("desk/home.html", places=menu.places()[1:])


@bp.context_processor
def _menu() -> dict[str, object]:
    return {"menu": menu.places}
