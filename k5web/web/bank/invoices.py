"""Papers for the bank in the cabinet: invoices to organisations, and what came by invoices and receipts (B13)."""

import secrets
from collections.abc import Callable, Mapping
from typing import Final

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.bank.invoice import Buyer, Invoice, InvoiceState
from k5web.domain.bank.payee import Payee
from k5web.domain.money import Money
from k5web.errors import NotFound, NotPrintable, SumOutsideLimits, TooMany, WrongBuyer, WrongMoney
from k5web.paper import invoice as paper
from k5web.paper import pdf, svg
from k5web.services.bank import invoices, receipts
from k5web.web.context import current_subscriber, login_required, ports
from k5web.web.errors import words
from k5web.web.forms import LONGEST_KEY
from k5web.web.payments.errands import LONGEST_SUM, Errand
from k5web.web.texts import _

bp = Blueprint("invoices", __name__, url_prefix="/me/invoices")

LARGEST = 2**33
LONGEST_FIELD = 200
FIELDS: Final = ("name", "inn", "kpp", "address")

STATES: Final[Mapping[InvoiceState, tuple[str, Callable[[], str]]]] = {
    InvoiceState.OPEN: ("…", lambda: _("Ждём оплаты")),
    InvoiceState.PAID: ("✓", lambda: _("Оплачен")),
    InvoiceState.CANCELLED: ("✗", lambda: _("Отменён")),
}


def word(state: InvoiceState) -> str:
    """Return the state's sign and words: «✓ Оплачен»."""
    sign, said = STATES[state]
    return f"{sign} {said()}"


def can_pay_at_bank() -> bool:
    """Return whether the visitor's account can be paid at a bank."""
    return receipts.are_for(ports(), current_subscriber())


@bp.get("")
@login_required
def show_all() -> ResponseReturnValue:
    """Show all invoices with their state, what came through the bank, and the form of a new invoice."""
    return _page()


@bp.post("")
@login_required
def make() -> ResponseReturnValue:
    """Make out an invoice; the same form leads to the same one."""
    typed = {name: request.form.get(name, "").strip()[:LONGEST_FIELD] for name in FIELDS}
    typed["sum"] = request.form.get("sum", "").strip()[:LONGEST_SUM]
    key = request.form.get("form_key", "")
    if not 0 < len(key) <= LONGEST_KEY:
        return _page(typed, _("Нажмите ещё раз."), "sum", 400)
    try:
        buyer = Buyer.typed(*(typed[name] for name in FIELDS))
        _check_letters(buyer)
        amount = Money.typed(typed["sum"], "RUB")
        made = invoices.make(ports(), current_subscriber(), amount, buyer, key)
    except WrongBuyer as error:
        return _page(typed, words(error), str(error.facts["key"]), error.status)
    except (WrongMoney, SumOutsideLimits, TooMany) as error:
        return _page(typed, words(error), "sum", error.status)
    return redirect(url_for(".show", invoice=made.number), 303)


@bp.get(f"/<int(max={LARGEST}):invoice>")
@login_required
def show(invoice: int) -> ResponseReturnValue:
    """Show one invoice to print, and its state."""
    found, payee = _found(invoice)
    return render_template(
        "invoices/invoice.html",
        invoice=found,
        payee=payee,
        sheet=svg.draw(paper.sheet(found, payee)),
    )


@bp.get(f"/<int(max={LARGEST}):invoice>.pdf")
@login_required
def file(invoice: int) -> ResponseReturnValue:
    """Answer the same as a PDF, exact to the millimetre."""
    found, payee = _found(invoice)
    answer = Response(pdf.draw(paper.sheet(found, payee)), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="invoice-{found.number}.pdf"'
    return answer


@bp.post(f"/<int(max={LARGEST}):invoice>/cancel")
@login_required
def cancel(invoice: int) -> ResponseReturnValue:
    """Take an invoice back that nobody will pay; one that is paid stays paid."""
    invoices.cancel(ports(), current_subscriber().id, invoice)
    return redirect(url_for(".show", invoice=invoice), 303)


def _check_letters(buyer: Buyer) -> None:
    """Refuse what cannot be printed before a number is spent on it. Raises: WrongBuyer."""
    for key, text in (("name", buyer.name), ("address", buyer.address)):
        try:
            paper.check_letters(text)
        except NotPrintable as error:
            raise WrongBuyer(key=key) from error


def _found(number: int) -> tuple[Invoice, Payee]:
    payee = NotFound.unless(ports().payee, "such way to pay")
    return invoices.find(ports(), current_subscriber().id, number), payee


def _page(
    typed: Mapping[str, str] | None = None, wrong: str = "", field: str = "", status: int = 200
) -> ResponseReturnValue:
    found = invoices.papers(ports(), current_subscriber().id)
    if typed is None:
        last = found.invoices[0].buyer if found.invoices else Buyer("", "")
        typed = {"name": last.name, "inn": last.inn, "kpp": last.kpp, "address": last.address, "sum": Errand.read().sum}
    page = render_template(
        "invoices/invoices.html",
        found=found,
        typed=typed,
        wrong=wrong,
        field=field,
        form_key=secrets.token_urlsafe(12),
        errand=Errand.read(),
    )
    return page, status
