"""The contract: its documents for everybody, each version at an address of its own; a subscriber's own contract."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Final

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.accounts import ending
from k5web.domain.accounts.contract import Acceptance, DocumentKind
from k5web.domain.accounts.ending import Requisites
from k5web.domain.prices.objection import Subject
from k5web.errors import ContractEnded, ContractNotEnded, NothingToObject, NothingToRefund, WrongRefund
from k5web.services.accounts import (
    acceptance,
    accounts,
    advances,
    devices,
    documents,
    endings,
    price_summary,
    profiles,
)
from k5web.services.prices import objections
from k5web.web.accounts.accounts import REFUSED_PASSWORD, about_password, confirm_if_needed
from k5web.web.context import current_device, current_subscriber, login_required, password_required, ports
from k5web.web.errors import words
from k5web.web.texts import _
from k5web.web.words import when

bp = Blueprint("contract", __name__)

MOST_VERSIONS = 9999
LONGEST_FIELD = 200
OFFER: Final[tuple[Subject, ...]] = ("offer",)
REQUISITES: Final = ("recipient", "account", "bank")
FOR_ALL = {"X-Robots-Tag": "all"}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@bp.get("/offer")
def offer() -> ResponseReturnValue:
    """Show the offer in force, to read and to print (B1)."""
    return _document("offer", None)


@bp.get(f"/offer/<int(min=1, max={MOST_VERSIONS}):number>")
def offer_version(number: int) -> ResponseReturnValue:
    """Show one version of the offer, for ever."""
    return _document("offer", number)


@bp.get("/offer/terms")
def terms() -> ResponseReturnValue:
    """Show the terms of service in force."""
    return _document("terms", None)


@bp.get(f"/offer/terms/<int(min=1, max={MOST_VERSIONS}):number>")
def terms_version(number: int) -> ResponseReturnValue:
    """Show one version of the terms of service, for ever."""
    return _document("terms", number)


@bp.get("/offer/prices")
def prices() -> ResponseReturnValue:
    """Show what the price list of the contract is today: plans, and lists of prices."""
    return _prices(None)


@bp.get("/offer/prices/<day>")
def prices_on(day: str) -> ResponseReturnValue:
    """Show the same on a day."""
    try:
        return _prices(date.fromisoformat(day) if _DAY.fullmatch(day) else abort(404))
    except (ValueError, OverflowError):  # of no calendar, or at its very end
        abort(404)


@bp.get("/me/contract")
@login_required
def mine() -> ResponseReturnValue:
    """Show under which contract the subscriber is, what comes, and how it ends."""
    return _mine()


@bp.post("/me/contract/object")
@login_required
@password_required
def object_() -> ResponseReturnValue:
    """Note that the subscriber does not take the worse version that comes: the contract ends on its day (B2)."""
    subscriber_id, seen = current_subscriber().id, request.form.get("change")
    with suppress(NothingToObject, ContractEnded):  # it is no more what they saw: the page says what holds
        objections.object_to_change(ports(), subscriber_id, f"subscriber:{subscriber_id}", seen)
    return redirect(url_for(".mine"), 303)


@bp.post("/me/contract/agree")
@login_required
def agree() -> ResponseReturnValue:
    """Take the subscriber's objection back: the contract goes on under what comes (B2)."""
    objections.take_back(ports(), current_subscriber().id)
    return redirect(url_for(".mine"), 303)


@bp.post("/me/contract/end")
@login_required
def end() -> ResponseReturnValue:
    """Take the application to end the contract, which needs the password (B12)."""
    try:
        confirm_if_needed()
    except REFUSED_PASSWORD as error:
        return _mine(None, about_password(error), "password"), error.status
    endings.apply(ports(), current_subscriber().id)
    return redirect(url_for(".mine"), 303)


@bp.post("/me/contract/keep")
@login_required
def keep() -> ResponseReturnValue:
    """Take the application back."""
    endings.withdraw(ports(), current_subscriber().id)
    return redirect(url_for(".mine"), 303)


@bp.post("/me/contract/refund")
@login_required
def refund() -> ResponseReturnValue:
    """Take the application for the unused advance, which needs the password (B12)."""
    typed = {name: request.form.get(name, "").strip()[:LONGEST_FIELD] for name in REQUISITES}
    try:
        confirm_if_needed()
        advances.apply(ports(), current_subscriber().id, Requisites(**typed))
    except REFUSED_PASSWORD as error:
        return _mine(typed, about_password(error), "password"), error.status
    except WrongRefund as error:
        return _mine(typed, words(error), str(error.facts["key"])), error.status
    except (NothingToRefund, ContractNotEnded) as error:
        return _mine(typed, words(error), "recipient"), error.status
    return redirect(url_for(".mine"), 303)


def _mine(typed: Mapping[str, str] | None = None, wrong: str = "", field: str = "") -> str:
    subscriber = current_subscriber()
    found = acceptance.show(ports(), subscriber.id)
    current = {version.id for version in found.in_force}
    return render_template(
        "contract/mine.html",
        subscriber=subscriber,
        signer=profiles.undersigned(ports(), subscriber.id),
        contract=found,
        earlier=[each for each in found.accepted if each.version.id not in current],
        first_day=documents.first_day,
        change=objections.announced(ports(), subscriber.id, OFFER),
        objection=objections.said(ports(), subscriber.id),
        ending=endings.standing(ports(), subscriber.id),
        would_end=ending.last_day(ports().today()),
        today=ports().today(),
        balance=accounts.purse(ports(), subscriber.id).balance,
        unused=advances.unused(ports(), subscriber.id),
        applications=advances.of_owner(ports(), subscriber.id),
        typed=typed or {"recipient": subscriber.name, "account": "", "bank": ""},
        is_confirmed=devices.is_confirmed(ports(), current_device()),
        has_paper=ports().payee is not None,
        wrong=wrong,
        field=field,
    )


def accepted_how(accepted: Acceptance) -> str:
    """Return when and how a version was accepted: «Принята 01.12.2026 12:00 платежом»."""
    at = when(accepted.at)
    return {
        "registration": _("Принята %(at)s при регистрации.", at=at),
        "use": _("Принята %(at)s: вы воспользовались услугой.", at=at),
        "payment": _("Принята %(at)s: вы внесли аванс.", at=at),
    }[accepted.way]


def _document(kind: DocumentKind, number: int | None) -> ResponseReturnValue:
    found, versions = documents.show(ports(), kind, number)
    page = render_template(
        "contract/document.html",
        shown=found,
        versions=versions[::-1],
        coming=documents.coming(ports(), versions),
        first_day=documents.first_day,
    )
    return page, FOR_ALL


def _prices(day: date | None) -> ResponseReturnValue:
    return render_template("contract/prices.html", prices=price_summary.on(ports(), day)), FOR_ALL
