"""Statements and call details as files: asked for, watched while they are made, fetched for a week, by their owner."""

import secrets
from collections.abc import Callable, Mapping
from typing import Final

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.books.export import KEPT_FOR, Export, ExportState, ExportWish, Format, Paper
from k5web.domain.books.period import Movements, Period
from k5web.errors import ExportTooLong, NotFound, TooMany, TooOften, WrongPeriod
from k5web.services.accounts import devices
from k5web.services.books import exports
from k5web.web import errors
from k5web.web.accounts.accounts import REFUSED_PASSWORD, about_password, confirm_if_needed
from k5web.web.books import periods, report_tables
from k5web.web.books.report_files import MEDIA_TYPES
from k5web.web.contacts import whom
from k5web.web.context import (
    current_device,
    current_subscriber,
    login_required,
    password_required,
    ports,
    settings,
)
from k5web.web.forms import LONGEST_KEY
from k5web.web.texts import _
from k5web.web.words import phone, whole

bp = Blueprint("exports", __name__, url_prefix="/me/documents/files")

LOOK_S = 4  # between two looks of a page at a file that is made
FORMATS: Final = {Format.PDF: "PDF", Format.XLSX: "XLSX (Excel)", Format.CSV: "CSV"}
STATES: Final[Mapping[ExportState, Callable[[], str]]] = {
    ExportState.WAITING: lambda: _("В очереди"),
    ExportState.MAKING: lambda: _("Готовим"),
    ExportState.READY: lambda: _("Готов"),
    ExportState.TOO_LARGE: lambda: _("Файл получился слишком большим. Выберите меньше дней."),
    ExportState.FAILED: lambda: _("Файл сделать не удалось. Закажите его ещё раз."),
}


def word(export: Export) -> str:
    """Return where a file stands: «Готовим: 500 из 1 200 строк»."""
    if export.state is not ExportState.MAKING:
        return STATES[export.state]()
    return _("Готовим: %(done)s из %(lines)s строк", done=whole(export.lines_done), lines=whole(export.lines))


def name(wish: ExportWish) -> str:
    """Return what a file is about: «Выписка, 12.2026, звонки, PDF»."""
    parts = [report_tables.title(wish.paper), periods.said(wish.period)]
    if wish.paper is Paper.STATEMENT and wish.movements is not Movements.ALL:
        parts.append(periods.word(wish.movements))
    if wish.other:
        parts.append(phone(wish.other))
    return ", ".join([*parts, wish.format.upper()])


def attachment(file: str) -> str:
    """Return the header that has a file saved under its name."""
    return f'attachment; filename="{file}"'


@bp.get("")
@login_required
def show() -> ResponseReturnValue:
    """Show the form of a new file, filled with what the address asks for, and the files that are there."""
    try:
        return _page(periods.asked(), request.args.get("paper", ""))
    except WrongPeriod as error:
        return _page(periods.this_month(), "", errors.words(error), "from", error.status)


@bp.post("")
@login_required
def ask() -> ResponseReturnValue:
    """Ask for a file, which needs the password: it tells much about a life. The same form asks for it once."""
    asked, key = periods.this_month(), request.form.get("form_key", "")[:LONGEST_KEY] or secrets.token_urlsafe(12)
    try:
        wish = _wish()
        asked = periods.Asked(wish.period, wish.movements)
        confirm_if_needed()
        link = f"{settings().public_url}{url_for('.show')}/" if request.form.get("letter") else ""
        export = exports.ask(ports(), current_subscriber().id, wish, key, link)
    except REFUSED_PASSWORD as error:
        return _page(asked, request.form.get("paper", ""), about_password(error), "password", error.status)
    except WrongPeriod as error:
        return _page(asked, request.form.get("paper", ""), errors.words(error), "from", error.status)
    except (TooMany, TooOften, ExportTooLong) as error:
        return _page(asked, request.form.get("paper", ""), errors.words(error), "from", error.status)
    return redirect(url_for(".watch", token=export.token), 303)


@bp.get("/<token>/state")
@login_required
def watch(token: str) -> ResponseReturnValue:
    """Show how far a file is, and the link once it is made; the page looks again by itself until then."""
    mine = exports.mine(ports(), current_subscriber().id)
    found = NotFound.unless(next((each for each in mine if each.token == token), None), "such file")
    refresh_s = LOOK_S if found.state.is_open and request.args.get("auto") != "0" else None
    return render_template("exports/state.html", export=found, refresh_s=refresh_s)


@bp.get("/<token>")
@login_required
@password_required
def file(token: str) -> ResponseReturnValue:
    """Answer a file, part by part."""
    found = exports.ready(ports(), current_subscriber().id, token)
    headers = {"Content-Disposition": attachment(found.wish.name), "Content-Length": str(found.size)}
    return Response(exports.content(ports(), found), mimetype=MEDIA_TYPES[found.wish.format], headers=headers)


@bp.post("/<token>/remove")
@login_required
def remove(token: str) -> ResponseReturnValue:
    """Remove a file, or the wish for one."""
    exports.remove(ports(), current_subscriber().id, token)
    return redirect(url_for(".show"), 303)


def _wish() -> ExportWish:
    """Return what the form wants; what it cannot name is what is first in its lists.

    Raises: WrongPeriod; WrongNumber.
    """
    form = request.form
    period = periods.given(form) or Period.month(ports().today())
    paper = Paper(form["paper"]) if form.get("paper") in set(Paper) else Paper.STATEMENT
    kind = Movements(form["kind"]) if form.get("kind") in set(Movements) else Movements.ALL
    form_of = Format(form["format"]) if form.get("format") in set(Format) else Format.PDF
    if paper is Paper.STATEMENT:
        return ExportWish(paper, period, kind, form_of)
    return ExportWish(paper, period, Movements.CALLS, form_of, whom.chosen(form))


def _page(asked: periods.Asked, paper: str, said: str = "", at: str = "", status: int = 200) -> ResponseReturnValue:
    owner_id = current_subscriber().id
    page = render_template(
        "exports/exports.html",
        asked=asked,
        paper=paper,
        other=whom.chosen(request.values) if paper == Paper.CALLS else "",
        papers=[(each, report_tables.title(each)) for each in Paper],
        kinds=[(each, periods.word(each)) for each in Movements],
        formats=list(FORMATS.items()),
        files=exports.mine(ports(), owner_id),
        has_address=exports.has_address(ports(), owner_id),
        is_confirmed=devices.is_confirmed(ports(), current_device()),
        days_kept=KEPT_FOR.days,
        form_key=secrets.token_urlsafe(12),
        said=said,
        at=at,
    )
    return page, status
