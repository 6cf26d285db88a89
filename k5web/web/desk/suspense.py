"""Payments that nobody has yet, and those that may be known already: found, looked at, given to whom they are for."""

from datetime import date
from urllib.parse import urlencode

from flask import render_template, request
from flask.typing import ResponseReturnValue

from k5web.domain.bank.payment import Part
from k5web.domain.bank.suspense import Sought
from k5web.domain.desk.action import Action
from k5web.domain.money import Money
from k5web.errors import WrongMoney
from k5web.services.bank import doubtful_payments
from k5web.services.bank import suspense as waiting_room
from k5web.services.bank.suspense import Place
from k5web.web.context import ports
from k5web.web.converters import whole
from k5web.web.desk import deed_forms
from k5web.web.desk.days import day
from k5web.web.desk.door import bp, staff_may
from k5web.web.texts import _


@bp.get("/suspense")
@staff_may(Action.SEE_MONEY)
def suspense() -> ResponseReturnValue:
    """List what waits for its owner, the longest here first."""
    asked = request.args
    sought = Sought(asked.get("payer", ""), asked.get("words", ""), _sum(asked.get("sum", "")), _day())
    found = waiting_room.following(ports(), sought, _after(asked.get("after", "")))
    kept = {name: value for name, value in asked.items() if name != "after" and value}
    further = urlencode({**kept, "after": "{}.{}".format(*found.further)}) if found.further else ""
    return render_template("desk/suspense.html", found=found, asked=asked, further=further, why_word=why_word)


@bp.get("/suspense/<int:number>")
@staff_may(Action.SEE_MONEY)
def suspense_payment(number: int) -> ResponseReturnValue:
    """Show one payment that came to nobody, and give it to somebody."""
    payment = waiting_room.find(ports(), number)
    key = deed_forms.new_key()
    return render_template("desk/suspense_payment.html", payment=payment, number=number, key=key, why_word=why_word)


@bp.get("/doubtful")
@staff_may(Action.SEE_MONEY)
def doubtful() -> ResponseReturnValue:
    """List the payments that may be known already, the oldest first."""
    return render_template("desk/doubtful.html", found=doubtful_payments.doubtful(ports()), part_word=part_word)


def why_word(why: str) -> str:
    """Return why a payment reached nobody."""
    return {
        "nobody": _("не назван ни счёт, ни договор"),
        "unknown": _("назван счёт, которого нет"),
        "several": _("названо несколько счетов"),
        "inactive": _("счёт закрыт или заблокирован"),
        "currency": _("счёт в другой валюте"),
        "taken_back": _("возвращён: был зачислен не тому"),
    }.get(why, why)


def part_word(part: str) -> str:
    """Return the part by which a payment differs from a known one."""
    return {
        Part.ACCOUNT.value: _("наш счёт"),
        Part.NUMBER.value: _("номер документа"),
        Part.DAY.value: _("день"),
        Part.PAYER.value: _("счёт плательщика"),
        Part.BIC.value: _("БИК плательщика"),
        Part.SUM.value: _("сумма"),
        Part.PURPOSE.value: _("назначение"),
    }.get(part, part)


def _after(text: str) -> Place | None:
    """Return the place that an address names, None for what is none."""
    on, _dot, number = text.partition(".")
    received_on, n = day(on), whole(number)
    return None if received_on is None or n is None else (received_on, n)


def _sum(text: str) -> Money | None:
    try:
        return Money.typed(text) if text.strip() else None
    except WrongMoney:
        return None


def _day() -> date | None:
    return day(request.args.get("day", ""))
