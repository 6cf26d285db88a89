"""The cabinet: the account, every movement with its reason, every call with its charge explained; CSV of both."""

import io
from datetime import timedelta

from flask import Blueprint, Response, flash, get_flashed_messages, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.books.export import ExportWish, Format, Paper
from k5web.domain.books.period import FIRST_DAY, Movements, Period
from k5web.domain.calls import own_limit
from k5web.domain.calls.own_limit import OwnLimit
from k5web.domain.calls.risk import CLOSED, COSTLY_FROM_MICRO
from k5web.domain.money import Money, Price
from k5web.errors import LimitRaised, TooMany, WrongCount, WrongMoney, WrongNumber, WrongPeriod
from k5web.paper import csv_table
from k5web.services.accounts import acceptance, accounts, blocking, devices, documents, endings, own_limits
from k5web.services.books import claims, exports, promised_payments, spending, statements
from k5web.services.calls import safety
from k5web.services.contacts import favourites
from k5web.services.pbx import call_log
from k5web.services.pbx.call_log import Shown
from k5web.web import converters, errors, words
from k5web.web.accounts.accounts import REFUSED_PASSWORD, about_password, confirm_if_needed
from k5web.web.books import chart, periods, report_tables
from k5web.web.books.exports import attachment
from k5web.web.calls import progress
from k5web.web.contacts import called_names, whom
from k5web.web.context import current_device, current_subscriber, in_one_look, login_required, password_required, ports
from k5web.web.pbx import call_pages, talk_words
from k5web.web.texts import _

bp = Blueprint("cabinet", __name__, url_prefix="/me")

LAST_CALLS = 5
MOST_AT_ONCE = 5_000  # lines of a file that is answered at once
_COUNTRY_WORDS = {
    "country": lambda: _("Выберите страну из списка."),
    "country_amount": lambda: _("Напишите, сколько можно потратить на эту страну в день; 0 – не звонить."),
}


@bp.get("")
@in_one_look
@login_required
def home() -> ResponseReturnValue:
    """Show the account at a glance: balance, plan, warnings, spending by day, last calls."""
    subscriber = current_subscriber()
    purse = accounts.purse(ports(), subscriber.id)
    last_calls = call_log.page(ports(), subscriber.id, limit=LAST_CALLS).entries
    return render_template(
        "cabinet/home.html",
        subscriber=subscriber,
        plan=ports().plans.of(subscriber),
        purse=purse,
        low=accounts.low_balance(ports(), subscriber.id, purse.balance),
        spent=spending.this_month(ports(), purse),
        calls=last_calls,
        names=called_names.of_calls(last_calls),
        promise=promised_payments.standing(ports(), subscriber.id) if ports().promise else None,
        breach=blocking.notice(ports(), subscriber),
        contract=acceptance.show(ports(), subscriber.id),
        first_day=documents.first_day,
        ending=endings.standing(ports(), subscriber.id),
        has_access=bool(ports().access_numbers),
    )


@bp.get("/statement")
@in_one_look
@login_required
def statement() -> ResponseReturnValue:
    """Show some days of the account: each movement with its reason, sum in, sum out."""
    try:
        asked, said = periods.asked(), ""
    except WrongPeriod as error:
        asked, said = periods.this_month(), errors.words(error)
    before = _whole("before")
    page = statements.statement(ports(), current_subscriber().id, asked.period, before, movements=asked.movements)
    shown = render_template(
        "cabinet/statement.html",
        page=page,
        asked=asked,
        kinds=[(kind, periods.word(kind)) for kind in Movements],
        chart=chart.by_day(page.month, page.spent_by_day) if asked.period.is_month else None,
        before=before,
        said=said,
    )
    return shown, WrongPeriod.status if said else 200


@bp.get("/statement/<int:seq>")
@in_one_look
@login_required
def line(seq: int) -> ResponseReturnValue:
    """Show one movement with everything known about it."""
    owner_id = current_subscriber().id
    found, disputable = statements.line(ports(), owner_id, seq), claims.look(ports(), owner_id, seq)
    return render_template("cabinet/line.html", line=found, disputable=disputable)


@bp.get("/statement.csv")
@login_required
@password_required
def statement_csv() -> ResponseReturnValue:
    """Answer some days as a file for a spreadsheet. It names who was called, so the password is asked for."""
    asked = periods.asked()
    return _file(ExportWish(Paper.STATEMENT, asked.period, asked.movements, Format.CSV))


@bp.get("/calls")
@in_one_look
@login_required
def calls() -> ResponseReturnValue:
    """Show all calls, or those of a kind, of some days, with a number, newest first."""
    try:
        period, said = periods.given(request.args), ""
    except WrongPeriod as error:
        period, said = None, errors.words(error)
    owner_id, kind, who = current_subscriber().id, _kind(), whom.asked(request.args)
    page = call_log.page(ports(), owner_id, kind, period, call_pages.place(request.args), other=who.digits)
    days_args = {"from": str(period.first), "to": str(period.last)} if period else {}
    kind_args = {} if kind is Shown.ALL else {"kind": str(kind)}
    args = days_args | kind_args | who.args
    shown = render_template(
        "cabinet/calls.html",
        page=page,
        names=called_names.of_calls(page.entries),
        whom=who,
        whose_name=favourites.names(ports(), owner_id, filter(None, [who.digits])).get(who.digits),
        period=period,
        spent=statements.spent_for_calls(ports(), owner_id, period, who.digits) if period else None,
        kind=kind,
        kinds=[(each, talk_words.kinds()[each]) for each in Shown],
        days_args=days_args,
        kind_args=kind_args,
        args=args,
        further={**args, **call_pages.args(page.further)},
        is_further=bool({call_pages.CALL, call_pages.TALK} & request.args.keys()),
        said=said,
    )
    return shown, WrongPeriod.status if said else WrongNumber.status if who.said else 200


@bp.get("/calls/<switch>/<linked_id>")
@in_one_look
@login_required
def talk(switch: str, linked_id: str) -> ResponseReturnValue:
    """Explain one conversation of the PBX: who rang, whom they reached, each leg with what it cost."""
    found = call_log.talk(ports(), current_subscriber().id, switch, linked_id)
    names = called_names.of_calls([found.talk])
    return render_template("cabinet/talk.html", talk=found.talk, recordings=found.recordings, names=names)


def _kind() -> Shown:
    asked = request.args.get("kind")
    return Shown(asked) if asked in set(Shown) else Shown.ALL


@bp.get("/calls.csv")
@login_required
@password_required
def calls_csv() -> ResponseReturnValue:
    """Answer calls as a file. It tells much about a life, so the password is asked for."""
    period = periods.given(request.args) or Period(FIRST_DAY, ports().today())
    return _file(ExportWish(Paper.CALLS, period, Movements.CALLS, Format.CSV, whom.chosen(request.args)))


@bp.get("/calls/<call_id>")
@in_one_look
@login_required
def call(call_id: str) -> ResponseReturnValue:
    """Explain one call: both legs, seconds talked, rounded, price, charge."""
    detail = statements.call_detail(ports(), current_subscriber().id, call_id)
    return render_template(
        "cabinet/call.html",
        detail=detail,
        names=called_names.of_calls([detail.call]),
        call=detail.call,
        verdict=progress.verdict(detail.call),
        disputable=claims.look(ports(), detail.call.owner_id, detail.posting.seq) if detail.posting else None,
    )


@bp.get("/limits")
@in_one_look
@login_required
def limits() -> ResponseReturnValue:
    """Show the limits that protect the money, how much of each is used, and which directions are closed."""
    return _limits_page()


@bp.post("/limits")
@login_required
def change_limits() -> ResponseReturnValue:
    """Set the subscriber's own limits, which needs the password: lower ones at once, higher ones after a while."""
    subscriber = current_subscriber()
    wanted: dict[str, int | None] = {}
    try:
        if at := _wrong_country():
            return _limits_page(_COUNTRY_WORDS[at](), WrongCount.status, at)
        confirm_if_needed()
        for key, typed in _typed_limits().items():
            wanted[key] = None  # what stands here when the text cannot be read names the field
            wanted[key] = _amount(key, typed, subscriber.currency)
        own_limits.change(ports(), subscriber.id, wanted)
    except REFUSED_PASSWORD as error:
        return _limits_page(about_password(error), error.status, "password")
    except WrongMoney as error:
        return _limits_page(_("Напишите сумму так: 500,00."), error.status, next(reversed(wanted)))
    except WrongCount as error:
        return _limits_page(errors.words(error), error.status, own_limit.MINUTES)
    except (LimitRaised, TooMany) as error:
        return _limits_page(errors.words(error), error.status)
    flash("limits")
    return redirect(url_for(".limits"), 303)


def _typed_limits() -> dict[str, str]:
    """Return the limits of the form as they were typed, by their keys; the one for a country that is new too."""
    typed = {key: request.form[key].strip() for key in request.form if own_limit.is_key(key)}
    region = request.form.get("country", "")
    key, amount = own_limit.to_country(region), request.form.get("country_amount", "").strip()
    return typed | {key: amount} if own_limit.is_key(key) and amount else typed


def _wrong_country() -> str:
    """Return the field of the new country where the form names none that is known, or one without its sum."""
    region, amount = request.form.get("country", ""), request.form.get("country_amount", "").strip()
    if any(key.startswith("to:") and not own_limit.is_key(key) for key in request.form):
        return "country"
    if (region or amount) and own_limit.country(own_limit.to_country(region)) is None:
        return "country"
    return "country_amount" if region and not amount else ""


def _amount(key: str, typed: str, currency: str) -> int | None:
    """Return what was typed, None for nothing. Raises: WrongMoney, WrongCount."""
    if not typed:
        return None
    if key != own_limit.MINUTES:
        return Money.typed(typed, currency).minor
    if not (typed.isascii() and typed.isdigit() and 1 <= int(typed[:6]) <= own_limit.MOST_MINUTES):
        raise WrongCount(most=own_limit.MOST_MINUTES)
    return int(typed[:6])


def _limits_page(said: str | None = None, status: int = 200, at: str = "day") -> ResponseReturnValue:
    subscriber = current_subscriber()
    found, own = safety.show(ports(), subscriber.id), own_limits.of(ports(), subscriber.id)
    typed = _typed_limits()
    always = (own_limit.DAY, own_limit.CALL, own_limit.MINUTES)
    shown = {key for key in own.keys() | typed.keys() if own_limit.is_key(key)}
    keys = dict.fromkeys([*always, *sorted(shown - {own_limit.ELSEWHERE}), own_limit.ELSEWHERE])
    page = render_template(
        "cabinet/limits.html",
        limits=found.limits,
        ceilings=found.ceilings,
        fields=[(key, own.get(key, OwnLimit(key))) for key in keys],
        countries=words.countries(),
        now=ports().clock(),
        currency=subscriber.currency,
        closed=[direction for direction in CLOSED if direction not in found.opened],
        opened=sorted(found.opened),
        costly_from=Price(COSTLY_FROM_MICRO, subscriber.currency),
        calls_at_once=ports().plans.of(subscriber).calls_at_once,
        is_confirmed=devices.is_confirmed(ports(), current_device()),
        wait_h=ports().raise_wait // timedelta(hours=1),
        typed=typed,
        country=request.form.get("country", "") if at.startswith("country") else "",
        country_amount=request.form.get("country_amount", "") if at.startswith("country") else "",
        said=said,
        at=at,
        notes=get_flashed_messages(),
    )
    return page, status


def _whole(name: str) -> int | None:
    return converters.whole(request.args.get(name, ""))


def _file(wish: ExportWish) -> ResponseReturnValue:
    """Answer a short file at once; a long one is made by the worker."""
    owner_id = current_subscriber().id
    if exports.count(ports(), owner_id, wish) > MOST_AT_ONCE:
        number = f"+{wish.other}" if wish.other else None
        args = periods.Asked(wish.period, wish.movements).args
        return redirect(url_for("exports.show", paper=wish.paper, number=number, **args), 303)
    out = io.BytesIO()
    csv_table.write(report_tables.table(exports.whole(ports(), owner_id, wish)), out)
    return Response(out.getvalue(), mimetype="text/csv", headers={"Content-Disposition": attachment(wish.name)})
