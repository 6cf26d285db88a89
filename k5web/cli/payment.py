"""`k5 payment`: a payment found by what the payer has in hand, and given back the way it came."""

import click

from k5web.cli.context import open_house
from k5web.domain.money import Money
from k5web.services import finding, refunds, topups
from k5web.services.finding import FoundPayment


@click.group()
def payment() -> None:
    """Payments: find one, give one back."""


@payment.command()
@click.argument("name")
def find(name: str) -> None:
    """Show the payments that NAME means.

    NAME is the short code shown to the payer, the payment's number, the provider's key or number of it, or a top-up's
    reference like K5-8841-12.
    """
    with open_house() as ports:
        found = finding.find_payments(ports, name)
    for n, one in enumerate(found):
        if n:
            click.echo()
        _show(one)


@payment.command()
@click.argument("reference")
@click.argument("amount")
def refund(reference: str, amount: str) -> None:
    """Give AMOUNT (like 500.00) of the top-up REFERENCE (like K5-8841-12) back by its provider; print the state."""
    with open_house() as ports:
        money = Money.parse(amount, topups.find(ports, reference).top_up.amount.currency)
        top_up = refunds.refund(ports, reference, money, "staff:cli")
    click.echo(top_up.state)


def _show(found: FoundPayment) -> None:
    posting, top_up = found.posting, found.top_up
    amount = posting.amount if posting else top_up.amount if top_up else None
    key = posting.name.key if posting else top_up.provider_id if top_up else ""
    for title, value in (
        ("account", found.owner_id),
        ("way", found.origin),
        ("key", key or "-"),
        ("number", posting.number if posting else "-"),
        ("sum", f"{amount} {amount.currency}" if amount else "-"),
        ("credited", found.recorded_at.isoformat(timespec="seconds") if found.recorded_at else "no"),
        ("not gone back", f"{found.left} {found.left.currency}" if found.left else "-"),
        ("top-up", f"{top_up.reference} {top_up.state}" if top_up else "-"),
    ):
        click.echo(f"{title + ':':<15}{value}")
