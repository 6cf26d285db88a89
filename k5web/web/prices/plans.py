"""Plans side by side for everybody; a subscriber's own plan, options and services, changed in two steps."""

import contextlib
import re
import secrets

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.money import Money
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.subscription import Sort
from k5web.errors import ContractEnded, K5Error, NotFound, NothingToObject, NotInPlan, WrongNumber
from k5web.services.prices import objections, past_month, plan_prices, steps, subscriptions
from k5web.services.prices.steps import Step
from k5web.web.context import current_subscriber, login_required, password_required, ports
from k5web.web.errors import words
from k5web.web.forms import LONGEST_KEY, is_hasty
from k5web.web.texts import _

bp = Blueprint("plans", __name__)

SORTS: dict[str, Sort] = {"plan": "plan", "option": "option", "service": "service"}
MOST_PIECES = 999
PIECES = re.compile(r"[1-9][0-9]{0,2}", re.ASCII)
FORM_KEY = re.compile(rf"[A-Za-z0-9_-]{{1,{LONGEST_KEY}}}", re.ASCII)  # as ours are: no name that others give an order


@bp.get("/plans")
def compare() -> ResponseReturnValue:
    """Show all plans, and what a minute to a number costs on each."""
    typed = request.args.get("to", "")
    number, said = None, None
    try:
        number = Msisdn.parse(typed) if typed else None
    except WrongNumber as wrong:
        said = words(wrong)
    found = plan_prices.compare(ports(), number)
    return render_template("plans/plans.html", plans=found, typed=typed, number=number, said=said)


@bp.get("/me/plan")
@login_required
def mine() -> ResponseReturnValue:
    """Show the plan, what is left of its allowances and what the next month takes."""
    found = subscriptions.overview(ports(), current_subscriber())
    held = {each.subscription.code for each in found.held if each.subscription.sort == "plan"} | {found.plan.code}
    offered = [plan for plan in plan_prices.choices(ports()) if not plan.needs_plan or plan.needs_plan & held]
    others = [plan for plan in offered if plan.code not in held]
    subscriber_id = current_subscriber().id
    return render_template(
        "plans/mine.html",
        mine=found,
        others=others,
        coming=objections.announced(ports(), subscriber_id, ("plan", "deck")),
        objection=objections.said(ports(), subscriber_id),
    )


@bp.post("/me/plan/object")
@login_required
@password_required
def object_() -> ResponseReturnValue:
    """Note that the subscriber does not take the dearer plan or price list that comes (B2)."""
    subscriber_id, seen = current_subscriber().id, request.form.get("change")
    with contextlib.suppress(NothingToObject, ContractEnded):  # it is no more what they saw: the page says what holds
        objections.object_to_change(ports(), subscriber_id, f"subscriber:{subscriber_id}", seen)
    return redirect(url_for(".mine"), 303)


@bp.get("/me/plan/<code>/month")
@login_required
def month(code: str) -> ResponseReturnValue:
    """Show the subscriber's own last month as it would have been on another plan."""
    found = past_month.last_month_on(ports(), current_subscriber(), code)
    return render_template("plans/month.html", month=found)


@bp.get("/me/services")
@login_required
def services() -> ResponseReturnValue:
    """Show what the plan offers beside itself, and what of it is connected."""
    return _services()


@bp.get("/me/services/<any(plan, option, service):sort>/<code>")
@login_required
def step(sort: str, code: str) -> ResponseReturnValue:
    """Show what connecting this would take and do; the button is the second step."""
    return _step(sort, code)


@bp.post("/me/services/<any(plan, option, service):sort>/<code>")
@login_required
def connect(sort: str, code: str) -> ResponseReturnValue:
    """Connect what was shown for the sum that was shown."""
    if is_hasty():
        return _step(sort, code)
    subscriber = current_subscriber()
    seen, key = request.form.get("sum", ""), request.form.get("form_key", "")
    if not FORM_KEY.fullmatch(key) or not seen.isascii() or not seen.isdigit() or len(seen) > 12:
        return _step(sort, code)
    agreed = Money(int(seen), subscriber.currency)
    try:
        pieces, version = _pieces(request.form.get("pieces")), _version(request.form.get("version"))
        subscriptions.connect(ports(), subscriber, SORTS[sort], code, key, agreed, pieces, version)
    except NotFound:
        raise
    except K5Error as refusal:
        if refusal.status >= 500:
            raise
        return _step(sort, code, words(refusal), refusal.status)
    return redirect(url_for(".mine" if sort == "plan" else ".services"), 303)


@bp.post("/me/services/<int:n>/end")
@login_required
def end(n: int) -> ResponseReturnValue:
    """End an option or a service on the last day that is paid."""
    subscriptions.disconnect(ports(), current_subscriber(), n)
    return redirect(url_for(".services"), 303)


@bp.post("/me/services/<int:n>/keep")
@login_required
def keep(n: int) -> ResponseReturnValue:
    """Take the end back."""
    subscriptions.keep(ports(), current_subscriber(), n)
    return redirect(url_for(".services"), 303)


@bp.post("/me/services/<int:n>/pieces")
@login_required
def have_fewer(n: int) -> ResponseReturnValue:
    """Let fewer pieces of a service go on."""
    found = subscriptions.overview(ports(), current_subscriber())
    own = next((each.subscription for each in found.leaves if each.subscription.n == n), None)
    if own is None:
        abort(404)
    typed = request.form.get("pieces", "").strip()
    if not PIECES.fullmatch(typed) or int(typed) >= own.pieces:
        return _services(_("Напишите, сколько оставить: меньше, чем %(pieces)s.", pieces=own.pieces), n, typed), 400
    subscriptions.have_fewer(ports(), current_subscriber(), n, int(typed))
    return redirect(url_for(".services"), 303)


def _services(said: str = "", wrong: int = 0, typed: str = "") -> str:
    """Return the page of services; `wrong`: the number of the subscription whose pieces were `typed` wrong."""
    found = subscriptions.overview(ports(), current_subscriber())
    held = {(each.subscription.sort, each.subscription.code) for each in found.held}
    return render_template("plans/services.html", mine=found, held=held, said=said, wrong=wrong, typed=typed)


def _step(sort: str, code: str, said: str | None = None, status: int = 200) -> ResponseReturnValue:
    pieces = _pieces(request.values.get("pieces"))
    found = _look_at(sort, code, pieces)
    key = request.form.get("form_key", "")
    key = key if FORM_KEY.fullmatch(key) else secrets.token_urlsafe(12)
    why = said or (words(found.refusal) if isinstance(found.refusal, K5Error) else None)
    page = render_template("plans/step.html", step=found, said=why, form_key=key)
    return page, status


def _look_at(sort: str, code: str, pieces: int) -> Step:
    try:
        return steps.look_at(ports(), current_subscriber(), SORTS[sort], code, pieces)
    except NotInPlan:
        abort(404)


def _version(text: str | None) -> int | None:
    """Return the version of the plan that a form was made of; None where it names none."""
    is_number = bool(text) and str(text).isascii() and str(text).isdigit() and len(str(text)) <= 12
    return int(str(text)) if is_number else None


def _pieces(text: str | None) -> int:
    """Return how many pieces were typed; one where it is no such number."""
    is_number = bool(text) and str(text).isascii() and str(text).isdigit() and len(str(text)) <= 3
    return max(1, min(int(str(text)), MOST_PIECES)) if is_number else 1
