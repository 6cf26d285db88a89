"""`k5 payment`: a payment found by what the payer has in hand, credited where it was lost, given back as it came."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from k5web.cli.by_hand import Done, money_of, submit
from k5web.cli.context import open_house
from k5web.cli.terminal import echo
from k5web.domain.money import Money
from k5web.services.accounts import accounts
from k5web.services.payments import notices, search, topups

if TYPE_CHECKING:
    from k5web.services.payments.search import FoundPayment


@click.group()
def payment() -> None:
    """Payments: find one, credit one that only the provider has, give one back."""


@payment.command()
@click.argument("name")
def find(name: str) -> None:
    """Show the payments that NAME means.

    NAME is the short code shown to the payer, the payment's number, the provider's key or number of it, or a top-up's
    reference like K5-8841-12.
    """
    with open_house() as ports:
        found = search.find_payments(ports, name)
    for n, one in enumerate(found):
        if n:
            echo()
        _show(one)


@payment.command()
@click.argument("origin")
@click.argument("key")
@click.argument("login")
@click.argument("amount")
def credit(origin: str, key: str, login: str, amount: str) -> None:
    """Credit LOGIN with AMOUNT (like 500.00) that only the provider has: its KEY at ORIGIN (like "net:bank").

    For a payment that `k5 reconcile` names `missing_here`. The same one is credited once, though its notice comes late.
    """
    if not (1 <= len(key) <= notices.LONGEST_KEY and key.isprintable()):
        raise click.BadParameter(f"must have 1 to {notices.LONGEST_KEY} characters", param_hint="KEY")
    with open_house() as ports:
        owner_id = accounts.find_subscriber(ports, login).id
        money = Money.parse(amount, accounts.purse(ports, owner_id).balance.currency)
        done = submit(ports, "credit_missing", {"origin": origin, "key": key, **money_of(money)}, owner_id)
        balance = accounts.purse(ports, owner_id).balance
    if done is not Done.WAITS:
        echo(f"{'credited' if done is Done.NOW else 'credited before'}, the balance is {balance} {balance.currency}")


@payment.command()
@click.argument("reference")
@click.argument("amount")
def refund(reference: str, amount: str) -> None:
    """Give AMOUNT (like 500.00) of the top-up REFERENCE (like K5-8841-12) back by its provider; print the state."""
    with open_house() as ports:
        top_up = topups.find(ports, reference)
        payload = {"reference": reference, **money_of(Money.parse(amount, top_up.amount.currency))}
        if submit(ports, "provider_refund", payload, top_up.owner_id) is not Done.WAITS:
            echo(topups.find(ports, reference).state)


def _show(found: FoundPayment) -> None:
    posting, top_up = found.posting, found.top_up
    amount = posting.amount if posting else top_up.amount if top_up else None
    for title, value in (
        ("account", found.owner_id if found.owner_id is not None else "-"),
        ("way", found.origin),
        ("key", found.key or "-"),
        ("number", posting.number if posting else "-"),
        ("sum", f"{amount} {amount.currency}" if amount else "-"),
        ("credited", found.recorded_at.isoformat(timespec="seconds") if found.recorded_at else "no"),
        ("not gone back", f"{found.left} {found.left.currency}" if found.left else "-"),
        ("top-up", f"{top_up.reference} {top_up.state}" if top_up else "-"),
    ):
        echo(f"{title + ':':<15}{value}")
