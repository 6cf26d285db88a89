"""`k5 desk`: what waits for a second person, approved or refused; who approves proves who they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from k5web.cli.context import actor, open_house
from k5web.cli.terminal import NUMBER, echo, moment
from k5web.domain.desk.action import Action, may
from k5web.domain.desk.proposal import Proposal, ProposalState
from k5web.domain.desk.shown import Shown
from k5web.errors import NotAllowed
from k5web.services.desk import carrying, proposals, staff

if TYPE_CHECKING:
    from k5web.services.ports import Ports


@click.group()
def desk() -> None:
    """The desk's proposals: what one of the staff asked for, and a second one decides."""


@desk.command("proposals")
@click.option("--all", "is_all", is_flag=True, help="Also those that are decided.")
def list_(is_all: bool) -> None:
    """List what waits for a second person, the newest first, with what it will do."""
    with open_house() as ports:
        found = proposals.page(ports, None if is_all else ProposalState.WAITING)
    for each in found:
        _show(each)
    if not found:
        echo("no proposal waits")


@desk.command()
@click.argument("proposal", type=NUMBER)
@click.option("--login", prompt=True, help="Yours at the desk.")
@click.option("--password", prompt=True, hide_input=True, help="Yours; asked for if left out.")
@click.option("--code", prompt=True, help="The one-time code of this moment.")
def approve(proposal: int, login: str, password: str, code: str) -> None:
    """Carry PROPOSAL, a number, of somebody else out. You prove who you are, as at the desk."""
    with open_house() as ports:
        action = carrying.deciding(proposals.find(ports, proposal).wish.kind)
        done = proposals.approve(ports, proposal, _proved(ports, login, password, code, action))
    echo(f"proposal {proposal} is carried out{': ' if done.words else ''}{done.words or ''}")


@desk.command()
@click.argument("proposal", type=NUMBER)
@click.option("--reason", required=True, help="Why not, in a line: its author reads it.")
def refuse(proposal: int, reason: str) -> None:
    """Refuse PROPOSAL, a number, of somebody else, for good."""
    with open_house() as ports:
        proposals.refuse(ports, proposal, actor(), reason)
    echo(f"proposal {proposal} is refused")


@desk.command()
@click.argument("proposal", type=NUMBER)
def withdraw(proposal: int) -> None:
    """Take your own PROPOSAL, a number, back."""
    with open_house() as ports:
        proposals.withdraw(ports, proposal, actor())
    echo(f"proposal {proposal} is withdrawn")


def _proved(ports: Ports, login: str, password: str, code: str, action: Action) -> str:
    """Return who of the staff this is. Raises: StaffUnproved, NotAllowed."""
    found = staff.find(ports, staff.prove(ports, login, password, code))
    if not may(found.roles, action):
        raise NotAllowed(action=action.value)
    return found.actor


def _show(each: Proposal) -> None:
    wish = each.wish
    about = f" for {wish.owner_id}" if wish.owner_id else ""
    amount = f" {wish.amount} {wish.amount.currency}" if wish.amount else ""
    by = f"{each.proposed_by}, {moment(each.proposed_at)}"
    echo(f"{each.id}  {each.state}  {wish.kind}{amount}{about}  {by}: {wish.reason}")
    if each.decided_by:
        echo(f"    {each.state} by {each.decided_by}{': ' if each.words else ''}{each.words or ''}")
    for line in Shown.of(wish.shown).lines if "lines" in wish.shown else ():
        sums = f"{line.amount} {line.amount.currency}, {line.balance} after it"
        echo(f"    owner {line.owner_id}: {sums}, against {line.counter} ({line.name})")
