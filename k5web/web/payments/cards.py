"""The subscriber's saved cards: seen, removed, charged by themselves below a threshold. K5 knows only masks."""

import contextlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.money import Money
from k5web.domain.payments.auto_top_up import AutoTopUp, KeptCard, OffWhy
from k5web.domain.payments.connector import KeepsCards
from k5web.errors import Busy, ContractEnded, NotFound, SumOutsideLimits, WrongMoney
from k5web.services.payments import auto_topups, saved_cards
from k5web.services.payments.auto_topups import Terms
from k5web.web.context import current_subscriber, login_required, password_required, ports
from k5web.web.errors import words
from k5web.web.payments import asking
from k5web.web.texts import _

bp = Blueprint("cards", __name__)

LONGEST_SUM = 20
LONGEST_N = 9
SUMS: Final = ("threshold", "amount", "daily_cap")  # the form's fields

WHY_OFF: Final[Mapping[OffWhy, Callable[[], str]]] = {
    "owner": lambda: _("Вы выключили автопополнение."),
    "declined": lambda: _("Автопополнение выключилось: банк отказал в списании. Проверьте карту и включите снова."),
    "card_gone": lambda: _("Автопополнение выключилось: карты больше нет. Выберите другую."),
    "refused": lambda: _(
        "Автопополнение выключилось: платёжная система несколько раз отказала. Включите его снова позже."
    ),
}


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it was filled in."""

    card_n: int
    sums: Mapping[str, str]


def card_name(card: KeptCard) -> str:
    """Return the card as its owner knows it: «4111 •• 1111»."""
    return re.sub(r"\*+", " •• ", card.mask)


def card_till(card: KeptCard) -> str:
    """Return the last month of the card: «12.2030», empty where the provider did not say."""
    return f"{card.expires[4:]}.{card.expires[:4]}" if re.fullmatch(r"[0-9]{6}", card.expires, re.ASCII) else ""


def can_keep_cards() -> bool:
    """Return whether any way to pay keeps cards: without one, no link leads here."""
    return any(isinstance(connector, KeepsCards) and connector.offers_keeping for connector in ports().connectors)


def card_number(text: str) -> int:
    """Return which of the owner's cards a page names; none is number 0."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_N else 0


@bp.get("/me/cards")
@login_required
def show() -> ResponseReturnValue:
    """Show the cards, and the automatic top-up from one."""
    owner = current_subscriber()
    found = saved_cards.cards(ports(), owner.id)
    wish = auto_topups.find(ports(), owner.id)
    return render_template(
        "cards/cards.html",
        cards=found,
        month=f"{ports().today():%Y%m}",
        wish=wish,
        charged=next((card for card in found if wish and card.n == wish.card_n), None),
        why_off=WHY_OFF[wish.off_why]() if wish and wish.off_why else "",
    )


@bp.post("/me/cards/<card_n>/remove")
@login_required
def remove(card_n: str) -> ResponseReturnValue:
    """Forget a card, here and at the provider; one that is gone stays gone. No password: haste has a reason."""
    with contextlib.suppress(NotFound, Busy, asking.StillAsking):
        card = saved_cards.forget(ports(), current_subscriber().id, card_number(card_n))
        asking.ask(card.origin, partial(saved_cards.tell, ports(), card))
    return redirect(url_for(".show"), 303)


@bp.get("/me/cards/auto")
@login_required
@password_required
def terms() -> ResponseReturnValue:
    """Show the form of the automatic top-up, filled in with what is agreed already."""
    wish = auto_topups.find(ports(), current_subscriber().id)
    return _form(_agreed(wish) if wish else Typed(0, dict.fromkeys(SUMS, "")))


@bp.post("/me/cards/auto")
@login_required
@password_required
def set_up() -> ResponseReturnValue:
    """Agree to it, or change what was agreed."""
    owner = current_subscriber()
    typed = Typed(
        card_number(request.form.get("card", "")), {name: request.form.get(name, "")[:LONGEST_SUM] for name in SUMS}
    )
    sums: dict[str, Money] = {}
    for name in SUMS:
        try:
            sums[name] = Money.typed(typed.sums[name], owner.currency)
        except WrongMoney as error:
            return _form(typed, words(error), name), error.status
    if sums["daily_cap"] < sums["amount"]:
        return _form(typed, _("За день можно списать не меньше, чем за один раз."), "daily_cap"), 400
    try:
        auto_topups.set_up(ports(), owner.id, Terms(typed.card_n, **sums))
    except SumOutsideLimits as error:
        return _form(typed, words(error), "amount"), error.status
    except ContractEnded as error:
        return _form(typed), error.status
    except NotFound:
        return _form(typed, _("Такой карты больше нет. Выберите другую."), "card"), 400
    return redirect(url_for(".show"), 303)


@bp.post("/me/cards/auto/off")
@login_required
def switch_off() -> ResponseReturnValue:
    """Take nothing by itself any more. No password is asked: whoever is in a hurry has a reason."""
    auto_topups.switch_off(ports(), current_subscriber().id)
    return redirect(url_for(".show"), 303)


def _form(typed: Typed, wrong: str = "", field: str = "") -> str:
    owner = current_subscriber()
    return render_template(
        "cards/auto.html",
        cards=saved_cards.cards(ports(), owner.id),
        typed=typed,
        wrong=wrong,
        field=field,
        over=words(ContractEnded()) if owner.ended_at else "",
        currency_code=owner.currency,
    )


def _agreed(wish: AutoTopUp) -> Typed:
    sums = {"threshold": wish.threshold, "amount": wish.amount, "daily_cap": wish.daily_cap}
    return Typed(wish.card_n, {name: str(sum_).replace(".", ",") for name, sum_ in sums.items()})
