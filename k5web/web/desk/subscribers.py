"""One subscriber on one page, who it is for whoever says why, and the whole lists behind the page's sections."""

from datetime import datetime
from urllib.parse import urlencode

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue

from k5web.domain.desk.action import Action
from k5web.errors import WrongReason
from k5web.services.desk import subscriber_view
from k5web.services.desk.subscriber_view import Identity
from k5web.services.pbx import call_log
from k5web.web.accounts import profile_words
from k5web.web.context import ports
from k5web.web.converters import moment, whole
from k5web.web.desk.door import bp, current_staff, staff_may
from k5web.web.desk.steps import said_after, steps_for
from k5web.web.desk.subscriber_words import (
    accepted_word,
    ahead_word,
    block_word,
    document_word,
    kind_word,
    purpose_word,
)
from k5web.web.errors import words


@bp.get("/subscribers/<int:owner_id>")
@staff_may(Action.SEE_SUBSCRIBERS)
def subscriber(owner_id: int) -> ResponseReturnValue:
    """Show one subscriber in short; who it is stays masked."""
    return _page(owner_id)


@bp.post("/subscribers/<int:owner_id>/identity")
@staff_may(Action.SEE_IDENTITY)
def identity(owner_id: int) -> ResponseReturnValue:
    """Show the same with who it is, after the reason for it is written down."""
    try:
        found = subscriber_view.identity(ports(), owner_id, current_staff().actor, request.form.get("reason", ""))
    except WrongReason as error:
        return _page(owner_id, said=words(error)), error.status
    return _page(owner_id, found)


@bp.get("/subscribers/<int:owner_id>/readings")
@staff_may(Action.SEE_SUBSCRIBERS)
def readings(owner_id: int) -> ResponseReturnValue:
    """List who of the staff read a subscriber's data."""
    page = subscriber_view.looks(ports(), owner_id, whole(request.args.get("before", "")))
    return render_template("desk/readings.html", owner_id=owner_id, page=page)


@bp.get("/subscribers/<int:owner_id>/messages")
@staff_may(Action.SEE_SUBSCRIBERS)
def messages_to_subscriber(owner_id: int) -> ResponseReturnValue:
    """List what was sent to a subscriber, without what it said."""
    page = subscriber_view.messages(ports(), owner_id, _place(request.args.get("before", "")))
    at, message_id = page.next_before or (None, "")
    further = urlencode({"before": f"{at.isoformat()}|{message_id}"}) if at else ""
    return render_template("desk/messages.html", owner_id=owner_id, page=page, further=further, kind_word=kind_word)


def _page(owner_id: int, identity: Identity | None = None, said: str = "") -> str:
    view = subscriber_view.show(ports(), owner_id)
    return render_template(
        "desk/subscriber.html",
        view=view,
        talks=call_log.talks(ports(), owner_id, limit=subscriber_view.SHOWN).entries,
        owner=view.standing.owner,
        identity=identity,
        particulars=list(profile_words.labels(identity.profile)) if identity and identity.profile else [],
        said=said,
        done=said_after(request.args.get("done", "")),
        steps=steps_for(view.standing),
        now=ports().clock(),
        purpose_word=purpose_word,
        ahead_word=ahead_word,
        kind_word=kind_word,
        document_word=document_word,
        accepted_word=accepted_word,
        block_word=block_word,
        opened=sorted(view.safety.opened),
    )


@bp.context_processor
def _has() -> dict[str, object]:
    """Let templates ask whether a page of the desk is there."""
    return {"has": lambda view: f"{bp.name}.{view}" in current_app.view_functions}


def _place(text: str) -> tuple[datetime, str] | None:
    """Return a place in a list of messages, None for what is none."""
    at, _bar, message_id = text.partition("|")
    sent_at = moment(at)
    return (sent_at, message_id) if sent_at else None
