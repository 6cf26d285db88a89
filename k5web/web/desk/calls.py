"""Calls at the desk: those under way and their end, past ones by filters of the address, one with all its records."""

from collections.abc import Mapping

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.books.period import Period
from k5web.domain.calls.call import Outcome, split_call_id
from k5web.domain.calls.search import CallSearch
from k5web.domain.calls.stops import read_what
from k5web.domain.desk.action import Action
from k5web.services.accounts import accounts
from k5web.services.calls import staff_view
from k5web.services.calls.routing import trunks
from k5web.services.pbx import call_log
from k5web.web.calls import progress
from k5web.web.context import ports
from k5web.web.desk import call_words
from k5web.web.desk.days import chosen_days
from k5web.web.desk.door import about, bp, current_staff, staff_may

LOOK_AGAIN_S = 10


@bp.get("/calls")
@staff_may(Action.SEE_CALLS)
def calls() -> str:
    """Show every call under way; the page asks again by itself, unless it is to stand still."""
    now = ports().clock()
    watched = staff_view.watch(ports())
    live = [(each, progress.rows(each.call, 0), progress.cost_so_far(each.call, now)) for each in watched]
    return render_template(
        "desk/calls.html",
        live=live,
        now=now,
        most=staff_view.LISTED,
        again_s=LOOK_AGAIN_S,
        is_still="still" in request.args,
        words=call_words,
    )


@bp.get("/calls/past")
@staff_may(Action.SEE_CALLS)
def past_calls() -> str:
    """Show a page of past calls that fit the filters of the address."""
    asked = {name: value.strip() for name, value in request.args.items() if value.strip()}
    search = _search(asked)
    found = staff_view.past(ports(), search, asked.get("before", ""))
    kept = {name: value for name, value in asked.items() if name != "before"}
    talks = call_log.talks(ports(), search.owner_id, Period(search.first, search.last)) if search.owner_id else None
    return render_template(
        "desk/past_calls.html",
        found=found,
        talks=talks.entries if talks else (),
        asked={"from": search.first, "to": search.last, **kept},
        further={**kept, "before": found[-1].call.id} if len(found) == staff_view.PAGE else None,
        trunks=[trunk.code for trunk in trunks(ports().switches)],
        outcomes={outcome.value: call_words.outcome(outcome) for outcome in Outcome},
        words=call_words,
    )


@bp.get("/calls/<call_id>")
@staff_may(Action.SEE_CALLS)
def call(call_id: str) -> str:
    """Show everything about one call; numbers stay masked."""
    sheet = staff_view.sheet(ports(), call_id)
    return render_template("desk/call.html", sheet=sheet, order=sheet.call, words=call_words)


@bp.post("/calls/<call_id>/end")
@staff_may(Action.END_CALLS)
def end_call(call_id: str) -> ResponseReturnValue:
    """End a call under way. Its records settle it, as ever."""
    about(split_call_id(call_id)[0])
    staff_view.end(ports(), call_id, current_staff().actor, request.form.get("reason", ""))
    return redirect(url_for("desk.call", call_id=call_id), 303)


def _search(asked: Mapping[str, str]) -> CallSearch:
    first, last = chosen_days()
    subscriber = asked.get("subscriber")
    return CallSearch(
        first=first,
        last=last,
        owner_id=accounts.find_subscriber(ports(), subscriber).id if subscriber else None,
        number=read_what(asked["number"]) if "number" in asked else "",
        direction=asked.get("direction", ""),
        trunk=asked.get("trunk", ""),
        outcome=Outcome(asked["ending"]) if asked.get("ending") in set(Outcome) else None,
        is_unsure="unsure" in asked,
    )
