"""What the callers of a subscriber's numbers meet: read by staff, and tried without a call; its renter changes it."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from k5web.domain.desk.action import Action
from k5web.services.pbx import rules
from k5web.web.context import ports
from k5web.web.desk.door import bp, staff_may
from k5web.web.pbx.rule_words import number_name
from k5web.web.pbx.rules import page_facts


@bp.get("/subscribers/<int:owner_id>/rules")
@staff_may(Action.SEE_CALLS)
def subscriber_rules(owner_id: int) -> ResponseReturnValue:
    """Show the rule of one number, the first where none is named, and what a call that is made up would do."""
    led = rules.led_here(ports(), owner_id)
    number = request.args.get("number", "")
    page = rules.show(ports(), owner_id, number if number in led else led[0]) if led else None
    facts = page_facts(page) if page else {}
    listed = [(each, number_name(each)) for each in led]
    return render_template("desk/rules.html", owner_id=owner_id, page=page, listed=listed, **facts)
