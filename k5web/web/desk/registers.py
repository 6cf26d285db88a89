"""Registers and statements: handed in, held against the ledger by the day, what differs resolved with a reason."""

import secrets
from datetime import date, timedelta
from typing import Any

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.desk.action import Action
from k5web.domain.desk.proposal import ProposalState
from k5web.domain.money import Money
from k5web.domain.payments.register import RegisterVerdict, zone_of
from k5web.domain.payments.register_day import DifferenceName, HowResolved, RegisterDay, RegisterPair
from k5web.domain.workday import LATE_AFTER_DAYS, working_days
from k5web.errors import NotFound
from k5web.services.accounts import accounts
from k5web.services.desk import differences
from k5web.services.payments import register_days
from k5web.services.payments.register_days import Decision
from k5web.web.context import ports
from k5web.web.desk import jobs
from k5web.web.desk.days import day as read_day
from k5web.web.desk.door import about, bp, current_staff, staff_may
from k5web.web.desk.register_words import how_word, verdict_word, what_to_do
from k5web.web.desk.uploads import read_upload

SHOWN_DAYS = 14
MOST_DAYS = 92
FIGURES = ("confirmed", "missing_here", "missing_there", "sum_mismatch", "duplicate_in_register")


@bp.get("/registers")
@staff_may(Action.SEE_REGISTERS)
def registers() -> ResponseReturnValue:
    """Show each provider's days, and where files are handed in."""
    first, last = asked_days()
    origins = register_days.origins(ports())
    origin = request.args.get("origin", "")
    days = register_days.kept_days(ports(), first, last, origin if origin in origins else None)
    return render_template(
        "desk/registers.html",
        days=days,
        origins=origins,
        origin=origin,
        first=first,
        last=last,
        figures=FIGURES,
        sums=sums,
        titles=titles(),
        verdict_word=verdict_word,
        form_key=secrets.token_urlsafe(12),
    )


@bp.post("/registers/load")
@staff_may(Action.LOAD_FILES)
def load_register() -> ResponseReturnValue:
    """Take a provider's register in."""
    origin = request.form.get("origin", "")
    NotFound.unless(origin if origin in register_days.origins(ports()) else None, "such way to pay")
    return jobs.begin("register", read_upload(), {"origin": origin})


@bp.post("/registers/statement")
@staff_may(Action.LOAD_FILES)
def load_statement() -> ResponseReturnValue:
    """Take a bank's statement in; `received`: what the bank says elsewhere that came."""
    received = request.form.get("received", "").strip().replace(",", ".")
    return jobs.begin("statement", read_upload(), {"received": str(Money.parse(received))} if received else {})


@bp.get("/registers/<origin>/<day>")
@staff_may(Action.SEE_REGISTERS)
def register_day(origin: str, day: str) -> ResponseReturnValue:
    """Show a day line by line: what differs, what was said about it, what came late, what agrees."""
    on = _day(day)
    pairs = register_days.differences(ports(), origin, on)
    agreed = register_days.confirmed(ports(), origin, on, request.args.get("after", ""))
    kept = register_days.kept_days(ports(), on, on, origin)
    return render_template(
        "desk/register_day.html",
        origin=origin,
        title=titles().get(origin, origin),
        on=on,
        day=kept[0] if kept else None,
        open=[pair for pair in pairs if pair.resolution is None],
        resolutions=register_days.resolutions(ports(), origin, on),
        late=[(pair, days_late(pair)) for pair in register_days.late(ports(), origin, on)],
        agreed=agreed,
        further=agreed[-1].name.key if len(agreed) == register_days.A_PAGE else "",
        how=HowResolved,
        how_word=how_word,
        verdict_word=verdict_word,
        what_to_do=what_to_do,
        found_at=found_at,
        subscriber_at=subscriber_at,
        form_key=secrets.token_urlsafe(12),
    )


@bp.post("/registers/<origin>/<day>/count")
@staff_may(Action.RESOLVE_REGISTERS)
def count_register_day(origin: str, day: str) -> ResponseReturnValue:
    """Count a day anew."""
    register_days.count(ports(), origin, _day(day))
    return redirect(url_for("desk.register_day", origin=origin, day=day), 303)


@bp.post("/registers/<origin>/<day>/resolve")
@staff_may(Action.RESOLVE_REGISTERS)
def resolve_difference(origin: str, day: str) -> ResponseReturnValue:
    """Do what was decided about a difference; the reason stays with it."""
    form = request.form
    verdicts = {verdict.value: verdict for verdict in RegisterVerdict}
    hows = {how.value: how for how in HowResolved}
    verdict = NotFound.unless(verdicts.get(form.get("verdict", "")), "such difference")
    how = NotFound.unless(hows.get(form.get("how", "")), "such way out")
    owner_id = None
    if how is HowResolved.CREDITED:
        owner_id = accounts.find_subscriber(ports(), form.get("login", "")).id
        about(owner_id)
    name = DifferenceName(origin, form.get("key", ""), verdict, form.get("back") == "1")
    decision = Decision(name, _day(day), how, form.get("reason", ""), current_staff().actor, owner_id)
    asked = differences.resolve(ports(), decision, form.get("form_key", ""))
    if asked is not None and asked.state is ProposalState.WAITING:
        return redirect(url_for("desk.proposal", n=asked.id), 303)
    return redirect(url_for("desk.register_day", origin=origin, day=day), 303)


def asked_days() -> tuple[date, date]:
    """Return the first and the last day that the address asks for, at most some months."""
    last = read_day(request.args.get("last", "")) or ports().today()
    first = read_day(request.args.get("first", "")) or last - timedelta(days=SHOWN_DAYS - 1)
    return max(first, last - timedelta(days=MOST_DAYS - 1)), last


def sums(day: RegisterDay, verdict: str) -> list[Money]:
    """Return what the payments of a verdict come to: one sum where both sides have the same."""
    figure = day.figure(verdict)
    both = [figure.ours, figure.theirs] if verdict == RegisterVerdict.SUM_MISMATCH else [figure.ours or figure.theirs]
    return [Money(minor, day.currency) for minor in both]


def titles() -> dict[str, str]:
    """Return how providers are called, by their origins."""
    return {one.origin: one.partner.title for one in ports().connectors}


def days_late(pair: RegisterPair) -> int:
    """Return by how many working days a payment was credited too late."""
    connector = ports().connectors.of(pair.name.origin)
    if connector is None or pair.paid_at is None or pair.recorded_at is None:
        return 0
    zone = zone_of(connector, connector.partner.currency)
    came, credited = (at.astimezone(zone).date() for at in (pair.paid_at, pair.recorded_at))
    return working_days(came, credited) - LATE_AFTER_DAYS


def found_at(key: str) -> str:
    """Return where the desk's search shows a payment, "" while there is no search."""
    return _address("desk.search", q=key)


def subscriber_at(owner_id: int) -> str:
    """Return where the desk shows a subscriber, "" while there is no such page."""
    return _address("desk.subscriber", owner_id=owner_id)


def _address(endpoint: str, **values: Any) -> str:
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else ""


def _day(text: str) -> date:
    return NotFound.unless(read_day(text), "such day")
