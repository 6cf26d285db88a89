"""`k5 subscriber profile|accesses`: what is kept of one subscriber, and which staff read it."""

from typing import Any

import click

from k5web.cli.context import open_house
from k5web.cli.personal import PURPOSE, look_at
from k5web.cli.terminal import echo, echo_json, moment
from k5web.domain.accounts.profile import PersonalFacts
from k5web.services.accounts import accounts, profiles, staff_access
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
