"""Numbers of one's own: chosen among the free ones, reserved, connected in a second step that names the fee, returned.

Nothing is paid by a careless tap: the button that pays stands on a page of its own, is obeyed a second after that page
was shown, and takes no more than the sum which it names.
"""

import contextlib
import re
import secrets
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from k5web.domain.accounts.stock_number import CODES, NumberOffer, NumberSearch, NumberState, StockNumber
from k5web.domain.money import Money
from k5web.errors import (
    Conflict,
    FeeRose,
    InsufficientFunds,
    NotFound,
    NotOffered,
    NumberLimit,
    NumberTaken,
    NumberUnpaid,
    OneReservation,
    ReservationOver,
    ServicesSuspended,
    TooManyReserved,
)
from k5web.services.accounts import accounts, numbers
from k5web.web.context import current_subscriber, in_one_look, login_required, ports
from k5web.web.errors import again, why_unserved, words
from k5web.web.forms import is_hasty, seal, unseal
from k5web.web.texts import _
from k5web.web.words import money

bp = Blueprint("numbers", __name__, url_prefix="/me/numbers")

ONE: Final = "/<int(fixed_digits=11):digits>"
SALT: Final = "k5-number"
LONGEST_SEARCH = 20  # signs of the field
NATIONAL = 10  # digits behind the 7
NOT_RESERVED = (NumberTaken, OneReservation, TooManyReserved, NotOffered, NumberLimit, NumberUnpaid, ServicesSuspended)
NOT_CONNECTED = (
    InsufficientFunds,
    FeeRose,
    NotOffered,
    NumberLimit,
    NumberUnpaid,
    ReservationOver,
    Conflict,
    ServicesSuspended,
)


@dataclass(frozen=True, slots=True)
class ConnectForm:
    """What the button that pays agrees to, signed: it is good for this subscriber, this number, this sum."""

    form_id: str
    fee: Money

    @classmethod
    def make(cls, fee: Money) -> "ConnectForm":
        """Return a fresh form."""
        return cls(secrets.token_urlsafe(12), fee)

    def sealed(self, digits: str) -> str:
        """The signed text in the page's hidden field."""
        return seal(SALT, [current_subscriber().id, digits, self.form_id, self.fee.minor, self.fee.currency])

    @classmethod
    def read(cls, digits: str) -> "ConnectForm | None":
        """Return the form as it was shown to this subscriber for this number, or None."""
        facts = unseal(SALT, request.form.get("form_key", ""))
        if facts is None or facts[:2] != [current_subscriber().id, digits]:
            return None
        _owner, _digits, form_id, minor, currency = facts
        return cls(form_id, Money(minor, currency))


@bp.get("")
@in_one_look
@login_required
def search() -> ResponseReturnValue:
    """One's own numbers, and the free ones by code and digits, a page at a time."""
    return _list_page()


@bp.get(ONE)
@in_one_look
@login_required
def show(digits: int) -> ResponseReturnValue:
    """One number: what it costs, or that it is reserved, or how to return it."""
    return _number_page(str(digits))


@bp.post(f"{ONE}/reserve")
@login_required
def reserve(digits: int) -> ResponseReturnValue:
    """Keep a number for a while. It costs nothing; the next page asks for the fee."""
    try:
        numbers.reserve(ports(), current_subscriber().id, str(digits))
    except NOT_RESERVED as error:
        return _list_page(words(error), error.status)
    except NotFound:
        return _gone_page()
    return redirect(url_for(".show", digits=digits), 303)


@bp.post(f"{ONE}/release")
@login_required
def let_go(digits: int) -> ResponseReturnValue:
    """Give up a reservation; one that is over is over."""
    with contextlib.suppress(NotFound):
        numbers.let_go(ports(), current_subscriber().id, str(digits))
    return redirect(url_for(".search"), 303)


@bp.post(f"{ONE}/connect")
@login_required
def connect(digits: int) -> ResponseReturnValue:
    """Pay the fee that the page named and rent the number; the same form pays once."""
    number, form = str(digits), ConnectForm.read(str(digits))
    if form is None:
        return _number_page(number, _("Нажмите ещё раз."), 400)
    if is_hasty():  # the second tap of the one that reserved it
        return _number_page(number, _("Проверьте сумму и нажмите ещё раз."), 409)
    try:
        numbers.connect(ports(), current_subscriber().id, number, form.form_id, form.fee)
    except NOT_CONNECTED as error:
        return _number_page(number, words(error), error.status)
    except NotFound:
        return _gone_page()
    return redirect(url_for(".show", digits=digits), 303)


@bp.post(f"{ONE}/return")
@login_required
def give_back(digits: int) -> ResponseReturnValue:
    """Return a number at once; one that is returned stays returned."""
    with contextlib.suppress(NotFound):
        numbers.give_back(ports(), current_subscriber().id, str(digits))
    return redirect(url_for(".search"), 303)


@bp.errorhandler(CSRFError)
@again
@login_required
def stale(error: CSRFError) -> ResponseReturnValue:
    """An old form: the same page again."""
    said = _("Страница была открыта давно. Нажмите ещё раз.")
    if request.view_args:
        return _number_page(str(request.view_args["digits"]), said, 400)
    return _list_page(said, 400)


def _wanted() -> NumberSearch:
    """Return what the address looks for; what is no code or no digits is left out."""
    code = request.args.get("code", "")
    digits = re.sub(r"[^0-9]", "", request.args.get("digits", "")[:LONGEST_SEARCH])
    is_anywhere = request.args.get("where") == "anywhere"
    return NumberSearch(code if code in CODES else "", digits[-NATIONAL:], is_anywhere)


def _list_page(said: str | None = None, status: int = 200) -> ResponseReturnValue:
    wanted, after = _wanted(), request.args.get("after", "")
    page = numbers.search(ports(), wanted, after if re.fullmatch(r"[1-9][0-9]{6,14}", after, re.ASCII) else "")
    own = numbers.of_owner(ports(), current_subscriber().id)
    offers = numbers.offers(ports(), current_subscriber(), own, page.free)
    text = render_template(
        "numbers/numbers.html",
        page=page,
        wanted=wanted,
        after=after,
        reserved=[one for one in own if one.state is NumberState.RESERVED],
        rented=[one for one in own if one.state is NumberState.RENTED],
        fees={code: _fee(offers.get(code)) for code in page.free},
        said=said,
    )
    return text, status


def _number_page(digits: str, said: str | None = None, status: int = 200) -> ResponseReturnValue:
    owner = current_subscriber()
    try:
        number = numbers.show(ports(), owner.id, digits)
    except NotFound:
        return _gone_page()
    offer: NumberOffer | None = None
    refusal = why_unserved()
    if not (refusal or number.is_rented_by(owner.id)):
        offer, refusal = _offer(number.code)
    purse = accounts.purse(ports(), owner.id)
    text = render_template(
        "numbers/number.html",
        number=number,
        digits=digits,
        stage=_stage(number),
        offer=offer,
        refusal=refusal,
        form_key=ConnectForm.make(offer.fee).sealed(digits) if offer else "",
        purse=purse,
        missing=offer.fee - purse.available if offer and offer.fee > purse.available else None,
        said=said,
    )
    return text, status


def _gone_page() -> ResponseReturnValue:
    return _list_page(_("Такого свободного номера нет. Выберите другой. Деньги не списаны."), 404)


def _stage(number: StockNumber) -> str:
    owner = current_subscriber()
    if number.is_rented_by(owner.id):
        return "rented"
    return "reserved" if number.is_reserved_by(owner.id, ports().clock()) else "free"


def _fee(offer: NumberOffer | None) -> str:
    """Return the fee in the list of codes and numbers."""
    if offer is None:
        return _("нет на вашем тарифе")
    return money(offer.fee) if offer.fee.minor else _("без доплаты")


def _offer(code: str) -> tuple[NumberOffer | None, str]:
    """Return what a number of this code costs, or why there is none."""
    try:
        return numbers.offer(ports(), current_subscriber().id, code), ""
    except (NotOffered, NumberLimit, NumberUnpaid) as error:
        return None, words(error)
