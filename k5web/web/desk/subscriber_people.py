"""The people of a subscriber's PBX, as staff see them: extensions and phones, no passwords and nobody's name."""

from flask import render_template
from flask.typing import ResponseReturnValue

from k5web.domain.desk.action import Action
from k5web.services.pbx import people
from k5web.web.context import ports
from k5web.web.desk.door import bp, staff_may


@bp.get("/subscribers/<int:owner_id>/people")
@staff_may(Action.SEE_CALLS)
def subscriber_people(owner_id: int) -> ResponseReturnValue:
    """List who has which extension, whether it works, and when the phone talked last."""
    roll, last_talks = people.look_at(ports(), owner_id)
    return render_template("desk/people.html", owner_id=owner_id, roll=roll, last_talks=last_talks)
