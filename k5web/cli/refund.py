"""`k5 refund`: applications for the unused advance after the contract: listed, paid, declined."""

import click

from k5web.cli.by_hand import Done, submit
from k5web.cli.context import actor, open_house
from k5web.cli.personal import PURPOSE, reader
from k5web.cli.terminal import echo
from k5web.services.accounts import accounts, advances, staff_access


@click.group()
def refund() -> None:
    """The unused advance after the contract: applications, their terms, what was paid."""


@refund.command("list")
@PURPOSE
def list_(purpose: str) -> None:
    """List the applications that are to be paid, the nearest term first, with where to pay."""
    with open_house() as ports:
        found, today = advances.waiting(ports), ports.today()
        staff_access.note(ports, [each.owner_id for each in found], reader(purpose))
    for each in found:
        late = ", LATE" if today > each.due_on else ""
        echo(
            f"{each.owner_id}: {each.amount} {each.amount.currency} by {each.due_on}{late}: "
            f"{each.to.recipient}, account {each.to.account}, bank {each.to.bank}"
        )
    if not found:
        echo("nothing is to be refunded")


@refund.command()
@click.argument("login")
@click.option("--document", required=True, help="the payment order by which the bank paid; the same one is booked once")
def paid(login: str, document: str) -> None:
    """Book the application of LOGIN as paid."""
    with open_house() as ports:
        found = accounts.find_subscriber(ports, login)
        if submit(ports, "pay_advance", {"document": document}, found.id, document) is Done.WAITS:
            return
        amount = next(each.amount for each in advances.of_owner(ports, found.id) if each.document == document.strip())
    echo(f"{found.id}: {amount} {amount.currency} refunded")


@refund.command()
@click.argument("login")
@click.option("--reason", required=True, help="why, in a line: LOGIN reads it")
def decline(login: str, reason: str) -> None:
    """Close the application of LOGIN without paying."""
    with open_house() as ports:
        found = accounts.find_subscriber(ports, login)
        advances.decline(ports, found.id, reason, actor())
    echo(f"{found.id}: the application is closed")
