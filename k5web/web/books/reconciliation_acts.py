"""The act of reconciliation in the cabinet: over chosen days, on the page and as a PDF (B12)."""

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.books.period import Period
from k5web.domain.books.reconciliation_act import ReconciliationAct, Row, Services
from k5web.errors import NotFound, WrongPeriod
from k5web.paper import pdf, svg
from k5web.paper import reconciliation_act as paper
from k5web.paper.sheet import Sheet
from k5web.paper.spelling import month_in_words
from k5web.services.accounts import profiles
from k5web.services.books import reconciliation_acts
from k5web.services.books.statements import StatementLine
from k5web.web.books import periods, reasons
from k5web.web.context import current_subscriber, login_required, ports
from k5web.web.errors import words
from k5web.web.language import speaking
from k5web.web.texts import _

bp = Blueprint("reconciliation_acts", __name__, url_prefix="/me/documents")

MOST_SHEETS = 5  # on the page; what is longer is looked at in the file


@bp.get("/reconciliation")
@login_required
def show() -> ResponseReturnValue:
    """Show the act of the chosen days, or of this year."""
    owner_id, said = current_subscriber().id, ""
    usual = reconciliation_acts.usual_period(ports(), owner_id)
    try:
        period = periods.given(request.args) or usual
        drawn = _sheets(period)
    except WrongPeriod as error:
        period, said = usual, words(error)
        drawn = _sheets(period)
    page = render_template(
        "reconciliation_acts/act.html",
        period=period,
        said=said,
        pages=len(drawn),
        sheets=[svg.draw(sheet) for sheet in drawn[:MOST_SHEETS]],
        file=url_for(".file") + f"?from={period.first}&to={period.last}",
    )
    return page, WrongPeriod.status if said else 200


@bp.get("/reconciliation.pdf")
@login_required
def file() -> ResponseReturnValue:
    """Answer the same as a PDF, with as many pages as it needs."""
    period = periods.given(request.args) or reconciliation_acts.usual_period(ports(), current_subscriber().id)
    answer = Response(pdf.draw(*_sheets(period)), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="akt-sverki-{period.first}-{period.last}.pdf"'
    return answer


def _sheets(period: Period) -> list[Sheet]:
    """Return the act drawn. Raises: WrongPeriod, NotFound where no operator is known."""
    operator = NotFound.unless(ports().payee, "such paper")
    owner_id = current_subscriber().id
    found = reconciliation_acts.over(ports(), owner_id, period)
    with speaking("ru"):  # the paper is for bookkeepers of Russia
        rows = [Row.of(line.posting.day, _movement(line), line.posting.amount) for line in found.movements]
        rows += [Row.of(each.day, _services(each), each.moved) for each in found.services]
    rows.sort(key=lambda row: row.day)
    act = ReconciliationAct(found.period, found.opening, rows, found.closing)
    return paper.sheets(act, operator, profiles.undersigned(ports(), owner_id))


def _services(services: Services) -> str:
    month = month_in_words(services.month)
    if services.is_correction:
        return _("Исправление услуг связи за %(month)s", month=month)
    return _("Услуги связи за %(month)s", month=month)


def _movement(line: StatementLine) -> str:
    return _("%(what)s, № %(number)s", what=reasons.reason(line), number=line.posting.number)
