"""Money to another subscriber: who and how much, then the password; the second page says what the first one meant."""

import secrets
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from k5web.domain.accounts.login import LONGEST_LOGIN
from k5web.domain.books.transfer import LEAST_MINOR
from k5web.domain.money import Money
from k5web.errors import (
    Conflict,
    InsufficientFunds,
    ServicesSuspended,
    TooOften,
    TransferLimit,
    TransferTooSmall,
    WrongMoney,
    WrongReceiver,
)
from k5web.services.accounts import accounts
from k5web.services.books import transfers
from k5web.services.books.transfers import TransferWish
from k5web.web.accounts.accounts import REFUSED_PASSWORD, about_password
from k5web.web.context import current_device, current_subscriber, login_required, ports
from k5web.web.errors import again, words
from k5web.web.forms import seal, unseal
from k5web.web.payments.errands import LONGEST_SUM
from k5web.web.texts import _

bp = Blueprint("transfers", __name__, url_prefix="/me/transfer")

SALT: Final = "k5-transfer"
ABOUT_SUM = (WrongMoney, TransferTooSmall, TransferLimit, InsufficientFunds)
ABOUT_RECEIVER = (WrongReceiver, TooOften)


@dataclass(frozen=True, slots=True)
class TransferForm:
    """What the second page shows and its button does, signed together."""

    wish: TransferWish
    initials: str
    tail: str
    stays: Money

    @property
    def sealed(self) -> str:
        """The signed text in the page's hidden field."""
        wish = self.wish
        facts = [wish.receiver, wish.mark, wish.amount.minor, wish.amount.currency, wish.form_id]
        return seal(SALT, [current_subscriber().id, *facts, self.initials, self.tail, self.stays.minor])

    @classmethod
    def read(cls) -> "TransferForm | None":
        """Return the form as it was shown to this subscriber, or None."""
        facts = unseal(SALT, request.form.get("form_key", ""))
        if facts is None or facts[0] != current_subscriber().id:
            return None
        receiver, mark, minor, currency, form_id, initials, tail, stays = facts[1:]
        wish = TransferWish(receiver, mark, Money(minor, currency), form_id)
        return cls(wish, initials, tail, Money(stays, currency))


@bp.get("")
@login_required
def show() -> ResponseReturnValue:
    """The form: to whom, how much."""
    return _form_page()


@bp.post("")
@login_required
def ask() -> ResponseReturnValue:
    """Show whom the typed text means and what stays; nothing is moved yet."""
    sender = current_subscriber()
    receiver = request.form.get("receiver", "").strip()[:LONGEST_LOGIN]
    try:
        amount = Money.typed(request.form.get("sum", "")[:LONGEST_SUM], sender.currency)
        offer = transfers.offer(ports(), sender, receiver, amount)
    except ABOUT_SUM as error:
        return _form_page(words(error), error.status, "sum")
    except ABOUT_RECEIVER as error:
        return _form_page(words(error), error.status, "receiver")
    except ServicesSuspended as error:
        return _form_page(status=error.status)
    wish = TransferWish(receiver, offer.mark, amount, secrets.token_urlsafe(12))
    return _confirm_page(TransferForm(wish, offer.receiver.initials, offer.receiver.tail, offer.stays))


@bp.post("/send")
@login_required
def send() -> ResponseReturnValue:
    """Move the money, with the password. The same form leads to the same movement."""
    sender, form = current_subscriber(), TransferForm.read()
    if form is None:
        return _form_page(_("Нажмите ещё раз."), 400, "receiver")
    try:
        accounts.confirm(ports(), sender, current_device(), request.form.get("password", ""))
        posting = transfers.send(ports(), sender, form.wish)
    except REFUSED_PASSWORD as error:
        return _confirm_page(form, about_password(error), error.status)
    except (*ABOUT_SUM, Conflict) as error:
        return _form_page(words(error), error.status, "sum")
    except ABOUT_RECEIVER as error:
        return _form_page(words(error), error.status, "receiver")
    except ServicesSuspended as error:
        return _form_page(status=error.status)
    return redirect(url_for("cabinet.line", seq=posting.seq), 303)


@bp.errorhandler(CSRFError)
@again
@login_required
def stale(error: CSRFError) -> ResponseReturnValue:
    """An old form: the first page again, with what was typed."""
    return _form_page(_("Страница была открыта давно. Нажмите ещё раз."), 400, "receiver")


def _form_page(said: str | None = None, status: int = 200, at: str = "") -> ResponseReturnValue:
    page = render_template(
        "transfers/form.html",
        passable=transfers.passable(ports(), current_subscriber().id),
        least=Money(LEAST_MINOR, current_subscriber().currency),
        receiver=request.form.get("receiver", "")[:LONGEST_LOGIN],
        typed=request.form.get("sum", "")[:LONGEST_SUM],
        said=said,
        at=at,
    )
    return page, status


def _confirm_page(form: TransferForm, said: str | None = None, status: int = 200) -> ResponseReturnValue:
    return render_template("transfers/confirm.html", form=form, said=said), status
