"""`k5 subscriber`: new subscribers, what is known about one, a new password."""

import click

from k5web.cli.context import open_house
from k5web.domain.money import CURRENCIES
from k5web.domain.number import HOMES, Msisdn
from k5web.services import accounts, devices

PASSWORD = click.option(
    "--password", prompt=True, hide_input=True, confirmation_prompt=True, help="asked for if left out"
)


@click.group()
def subscriber() -> None:
    """Subscribers: add one, show one, set a password."""


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
