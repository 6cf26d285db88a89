"""A subscriber's movements and calls as whole lists, and one charge explained."""

from urllib.parse import urlencode

from flask import render_template, request
from flask.typing import ResponseReturnValue

from k5web.domain.books.period import Movements
from k5web.domain.desk.action import Action
from k5web.errors import WrongPeriod
from k5web.services.accounts import accounts
from k5web.services.books import statements
from k5web.services.desk import movement as explaining
from k5web.services.desk import subscriber_view
from k5web.services.pbx import call_log
from k5web.web import errors
from k5web.web.books import periods
from k5web.web.context import ports
from k5web.web.converters import whole
from k5web.web.desk.door import bp, staff_may
from k5web.web.desk.subscriber_words import cover_word, purpose_word
from k5web.web.pbx import call_pages


@bp.get("/subscribers/<int:owner_id>/movements")
@staff_may(Action.SEE_MONEY)
def movements(owner_id: int) -> ResponseReturnValue:
    """List what moved on the main account, by days and kind."""
    try:
        asked, said = periods.asked(), ""
    except WrongPeriod as error:
        asked, said = periods.this_month(), errors.words(error)
    before = whole(request.args.get("before", ""))
    page = statements.statement(ports(), owner_id, asked.period, before, subscriber_view.PAGE, asked.movements)
    shown = render_template(
        "desk/movements.html",
        owner_id=owner_id,
        page=page,
        asked=asked,
        kinds=[(kind, periods.word(kind)) for kind in Movements],
        further=urlencode({**asked.args, "before": page.next_before}) if page.next_before else "",
        said=said,
    )
    return shown, WrongPeriod.status if said else 200


@bp.get("/subscribers/<int:owner_id>/movements/<int:seq>")
@staff_may(Action.SEE_MONEY)
def movement(owner_id: int, seq: int) -> ResponseReturnValue:
    """Explain one movement: its event, the call or the fee, what took it back."""
    found = explaining.explain(ports(), owner_id, seq)
    return render_template(
        "desk/movement.html", owner_id=owner_id, found=found, purpose_word=purpose_word, cover_word=cover_word
    )


@bp.get("/subscribers/<int:owner_id>/payments")
@staff_may(Action.SEE_MONEY)
def payments_of_subscriber(owner_id: int) -> ResponseReturnValue:
    """List what came in and what of it went back, and what was begun here, each paged by key."""
    page = subscriber_view.payments(ports(), owner_id, whole(request.args.get("before", "")))
    return render_template("desk/owner_payments.html", owner_id=owner_id, page=page)


@bp.get("/subscribers/<int:owner_id>/topups")
@staff_may(Action.SEE_MONEY)
def topups_of_subscriber(owner_id: int) -> ResponseReturnValue:
    """List the payments that were begun here, whatever became of them."""
    page = subscriber_view.top_ups(ports(), owner_id, whole(request.args.get("before", "")))
    return render_template("desk/owner_topups.html", owner_id=owner_id, page=page)


@bp.get("/subscribers/<int:owner_id>/calls")
@staff_may(Action.SEE_SUBSCRIBERS)
def calls_of_subscriber(owner_id: int) -> ResponseReturnValue:
    """List the calls of one subscriber, all or of some days."""
    try:
        period, said = periods.given(request.args), ""
    except WrongPeriod as error:
        period, said = None, errors.words(error)
    accounts.purse(ports(), owner_id)
    page = statements.calls(ports(), owner_id, whole(request.args.get("before", "")), subscriber_view.PAGE, period)
    args = {"from": str(period.first), "to": str(period.last)} if period else {}
    talks = call_log.talks(ports(), owner_id, period, call_pages.place(request.args), subscriber_view.PAGE)
    shown = render_template(
        "desk/owner_calls.html",
        owner_id=owner_id,
        page=page,
        talks=talks,
        args=args,
        further=urlencode({**args, "before": page.next_before}) if page.next_before else "",
        further_talks=urlencode({**args, **call_pages.args(talks.further)}) if talks.further else "",
        said=said,
    )
    return shown, WrongPeriod.status if said else 200
