"""Paying: every way step by step with the payer's own identifiers (A12), and where a payment begun here stands.

Pages say what the connectors tell about themselves: no provider is named here.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from markupsafe import Markup

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.money import Money
from k5web.domain.payments.auto_top_up import KeptCard
from k5web.domain.payments.connector import Cancels, KeepsCards, PaymentConnector, ShowsQr, Starts
from k5web.domain.payments.payment_way import Explains, Payer, Way
from k5web.domain.payments.top_up import TopUp, TopUpState
from k5web.errors import (
    Busy,
    Conflict,
    CurrencyMismatch,
    NotFound,
    PasswordNeeded,
    ProviderRefused,
    ProviderUnknown,
    SavedCardGone,
    SumOutsideLimits,
    TooManyCards,
    TooManyOpen,
    WrongMoney,
)
from k5web.paper import svg
from k5web.services.accounts import accounts, devices
from k5web.services.bank import receipts
from k5web.services.payments import saved_cards, topups
from k5web.services.payments.topups import TopUpRequest
from k5web.turns import AGAIN_S
from k5web.web.accounts.accounts import REFUSED_PASSWORD, about_password, login_page
from k5web.web.context import came_from, current_device, current_subscriber, login_required, ports, settings, visitor
from k5web.web.errors import again, words
from k5web.web.forms import LONGEST_KEY, is_hasty
from k5web.web.language import language
from k5web.web.payments import asking, tryout
from k5web.web.payments.cards import card_number
from k5web.web.payments.errands import LONGEST_SUM, Errand
from k5web.web.texts import _

bp = Blueprint("topups", __name__)

REFRESH_S = 5  # how often a page of an open payment reads it anew
FIRST_REFRESH_S = 1  # where the payer has just come back: the provider's notice is on its way
PATIENT_REFRESH_S = 15  # while the payer has not gone yet: a slow way to the provider's page must not be broken off
BACK, BACK_AND_SEEN = "1", "2"  # `back` in the address: just back; not any more

STATES: Final[
    Mapping[TopUpState, tuple[str, Callable[[], str]]]
] = {  # sign and words; what to do stands in the template
    TopUpState.NEW: ("…", lambda: _("Связываемся с платёжной системой")),
    TopUpState.WAITING: ("…", lambda: _("Ждём оплаты")),
    TopUpState.HELD: ("…", lambda: _("Банк подтвердил, деньги ещё идут")),
    TopUpState.UNCLEAR: ("?", lambda: _("Платёжная система пока не ответила, спрашиваем ещё")),
    TopUpState.DECLINED: ("✗", lambda: _("Оплата не прошла, деньги не списаны")),
    TopUpState.EXPIRED: ("✗", lambda: _("Время вышло, деньги не списаны")),
    TopUpState.CANCELLED: ("✗", lambda: _("Вы отменили, деньги не списаны")),
    TopUpState.PAID: ("✓", lambda: _("Деньги на счёте")),
    TopUpState.PART_REFUNDED: ("↩", lambda: _("Часть денег возвращена")),
    TopUpState.REFUNDED: ("↩", lambda: _("Деньги возвращены")),
}


# What is said on the form itself, with everything typed still there
NOT_BEGUN = (
    WrongMoney,
    SumOutsideLimits,
    CurrencyMismatch,
    Conflict,
    ProviderRefused,  # also: the saved card is gone
    ProviderUnknown,
    TooManyCards,
    Busy,
    TooManyOpen,
)


@dataclass(frozen=True, slots=True)
class Offered:
    """One way to pay, as the pages show it."""

    slug: str  # last part of its address
    connector: PaymentConnector
    way: Way

    @property
    def takes_sum(self) -> bool:
        """True where the payment begins here, with a sum."""
        return isinstance(self.connector, Starts)

    @property
    def keeps_cards(self) -> bool:
        """True where the payer may let the provider keep the card."""
        return isinstance(self.connector, KeepsCards) and self.connector.offers_keeping


def word(state: TopUpState) -> str:
    """Return the state's sign and words: «✓ Деньги на счёте»."""
    sign, said = STATES[state]
    return f"{sign} {said()}"


def can_pay() -> bool:
    """Return whether there is any way to pay: without one, no link leads to the ways."""
    return ports().payee is not None or any(connector.partner.is_open for connector in ports().connectors)


def least_top_up(payer: Subscriber) -> Money:
    """Return the smallest sum that can be paid in a way whose money comes at once; nothing where there is none."""
    ways = [found.connector.partner for found in _offered(payer) if _suits(found, payer)]
    sums = [partner.minimum for partner in ways]
    return min(sums) if sums else Money(0, payer.currency)


@bp.get("/pay")
def ways() -> ResponseReturnValue:
    """Show all ways to pay; for a subscriber those of the account's currency, with the identifiers filled in."""
    payer = visitor()
    offered = [found for found in _offered(payer) if payer is None or _suits(found, payer)]
    prints = receipts.are_for(ports(), payer)
    return render_template("topups/ways.html", offered=offered, payer=payer, prints=prints, errand=Errand.read())


@bp.get("/pay/<way>")
def one_way(way: str) -> ResponseReturnValue:
    """Show one way step by step, and the form for the sum where the payment begins here."""
    offered = _find(way)
    return _way_page(offered, typed=_at_least(Errand.read().sum, offered.connector.partner.minimum))


@bp.post("/pay/<way>")
def begin(way: str) -> ResponseReturnValue:
    """Begin a payment. The same form again leads to the same payment."""
    payer = visitor()
    if payer is None:
        return login_page(came_from())
    offered = _find(way)
    typed = request.form.get("sum", "")[:LONGEST_SUM]
    key = request.form.get("form_key", "")
    if not offered.takes_sum or not 0 < len(key) <= LONGEST_KEY:
        return _way_page(offered, _("Нажмите ещё раз."), typed, 400)
    try:
        wish = TopUpRequest(
            origin=offered.connector.origin,
            amount=Money.typed(typed, payer.currency),
            form_key=key,
            return_url=f"{settings().public_url}/pay/return/{{reference}}",
            language=language(),
            keeps_card="keep" in request.form,
            leads_to=Errand.read().next,
        )
        card = _chosen_card(offered, payer)
        if card and is_hasty():  # a kept card is charged by this very press
            return _way_page(offered, _("Проверьте сумму и нажмите ещё раз."), typed, 409)
        if card:
            wish = replace(wish, is_confirmed=_is_confirmed())
        charge = partial(saved_cards.charge, ports(), payer, card) if card else partial(topups.begin, ports(), payer)
        top_up = asking.ask(wish.origin, partial(charge, wish))
    except asking.StillAsking:
        found = topups.begun_by(ports(), payer.id, key)
        if found is None:  # not even written down yet: the same form may be sent again
            return _way_page(offered, words(Busy(wait_s=AGAIN_S)), typed, Busy.status)
        top_up = found
    except PasswordNeeded as error:
        return _way_page(offered, words(error), typed, error.status, asks="password")
    except REFUSED_PASSWORD as error:
        return _way_page(offered, about_password(error), typed, error.status, asks="password")
    except NOT_BEGUN as error:
        return _way_page(offered, words(error), typed, error.status)
    return redirect(url_for("topups.show", reference=top_up.reference, go=1), 303)


@bp.get("/pay/return/<reference>")
@login_required
def come_back(reference: str) -> ResponseReturnValue:
    """Receive the browser that a provider sends back. This proves nothing: the page shows how the payment stands."""
    return redirect(url_for("topups.show", reference=reference, back=BACK), 303)


@bp.get("/me/pay")
@login_required
def mine() -> ResponseReturnValue:
    """Show the payments begun here, newest first, each with its state."""
    before = request.args.get("before", "")
    before_n = int(before) if before.isascii() and before.isdigit() and len(before) < 18 else None
    kept = topups.page(ports(), current_subscriber().id, before_n)
    older = kept[-1].n if len(kept) == topups.PAGE else None
    return render_template("topups/mine.html", kept=kept, older=older, title_of=_title)


@bp.get("/me/pay/<reference>")
@login_required
def show(reference: str) -> ResponseReturnValue:
    """Show one payment: how to go on while it is open, its number and time when it is paid."""
    return _state_page(reference)


@bp.post("/me/pay/<reference>/look")
@login_required
def look(reference: str) -> ResponseReturnValue:
    """Have the provider asked now, for whoever does not want to wait; the page follows by itself."""
    topups.ask_soon(ports(), reference, current_subscriber().id)
    return redirect(url_for("topups.show", reference=reference), 303)


@bp.post("/me/pay/<reference>/cancel")
@login_required
def cancel(reference: str) -> ResponseReturnValue:
    """Take a payment back that is not paid, and show the other ways; one that is paid meanwhile is shown so."""
    owner = current_subscriber()
    kept = topups.find(ports(), reference, owner.id)
    if is_hasty():  # the second tap of the one that began it
        return redirect(url_for(".show", reference=reference), 303)
    try:
        top_up = asking.ask(kept.origin, partial(topups.cancel, ports(), owner.id, reference))
    except (asking.StillAsking, ProviderUnknown):
        topups.ask_soon(ports(), reference, owner.id)  # the page follows by itself
        return redirect(url_for(".show", reference=reference), 303)
    if top_up.state.is_paid:
        return redirect(url_for(".show", reference=reference), 303)
    return redirect(url_for(".ways", **Errand(str(kept.amount), kept.leads_to).args), 303)


@bp.errorhandler(CSRFError)
@again
def stale(error: CSRFError) -> ResponseReturnValue:
    """Show the same page again where its form is old, with the sum that was typed."""
    if request.endpoint == "topups.begin" and request.view_args:
        return _way_page(_find(request.view_args["way"]), _("Нажмите ещё раз."), request.form.get("sum", "")[:20], 409)
    return redirect(url_for("topups.mine"), 303)


def _is_confirmed() -> bool:
    """Return whether the payer's password was typed here lately, or stands in this form. Raises: WrongLogin …"""
    if devices.is_confirmed(ports(), current_device()):
        return True
    password = request.form.get("password", "")
    if password:
        accounts.confirm(ports(), current_subscriber(), current_device(), password)
    return bool(password)


def _way_page(
    offered: Offered, wrong: str = "", typed: str = "", status: int = 200, asks: str = ""
) -> ResponseReturnValue:
    """Show one way; `asks` names the field that is wrong or wanted, where it is not the sum."""
    payer = visitor()
    code = _code(offered) if payer else None
    return render_template(
        "topups/way.html",
        offered=offered,
        partner=offered.connector.partner,
        payer=payer,
        suits=payer is None or _suits(offered, payer),
        form_key=secrets.token_urlsafe(12),
        typed=typed,
        wrong=wrong,
        asks=asks,
        code=code,
        cards=_cards(offered, payer) if payer else [],
        chosen=card_number(request.form["card"]) if "card" in request.form else None,
        keeps="keep" in request.form,
        errand=Errand(typed, Errand.read().next),
    ), status


def _at_least(typed: str, minimum: Money) -> str:
    """Return the sum that fills the field: what is asked for, and no less than this way takes."""
    try:
        return str(minimum) if typed and Money.typed(typed, minimum.currency) < minimum else typed
    except WrongMoney:
        return typed


def _cards(offered: Offered, payer: Subscriber) -> list[KeptCard]:
    """Return the payer's cards that this way can charge."""
    return [card for card in saved_cards.cards(ports(), payer.id) if card.origin == offered.connector.origin]


def _chosen_card(offered: Offered, payer: Subscriber) -> KeptCard | None:
    """Return the saved card that the form names, None where another is to be typed. Raises: SavedCardGone."""
    n = card_number(request.form.get("card", ""))
    if not n:
        return None
    for card in _cards(offered, payer):
        if card.n == n:
            return card
    raise SavedCardGone(reason="not among the payer's cards")


def _state_page(reference: str) -> str:
    top_up = topups.find(ports(), reference, current_subscriber().id)
    back = request.args.get("back")
    waits_s = FIRST_REFRESH_S if back == BACK else PATIENT_REFRESH_S if top_up.pay_url and not back else REFRESH_S
    return render_template(
        "topups/show.html",
        top_up=top_up,
        title=_title(top_up),
        way=_slug_of(top_up),
        is_asked=topups.is_asked(ports(), top_up),
        purse=accounts.purse(ports(), top_up.owner_id) if top_up.state.is_paid else None,
        asks=back == BACK_AND_SEEN and top_up.state is TopUpState.WAITING and bool(top_up.pay_url),
        cancels=isinstance(ports().connectors.of(top_up.origin), Cancels),
        errand=Errand(str(top_up.amount), top_up.leads_to),
        goes=bool(request.args.get("go")) and top_up.state.is_open and bool(top_up.pay_url) and not top_up.qr,
        app_link=tryout.of_app(top_up),
        code=_code_of_order(top_up),
        refresh_s=waits_s if top_up.state.is_open and request.args.get("auto") != "0" else None,
        again=url_for("topups.show", reference=reference, back=BACK_AND_SEEN if back else None),
    )


def _code_of_order(top_up: TopUp) -> Markup | None:
    text = top_up.qr
    if tried := tryout.of_order(top_up):  # another phone finds this machine only where both are in one room
        text = "" if settings().is_own_machine else tried
    return (
        svg.draw_code(text.encode(), _("Код для оплаты %(sum)s", sum=str(top_up.amount)))
        if top_up.qr and text
        else None
    )


def _offered(payer: Subscriber | None) -> list[Offered]:
    known = Payer(payer.id, payer.phone) if payer else None
    return [
        Offered(_slug(connector), connector, connector.explain(known))
        for connector in ports().connectors
        if isinstance(connector, Explains) and connector.partner.is_open
    ]


def _find(way: str) -> Offered:
    for offered in _offered(visitor()):
        if offered.slug == way:
            return offered
    raise NotFound(what="such way to pay")


def _slug(connector: PaymentConnector) -> str:
    return f"{connector.code}-{connector.partner.code}"


def _slug_of(top_up: TopUp) -> str | None:
    connector = ports().connectors.of(top_up.origin)
    return _slug(connector) if connector else None


def _title(top_up: TopUp) -> str:
    connector = ports().connectors.of(top_up.origin)
    return connector.partner.title if connector else top_up.origin


def _suits(offered: Offered, payer: Subscriber) -> bool:
    return offered.connector.partner.currency == payer.currency


def _code(offered: Offered) -> str | None:
    """Return the drawing that pays to the payer's account by this way, where it has one."""
    if not (offered.way.account and isinstance(offered.connector, ShowsQr)):
        return None
    text = offered.connector.qr(offered.way.account)
    return svg.draw_code(text.encode(), _("Код для оплаты")) if text else None
