"""`k5 subscriber profile|accesses|export|erase`: what is kept of one subscriber, who read it, and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from k5web.cli.context import actor, open_house
from k5web.cli.personal import PURPOSE, look_at
from k5web.cli.terminal import echo, echo_json, echo_lines, moment
from k5web.domain.accounts.profile import PersonalFacts
from k5web.services.accounts import accounts, erasure, profiles, staff_access
from k5web.services.accounts import export as exporting

if TYPE_CHECKING:
    from k5web.services.accounts.profiles import Particulars


@click.command()
@click.argument("login")
@click.option("--history", "is_history", is_flag=True, help="every earlier version too")
@click.option("--json", "is_json", is_flag=True, help="for programs")
@PURPOSE
def profile(login: str, is_history: bool, is_json: bool, purpose: str) -> None:
    """Show who LOGIN is: the particulars, the e-mail address, the consent. The reading is written down."""
    with open_house() as ports:
        owner = look_at(ports, login, purpose)
        known = profiles.show(ports, owner.id)
        told = profiles.history(ports, owner.id) if is_history else []
    facts = _facts(owner.id, known)
    if is_json:
        echo_json(facts | ({"history": [_told(each) for each in told]} if is_history else {}))
        return
    for title, value in facts.items():
        echo(f"{title.replace('_', ' ') + ':':<17} {value if value is not None else '-'}")
    for each in told:
        words = ", ".join(f"{name} {text or 'removed'}" for name, text in each.facts.items())
        echo(f"  {moment(each.at)}  {each.what} by {each.actor}: {words}")


@click.command()
@click.argument("login")
@click.option("--json", "is_json", is_flag=True, help="for programs")
def accesses(login: str, is_json: bool) -> None:
    """List who of the staff read the personal data of LOGIN, when, by which command and what for."""
    with open_house() as ports:
        found = staff_access.listed(ports, accounts.find_subscriber(ports, login).id)
    if is_json:
        rows = [{"at": moment(e.at), "actor": e.actor, "command": e.command, "for": e.purpose} for e in found]
        echo_json({"accesses": rows})
        return
    for each in found:
        echo(f"{moment(each.at)}  {each.actor}  {each.command}  {each.purpose or '-'}")
    if not found:
        echo("no staff has read these data")


@click.command()
@click.argument("login")
@PURPOSE
def export(login: str, purpose: str) -> None:
    """Print all that is kept of LOGIN as JSON, as the subscriber gets it at /me/profile/export."""
    with open_house() as ports, exporting.export(ports, look_at(ports, login, purpose).id) as file:
        for line in file:
            echo_lines(line.decode().rstrip("\n"))


@click.command()
@click.argument("login")
@click.option("--confirm", required=True, type=int, help="the account's number once more: this cannot be undone")
def erase(login: str, confirm: int) -> None:
    """Erase who LOGIN is: particulars, phone, e-mail, devices, contacts. Calls and books stay, with numbers.

    Money, calls, payments, numbers and services must be ended before.
    """
    with open_house() as ports:
        owner_id = accounts.find_subscriber(ports, login).id
        if confirm != owner_id:
            raise click.BadParameter(f"{login} has the account {owner_id}, not {confirm}", param_hint="--confirm")
        is_new = erasure.erase(ports, owner_id, actor())
    echo(f"{owner_id}: the personal data are erased" if is_new else f"{owner_id} was erased before")


def _facts(owner_id: int, known: Particulars) -> dict[str, Any]:
    consent = known.consent
    email = known.email
    return {
        "id": owner_id,
        "kind": known.profile.kind if known.profile else None,
        **(known.profile.values if known.profile else {}),
        "changed": moment(known.changed_at) if known.changed_at else None,
        "email": email.address.text if email else None,
        "consent": f"version {consent.version}, {moment(consent.at)}, {consent.way}" if consent else None,
    }


def _told(each: PersonalFacts) -> dict[str, Any]:
    return {"at": moment(each.at), "what": each.what, "actor": each.actor, **each.facts}
