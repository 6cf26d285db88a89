"""Paying at a bank: the receipt PD-4 as a page to print and as a PDF (B13)."""

from collections.abc import Mapping

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.bank.receipt import CURRENCY, Receipt
from k5web.domain.money import Money
from k5web.errors import NotFound, NotPrintable, SumOutsideLimits, WrongMoney
from k5web.paper import pd4, pdf, svg
from k5web.services.bank import receipts
from k5web.web.context import current_subscriber, login_required, ports
from k5web.web.errors import words
from k5web.web.payments.errands import LONGEST_SUM, Errand
from k5web.web.texts import _

bp = Blueprint("receipts", __name__)


@bp.get("/pay/pd4")
@login_required
def show() -> ResponseReturnValue:
    """Show the receipt to print, with its sum or a blank for it, and the same facts to type into a bank's site."""
    if ports().payee is None:
        raise NotFound(what="such way to pay")
    typed = _typed(request.args)
    if not receipts.are_for(ports(), current_subscriber()):
        return render_template(
            "receipts/pd4.html", made=None, typed=typed, wrong="", suits=False, errand=Errand.read()
        ), 409
    try:
        made = _make(typed)
        sheet = pd4.sheet(made)
    except (WrongMoney, SumOutsideLimits, NotPrintable) as error:
        return render_template(
            "receipts/pd4.html", made=None, typed=typed, wrong=words(error), suits=True, errand=Errand.read()
        ), error.status
    return render_template(
        "receipts/pd4.html",
        made=made,
        sheet=svg.draw(sheet),
        code=svg.draw_code_again(made.payload(), _("Код для оплаты")),
        typed=typed,
        wrong="",
        suits=True,
        errand=Errand.read(),
    )


@bp.post("/pay/pd4")
@login_required
def print_it() -> ResponseReturnValue:
    """Note in the cabinet that the receipt is printed, and open its file; a wrong sum is named on the page."""
    typed = _typed(request.form)
    try:
        receipts.note_printed(ports(), _make(typed))
    except (WrongMoney, SumOutsideLimits, NotPrintable):
        return redirect(url_for(".show", sum=typed), 303)
    return redirect(url_for(".file", sum=typed or None), 303)


@bp.get("/pay/pd4.pdf")
@login_required
def file() -> ResponseReturnValue:
    """Answer the same as a PDF, exact to the millimetre; the name of the file tells nothing about the subscriber."""
    answer = Response(pdf.draw(pd4.sheet(_make(_typed(request.args)))), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = 'inline; filename="pd4.pdf"'
    return answer


def _typed(fields: Mapping[str, str]) -> str:
    return fields.get("sum", "").strip()[:LONGEST_SUM]


def _make(typed: str) -> Receipt:
    return receipts.make(ports(), current_subscriber(), Money.typed(typed, CURRENCY) if typed else None)
