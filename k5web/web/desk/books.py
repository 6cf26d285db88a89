"""Closed days and their seals, how the ledger came out last, days that are due; the files of archived months."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.desk.action import Action
from k5web.services.books import archiving, sealing
from k5web.services.books import verify as verifying
from k5web.web.context import ports
from k5web.web.desk.days import day
from k5web.web.desk.door import bp, staff_may


@bp.get("/books")
@staff_may(Action.SEE_BOOKS)
def books() -> ResponseReturnValue:
    """Show the seals, the newest first, each with who was sent it."""
    seals = sealing.newest(ports(), day(request.args.get("before", "")))
    shown = seals[: sealing.PAGE]
    return render_template(
        "desk/books.html",
        seals=shown,
        letters=sealing.letters(ports(), [seal.day for seal in shown]),
        further=shown[-1].day if len(seals) > sealing.PAGE else None,
        due=sealing.due(ports()),
        verified=verifying.last(ports()),
        is_mailed=bool(ports().seal_to),
    )


@bp.post("/books/close")
@staff_may(Action.CLOSE_DAYS)
def books_close() -> ResponseReturnValue:
    """Close and seal the days that are over."""
    sealing.close_due(ports())
    return redirect(url_for("desk.books"), 303)


@bp.get("/archive")
@staff_may(Action.SEE_BOOKS)
def archive() -> ResponseReturnValue:
    """Show the files that were made of months older than the legal term."""
    return render_template("desk/archive.html", files=archiving.listed(ports())[::-1], years=ports().ledger_years)
