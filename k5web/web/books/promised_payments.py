"""The promised payment: what the operator lets promise, then the sum, the last day and what happens after it."""

import secrets
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from k5web.domain.books.promised_payment import LEAST_MINOR
from k5web.domain.money import Money
from k5web.errors import PromiseRefused, ServicesSuspended, WrongMoney
from k5web.services.books import promised_payments
from k5web.web.context import current_subscriber, login_required, ports
from k5web.web.errors import again, words
from k5web.web.forms import is_hasty, seal, unseal
from k5web.web.payments.errands import LONGEST_SUM
from k5web.web.texts import _

bp = Blueprint("promised_payments", __name__, url_prefix="/me/promise")

SALT: Final = "k5-promise"


@dataclass(frozen=True, slots=True)
class PromiseForm:
    """What the second page shows and its button does, signed together."""

    amount: Money
    key: str

    @property
    def sealed(self) -> str:
        """The signed text in the page's hidden field."""
        day = ports().today().isoformat()
        return seal(SALT, [current_subscriber().id, self.amount.minor, self.amount.currency, self.key, day])

    @classmethod
    def read(cls) -> "PromiseForm | None":
        """Return the form as it was shown to this subscriber today, or None: tomorrow it would end on another day."""
        facts = unseal(SALT, request.form.get("form_key", ""))
        if facts is None or facts[0] != current_subscriber().id or facts[4] != ports().today().isoformat():
            return None
        return cls(Money(facts[1], facts[2]), facts[3])


def can_promise() -> bool:
    """Return whether the operator lets payments be promised: without that, no link leads there."""
    return ports().promise is not None


@bp.get("")
@login_required
def show() -> ResponseReturnValue:
    """The open promise, or the form for one, or why there is none."""
    return _page()


@bp.post("")
@login_required
def ask() -> ResponseReturnValue:
    """Show what would be promised until when; nothing is done yet."""
    try:
        amount = Money.typed(request.form.get("sum", "")[:LONGEST_SUM], current_subscriber().currency)
        promised_payments.check(ports(), current_subscriber().id, amount)
    except (WrongMoney, PromiseRefused) as error:
        return _page(words(error), error.status)
    return _confirm_page(PromiseForm(amount, secrets.token_urlsafe(12)))


@bp.post("/take")
@login_required
def take() -> ResponseReturnValue:
    """Promise it. The same form promises once."""
    form = PromiseForm.read()
    if form is None:
        return _page(_("Нажмите ещё раз."), 400)
    if is_hasty():  # the second tap of the one that led here
        return _confirm_page(form, _("Проверьте сумму и нажмите ещё раз."), 409)
    try:
        promised_payments.take(ports(), current_subscriber().id, form.amount, form.key)
    except PromiseRefused as error:
        return _page(words(error), error.status)
    except ServicesSuspended as error:
        return _page(status=error.status)
    return redirect(url_for(".show"), 303)


@bp.post("/end")
@login_required
def end() -> ResponseReturnValue:
    """End it before its time, where nothing of it is used."""
    try:
        promised_payments.end_early(ports(), current_subscriber().id)
    except PromiseRefused as error:
        return _page(words(error), error.status)
    return redirect(url_for(".show"), 303)


@bp.errorhandler(CSRFError)
@again
@login_required
def stale(error: CSRFError) -> ResponseReturnValue:
    """An old form: the first page again."""
    return _page(_("Страница была открыта давно. Нажмите ещё раз."), 400)


def _page(said: str | None = None, status: int = 200) -> ResponseReturnValue:
    standing = promised_payments.standing(ports(), current_subscriber().id)
    page = render_template(
        "promises/show.html",
        standing=standing,
        why=words(standing.refusal) if standing.refusal else None,
        least=Money(LEAST_MINOR, current_subscriber().currency),
        typed=request.form.get("sum", "")[:LONGEST_SUM],
        said=said,
    )
    return page, status


def _confirm_page(form: PromiseForm, said: str | None = None, status: int = 200) -> ResponseReturnValue:
    standing = promised_payments.standing(ports(), current_subscriber().id)
    return render_template("promises/confirm.html", form=form, standing=standing, said=said), status
