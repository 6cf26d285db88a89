"""People of an organisation's PBX and the accounts of their phones: a list, a page for each, plain forms."""

import contextlib

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.pbx.people import Person
from k5web.errors import (
    ExtensionTaken,
    K5Error,
    NoPbx,
    NotFound,
    PeopleLimit,
    ServicesSuspended,
    WrongExtension,
    WrongName,
    WrongNetwork,
)
from k5web.services.accounts import devices
from k5web.services.pbx import people
from k5web.web.context import current_device, current_subscriber, login_required, password_required, ports, settings
from k5web.web.errors import words

bp = Blueprint("people", __name__, url_prefix="/me/pbx")

FIELDS: dict[type[K5Error], str] = {WrongName: "title", WrongExtension: "extension", ExtensionTaken: "extension"}
NOT_CHANGED = (WrongName, WrongExtension, ExtensionTaken)
NOT_ADDED = (*NOT_CHANGED, NoPbx, PeopleLimit, ServicesSuspended)


@bp.get("")
@login_required
def show_all() -> ResponseReturnValue:
    """Show who has which extension, and the form for one more."""
    return _list_page()


@bp.post("")
@login_required
def add() -> ResponseReturnValue:
    """Add a person."""
    title, extension = request.form.get("title", ""), request.form.get("extension", "")
    try:
        added = people.add_person(ports(), current_subscriber().id, title, extension)
    except NOT_ADDED as refusal:
        return _list_page(refusal, title, extension)
    return redirect(url_for(".show", n=added.n), 303)


@bp.get("/<int:n>")
@login_required
def show(n: int) -> ResponseReturnValue:
    """Show a person, the phone's account and how a phone is set up."""
    return _person_page(n)


@bp.post("/<int:n>")
@login_required
def change(n: int) -> ResponseReturnValue:
    """Give a person another name or extension."""
    title, extension = request.form.get("title", ""), request.form.get("extension", "")
    try:
        people.change_person(ports(), current_subscriber().id, n, title, extension)
    except NOT_CHANGED as refusal:
        return _person_page(n, refusal, typed={"title": title, "extension": extension})
    return redirect(url_for(".show", n=n), 303)


@bp.post("/<int:n>/remove")
@login_required
def remove(n: int) -> ResponseReturnValue:
    """Take a person away, with the phone's account; one that is gone stays gone."""
    people.remove_person(ports(), current_subscriber().id, n)
    return redirect(url_for(".show_all"), 303)


@bp.post("/<int:n>/phone")
@login_required
@password_required
def make_account(n: int) -> ResponseReturnValue:
    """Make the phone's account or its new password; the password stands on this answer and nowhere else."""
    try:
        _account, password = people.make_account(ports(), current_subscriber().id, n)
    except ServicesSuspended as refusal:
        return _person_page(n, refusal)
    return _person_page(n, password=password)


@bp.post("/<int:n>/phone/networks")
@login_required
def restrict(n: int) -> ResponseReturnValue:
    """Say from which networks the phone may register."""
    typed = request.form.get("networks", "")[:500]
    try:
        people.restrict_account(ports(), current_subscriber().id, n, typed)
    except WrongNetwork as refusal:
        return _person_page(n, refusal, typed={"networks": typed})
    return redirect(url_for(".show", n=n), 303)


@bp.post("/<int:n>/phone/remove")
@login_required
def remove_account(n: int) -> ResponseReturnValue:
    """End the phone's account at once. No password is asked: whoever is in a hurry has a reason."""
    with contextlib.suppress(NotFound):
        people.remove_account(ports(), current_subscriber().id, n)
    return redirect(url_for(".show", n=n), 303)


def _list_page(refusal: K5Error | None = None, title: str = "", extension: str = "") -> ResponseReturnValue:
    page = render_template(
        "people/people.html",
        roll=people.roll(ports(), current_subscriber()),
        plan=ports().plans.of(current_subscriber()),
        said=words(refusal) if refusal else None,
        at=FIELDS.get(type(refusal), "add") if refusal else "",
        typed={"title": title, "extension": extension},
    )
    return page, refusal.status if refusal else 200


def _person_page(
    n: int, refusal: K5Error | None = None, password: str = "", typed: dict[str, str] | None = None
) -> ResponseReturnValue:
    person = _person(n)
    known = {"title": person.user.title, "extension": person.user.extension}
    known["networks"] = " ".join(person.account.networks) if person.account else ""
    page = render_template(
        "people/person.html",
        person=person,
        server=settings().sip_server,
        password=password,
        is_confirmed=devices.is_confirmed(ports(), current_device()),
        said=words(refusal) if refusal else None,
        at=FIELDS.get(type(refusal), "networks" if isinstance(refusal, WrongNetwork) else "phone") if refusal else "",
        typed=known | (typed or {}),
    )
    return page, refusal.status if refusal else 200


def _person(n: int) -> Person:
    found = people.roll(ports(), current_subscriber()).people
    return NotFound.unless(next((person for person in found if person.user.n == n), None), f"person {n}")
