"""`k5 subscriber`: new subscribers, what is known about one, a new password."""

import click

from k5web.cli.context import open_house
from k5web.domain.ledger import EventName
from k5web.domain.money import CURRENCIES, Money
from k5web.domain.number import HOMES, Msisdn
from k5web.services import accounts, devices
from k5web.services.topups import credit as book

PASSWORD = click.option(
    "--password", prompt=True, hide_input=True, confirmation_prompt=True, help="asked for if left out"
)
LONGEST_NAME = 64  # of a payment's name in the ledger


@click.group()
def subscriber() -> None:
    """Subscribers: add one, show one, credit a payment, set a password."""


@subscriber.command()
@click.argument("phone")
@click.option("--name", default="", help="how the subscriber is called")
@click.option("--currency", type=click.Choice(sorted(CURRENCIES)), default="RUB", show_default=True)
@PASSWORD
def add(phone: str, name: str, currency: str, password: str) -> None:
    """Add a subscriber with this PHONE (already verified) and an empty account; print the account's number."""
    number = Msisdn.parse(phone, HOMES[currency])
    click.echo(f"{phone} is read as {number.grouped}", err=True)
    with open_house() as ports:
        added = accounts.add_subscriber(ports, number, password, name, currency)
    click.echo(added.id)


@subscriber.command()
@click.argument("login")
def show(login: str) -> None:
    """Show the subscriber that LOGIN (a phone in any spelling, or an id) means."""
    with open_house() as ports:
        found = accounts.find_subscriber(ports, login)
        purse = accounts.purse(ports, found.id)
        remembered = devices.list_devices(ports, found.id).live
    for title, value in (
        ("id", found.id),
        ("name", found.name),
        ("phone", found.phone.grouped if found.phone else "-"),
        ("plan", found.plan_code),
        ("language", found.language or "by the browser"),
        ("balance", f"{purse.balance} {purse.balance.currency}"),
        ("held", f"{purse.held} {purse.held.currency}"),
        ("devices", len(remembered)),
    ):
        click.echo(f"{title + ':':<10} {value}")


@subscriber.command()
@click.argument("login")
@PASSWORD
def passwd(login: str, password: str) -> None:
    """Set a new password for LOGIN; every remembered device is logged out."""
    with open_house() as ports:
        accounts.change_password(ports, accounts.find_subscriber(ports, login), password)


@subscriber.command()
@click.argument("login")
@click.argument("amount")
@click.option("--document", required=True, help="The bank's name of the payment; the same one is credited once.")
def credit(login: str, amount: str, document: str) -> None:
    """Credit LOGIN with AMOUNT (like 500.00) that came to the operator's bank account; print the balance."""
    if not 1 <= len(document) <= LONGEST_NAME:
        raise click.BadParameter(f"must have 1 to {LONGEST_NAME} characters", param_hint="--document")
    with open_house() as ports:
        owner_id = accounts.find_subscriber(ports, login).id
        money = Money.parse(amount, accounts.purse(ports, owner_id).balance.currency)
        book(ports, owner_id, EventName("bank", document), money, "cash.bank", "staff:cli", ports.clock())
        click.echo(accounts.purse(ports, owner_id).balance)
