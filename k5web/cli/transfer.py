"""`k5 transfer`: money that one subscriber sent to another, taken back by staff."""

import click

from k5web.cli.by_hand import Done, submit
from k5web.cli.context import open_house
from k5web.cli.terminal import NUMBER, echo
from k5web.services.books import corrections


@click.group()
def transfer() -> None:
    """Money that one subscriber sent to another."""


@transfer.command()
@click.argument("number", type=NUMBER)
@click.option("--reason", required=True, help="Why; it is kept in the log.")
def reverse(number: int, reason: str) -> None:
    """Take the transfer back that either statement knows by NUMBER: both sides, at most once, also below zero."""
    with open_house() as ports:
        sent = corrections.find_transfer(ports, number)
        payload = {"origin": sent.name.origin, "key": sent.name.key}
        done = submit(ports, "reversal", payload, sent.owner_id, why=reason)
        if done is Done.WAITS:
            return
        postings = corrections.undone_transfer(ports, number)
    said = "taken back" if done is Done.NOW else "taken back before"
    for posting in postings:
        echo(f"{said}: {posting.owner_id} had {posting.balance} {posting.balance.currency} after it")
