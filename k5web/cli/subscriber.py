"""`k5 subscriber`: new subscribers, what is known about one, a new password, a block, what one may call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from k5web.cli.as_json import AS_JSON, echo_items
from k5web.cli.by_hand import Done, money_of, submit
from k5web.cli.context import actor, open_house
from k5web.cli.personal import PURPOSE, look_at
from k5web.cli.subscriber_data import accesses, erase, export, profile
from k5web.cli.subscriber_deeds import as_item, close, edit, list_
from k5web.cli.subscriber_limits import close_, limit, limits, open_
from k5web.cli.terminal import echo, moment
from k5web.domain.accounts.contract import DocumentVersion
from k5web.domain.accounts.ending import Ending
from k5web.domain.accounts.tax_numbers import is_kyrgyz_inn_doubtful
from k5web.domain.money import CURRENCIES, Money
from k5web.domain.prices.number import HOMES, Msisdn
from k5web.domain.prices.objection import Objection
from k5web.services.accounts import acceptance, accounts, blocking, devices, endings, phones
from k5web.services.calls import safety
from k5web.services.payments import payers
from k5web.services.prices import objections

if TYPE_CHECKING:
    from k5web.services.accounts.acceptance import Contract

PASSWORD = click.option(
    "--password", prompt=True, hide_input=True, confirmation_prompt=True, help="asked for if left out"
)
_DONE = {
    ("block", True): "blocked",
    ("block", False): "unblocked",
    ("breach", True): "suspended",
    ("breach", False): "resumed",
}
LONGEST_NAME = 64  # of a payment's name in the ledger


@click.group()
def subscriber() -> None:
    """Subscribers: add, show, credit a payment, set a password or a tax number, block, open directions, set limits."""


for command in (profile, accesses, export, erase, list_, edit, close, open_, close_, limit, limits):
    subscriber.add_command(command)


@subscriber.command()
@click.argument("phone")
@click.option("--name", default="", help="how the subscriber is called")
@click.option("--currency", type=click.Choice(sorted(CURRENCIES)), default="RUB", show_default=True)
@click.option("--unverified", is_flag=True, help="nobody knows yet that the phone is theirs: it will not be rung")
@PASSWORD
def add(phone: str, name: str, currency: str, unverified: bool, password: str) -> None:
    """Add a subscriber with this PHONE (verified by you) and an empty account; print the account's number."""
    number = Msisdn.parse(phone, HOMES[currency])
    echo(f"{phone} is read as {number.grouped}", err=True)
    with open_house() as ports:
        added = accounts.add_subscriber(ports, number, password, name, currency, is_verified=not unverified)
    echo(added.id)


@subscriber.command()
@click.argument("login")
@PURPOSE
@AS_JSON
def show(login: str, purpose: str, as_json: bool) -> None:
    """Show the subscriber that LOGIN (a phone in any spelling, or an id) means. The reading is written down."""
    with open_house() as ports:
        found = look_at(ports, login, purpose)
        purse = accounts.purse(ports, found.id)
        remembered = devices.list_devices(ports, found.id).live
        refusals = safety.show(ports, found.id).refusals
        blocks = blocking.history(ports, found.id)
        contract, ending = acceptance.show(ports, found.id), endings.standing(ports, found.id)
        theirs = phones.of(ports, found.id)
    if as_json:
        item = as_item(found) | {
            "phones": [{"number": phone.number, "is_verified": phone.verified_at is not None} for phone in theirs],
            "balance": purse.balance,
            "held": purse.held,
            "devices": len(remembered),
            "refused": refusals,
            "contract_ends_on": ending.last_day if ending else None,
        }
        echo_items("subscriber", [item])
        return
    numbers = [phone.number.grouped + ("" if phone.verified_at else " (not verified)") for phone in theirs]
    for title, value in (
        ("id", found.id),
        ("name", found.name),
        ("phone", ", ".join(numbers) or "-"),
        ("plan", found.plan_code),
        ("language", found.language or "by the browser"),
        ("balance", f"{purse.balance} {purse.balance.currency}"),
        ("held", f"{purse.held} {purse.held.currency}"),
        ("devices", len(remembered)),
        ("refused", ", ".join(f"{kind} {times}" for kind, times in refusals.items()) or "nothing"),
        ("blocked", f"since {moment(found.blocked_at)}" if found.blocked_at else "no"),
        ("suspended", f"since {moment(found.suspended_at)}" if found.suspended_at else "no"),
        *(("contract", _contract_line(contract, version)) for version in contract.in_force),
    ):
        echo(f"{title + ':':<10} {value}")
    if ending is not None:
        echo(_ending(ending))
    for one in blocks:
        echo(f"  {moment(one.at)}  {_DONE[one.kind, one.is_blocked]} by {one.actor}: {one.reason}")


def _contract_line(contract: Contract, version: DocumentVersion) -> str:
    accepted, name = contract.of(version), f"{version.document.kind} {version.document.number}"
    return f"{name}, accepted {moment(accepted.at)} by {accepted.way}" if accepted else f"{name}, not accepted yet"


REASON = click.option("--reason", required=True, help="why, in a line: kept with your name and the moment")


@subscriber.command()
@click.argument("login")
@REASON
def block(login: str, reason: str) -> None:
    """Let nothing new begin for LOGIN: no log-in, call, top-up or payment. What is under way ends by its rules."""
    with open_house() as ports:
        found = accounts.find_subscriber(ports, login)
        blocking.block(ports, found.id, actor(), reason)
    echo(f"{found.id} is blocked")


@subscriber.command()
@click.argument("login")
@REASON
def unblock(login: str, reason: str) -> None:
    """Take the block of LOGIN back."""
    with open_house() as ports:
        found = accounts.find_subscriber(ports, login)
        was_blocked = blocking.unblock(ports, found.id, actor(), reason)
    echo(f"{found.id} is blocked no more" if was_blocked else f"{found.id} was not blocked")


@subscriber.command()
@click.argument("login")
@click.option("--reason", required=True, help="what was broken and how to put it right: LOGIN reads it")
def suspend(login: str, reason: str) -> None:
    """Suspend the services of LOGIN for a breach of the contract, with notice. Log-in and payments go on."""
    with open_house() as ports:
        found = accounts.find_subscriber(ports, login)
        notice = blocking.suspend(ports, found.id, actor(), reason)
    echo(f"{found.id}: services are suspended; the contract may end after {notice.overdue.borne_until}")


@subscriber.command()
@click.argument("login")
@REASON
def resume(login: str, reason: str) -> None:
    """Note that LOGIN put the breach right: services go on."""
    with open_house() as ports:
        found = accounts.find_subscriber(ports, login)
        was_suspended = blocking.resume(ports, found.id, actor(), reason)
    echo(f"{found.id}: services go on" if was_suspended else f"{found.id} was not suspended")


@subscriber.command()
@AS_JSON
def overdue(as_json: bool) -> None:
    """List debts and breaches of contracts that go on: after two and six months the contract may end."""
    with open_house() as ports:
        found, today = blocking.overdue(ports), ports.today()
    if as_json:
        items = [
            {
                "owner": e.owner_id,
                "why": e.why,
                "since": e.since,
                "borne_until": e.borne_until,
                "is_over": e.is_over(today),
            }
            for e in found
        ]
        echo_items("overdue", items)
        return
    for each in found:
        says = "the contract may end" if each.is_over(today) else f"borne until {each.borne_until}"
        echo(f"{each.owner_id}  {each.why} since {each.since}: {says}")
    if not found:
        echo("nobody is in debt or in breach")


@subscriber.command()
@click.argument("login")
@REASON
def end(login: str, reason: str) -> None:
    """End the contract of LOGIN, ten days from now and with notice: for a debt of two months or a breach of six."""
    with open_house() as ports:
        found = accounts.find_subscriber(ports, login)
        ending = endings.terminate(ports, found.id, actor(), reason)
    echo(_ending(ending))


@subscriber.command()
@click.argument("login")
def keep(login: str) -> None:
    """Let the contract of LOGIN go on: an ending is taken back, also one that was carried out."""
    with open_house() as ports:
        found = accounts.find_subscriber(ports, login)
        was_ending = endings.keep(ports, found.id, actor())
    echo(f"{found.id}: the contract goes on" if was_ending else f"{found.id}: the contract was not to end")


@subscriber.command("endings")
@AS_JSON
def endings_(as_json: bool) -> None:
    """List the contracts that are to end, by their last day."""
    with open_house() as ports:
        found = endings.listed(ports)
    if as_json:
        echo_items("ending", map(_ending_item, found))
        return
    for ending in found:
        echo(_ending(ending))
    if not found:
        echo("no contract is to end")


def _ending_item(ending: Ending) -> dict[str, object]:
    return {
        "owner": ending.owner_id,
        "n": ending.n,
        "why": ending.why,
        "applied_at": ending.applied_at,
        "last_day": ending.last_day,
        "by": ending.actor,
        "reason": ending.reason,
        "done_at": ending.done_at,
    }


def _ending(ending: Ending) -> str:
    who = f"by {ending.actor}{': ' if ending.reason else ''}{ending.reason}"
    verb = "ended" if ending.done_at else "ends"
    return f"{ending.owner_id}: the contract {verb} for {ending.why}, last day {ending.last_day}, {who}"


@subscriber.command("object")
@click.argument("login")
def object_(login: str) -> None:
    """Note that LOGIN objects to the dearer plan or price list, or the worse offer, to come: the contract ends."""
    with open_house() as ports:
        found = accounts.find_subscriber(ports, login)
        said = objections.object_to_change(ports, found.id, actor())
    echo(_objection(said))


@subscriber.command("objections")
@click.option("--all", "is_all", is_flag=True, help="Also those that end no contract any more.")
@AS_JSON
def objections_(is_all: bool, as_json: bool) -> None:
    """List who objects to a plan, a price list or the offer, and the day on which each contract ends."""
    with open_house() as ports:
        found = [(said, stands) for said, stands in objections.listed(ports) if stands or is_all]
    if as_json:
        echo_items("objection", [_objection_item(said, stands) for said, stands in found])
        return
    for said, stands in found:
        echo(_objection(said) if stands else f"{_said(said)}: it ends no contract any more")
    if not found:
        echo("nobody has objected to a change" if is_all else "nobody objects to a change")


def _objection_item(said: Objection, stands: bool) -> dict[str, object]:
    return {
        "owner": said.owner_id,
        "subject": said.subject,
        "code": said.code,
        "version": said.version_id,
        "objected_at": said.objected_at,
        "by": said.actor,
        "ends_on": said.ends_on,
        "stands": stands,
    }


def _objection(said: Objection) -> str:
    return f"{_said(said)}: the contract ends on {said.ends_on} unless something else is agreed"


def _said(said: Objection) -> str:
    return f"{said.owner_id} objects to {said.what}, since {moment(said.objected_at)}"


@subscriber.command()
@click.argument("login")
@PASSWORD
def passwd(login: str, password: str) -> None:
    """Set a new password for LOGIN; every remembered device is logged out, every key of a program ends."""
    with open_house() as ports:
        owner = accounts.find_subscriber(ports, login)
        accounts.change_password(ports, owner, password)
    echo(f"{owner.id}: the new password counts; every device is logged out, every key of a program has ended")


@subscriber.command()
@click.argument("login")
@click.argument("amount")
@click.option("--document", required=True, help="The bank's name of the payment; the same one is credited once.")
def credit(login: str, amount: str, document: str) -> None:
    """Credit LOGIN with AMOUNT (like 500.00) that came to the operator's bank account; print the balance.

    A large sum waits for a second person: `k5 desk approve`.
    """
    if not 1 <= len(document) <= LONGEST_NAME:
        raise click.BadParameter(f"must have 1 to {LONGEST_NAME} characters", param_hint="--document")
    with open_house() as ports:
        owner_id = accounts.find_subscriber(ports, login).id
        money = Money.parse(amount, accounts.purse(ports, owner_id).balance.currency)
        payload = {"origin": "bank", "key": document, **money_of(money)}
        if submit(ports, "credit_bank", payload, owner_id, document) is not Done.WAITS:
            echo(accounts.purse(ports, owner_id).balance)


@subscriber.command()
@click.argument("login")
@click.argument("number")
def inn(login: str, number: str) -> None:
    """Let payments that name the tax NUMBER of a company (10, 12 or 14 digits) go to LOGIN; only its hash is kept."""
    with open_house() as ports:
        owner_id = accounts.find_subscriber(ports, login).id
        payers.set_inn(ports, owner_id, number)
        if is_kyrgyz_inn_doubtful(number, ports.today()):
            echo("kept; its digits 2 to 9 are no date (day, month, year) as in other numbers of Kyrgyzstan", err=True)
    echo(f"{owner_id}: payments that name this tax number come here")


@subscriber.command()
@click.argument("login")
def verify(login: str) -> None:
    """Note that the phone of LOGIN is proved to be theirs: from now on it may be rung."""
    with open_house() as ports:
        owner_id = accounts.find_subscriber(ports, login).id
        accounts.verify_phone(ports, owner_id)
    echo(f"{owner_id}: the phone is proved, it may be rung")
