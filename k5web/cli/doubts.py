"""`k5 bank doubtful|credit|join`: payments that may be known already, and a person's word about each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from k5web.cli.by_hand import Done, submit
from k5web.cli.context import open_house
from k5web.cli.terminal import NUMBER, echo, echo_json
from k5web.domain.books.ledger import HOUSE
from k5web.services.bank import doubtful_payments

if TYPE_CHECKING:
    from k5web.services.bank.doubtful_payments import Doubtful
    from k5web.services.ports import Ports

NUMBERS = click.argument("numbers", type=NUMBER, nargs=-1, required=True, metavar="NUMBER…")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def doubtful(as_json: bool) -> None:
    """List the payments that differ from a known one in one part: not credited until you say what they are."""
    with open_house() as ports:
        found = doubtful_payments.doubtful(ports)
    if as_json:
        echo_json({"payments": [_doubt_facts(one) for one in found]})
        return
    for one in found:
        doubt = one.doubt
        echo(f"{doubt.number}  {doubt.amount} RUB  {_differs(one)}  {doubt.payer}: {doubt.purpose}")
    echo(f"{len(found)} payments are in doubt: k5 bank credit NUMBER, or k5 bank join NUMBER")


@click.command()
@NUMBERS
def credit(numbers: tuple[int, ...]) -> None:
    """Credit the payments NUMBER… of `k5 bank doubtful`: each is another payment than the known one."""
    with open_house() as ports:
        for number in numbers:
            done = submit(ports, "credit_doubt", {"number": number})
            if done is not Done.WAITS:
                echo(f"{number}: {_credited(ports, number) if done is Done.NOW else 'credited before'}")


@click.command()
@NUMBERS
def join(numbers: tuple[int, ...]) -> None:
    """Join the payments NUMBER… of `k5 bank doubtful` to those known: nothing is credited, now or by any file."""
    with open_house() as ports:
        for number in numbers:
            submit(ports, "join_doubt", {"number": number})
            echo(f"{number}: {doubtful_payments.find(ports, number).amount} RUB is the payment that is known already")


def _credited(ports: Ports, number: int) -> str:
    """Return where the money of a payment in doubt is now."""
    posting = doubtful_payments.credited(ports, number)
    if posting.owner_id == HOUSE:
        return f"{posting.amount} RUB is in suspense as {posting.number}"
    return f"{posting.amount} RUB is on the account of subscriber {posting.owner_id}"


def _differs(one: Doubtful) -> str:
    doubt = one.doubt
    return f"No. {doubt.document_no or '-'} of {doubt.day:%d.%m.%Y}: known already but for {doubt.differs}"


def _doubt_facts(one: Doubtful) -> dict[str, Any]:
    doubt = one.doubt
    return {
        "number": doubt.number,
        "document": doubt.document_no,
        "day": doubt.day.isoformat(),
        "received_on": doubt.received_on.isoformat(),
        "amount": str(doubt.amount),
        "payer": doubt.payer,
        "purpose": doubt.purpose,
        "differs": doubt.differs,
        "known": doubt.known.key,
        "working_days": one.days,
    }
