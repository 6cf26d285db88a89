"""`k5 claim`: charges that subscribers dispute: their deadlines, the answers, the money that goes to a bank account."""

from __future__ import annotations

import secrets
from datetime import date
from typing import TYPE_CHECKING

import click

from k5web.cli.by_hand import Done, submit
from k5web.cli.context import actor, open_house
from k5web.cli.personal import PURPOSE, look_at, reader
from k5web.cli.terminal import NUMBER, day_of, echo, moment
from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.books.claim import CLAIM_REASONS, Claim, ClaimForm, ClaimReason, Outcome
from k5web.domain.money import Money
from k5web.errors import WrongMoney
from k5web.services.accounts import accounts, staff_access
from k5web.services.books import claims

if TYPE_CHECKING:
    from k5web.services.ports import Ports

REASON = click.option("--reason", required=True, help="why, in a line: LOGIN reads it")
SURE = click.option("--yes", "is_sure", is_flag=True, help="do it; without it, only say what would happen")


@click.group()
def claim() -> None:
    """Charges that subscribers dispute. Each is answered within 30 days."""


@claim.command("list")
@click.option("--late", "only_late", is_flag=True, help="only those whose deadline is over")
@PURPOSE
def list_(only_late: bool, purpose: str) -> None:
    """List the claims that wait for an answer or a payment, the nearest deadline first."""
    with open_house() as ports:
        today = ports.today()
        found = [each for each in claims.waiting(ports) if each.is_late(today) or not only_late]
        staff_access.note(ports, [each.owner_id for each in found], reader(purpose))
    for each in found:
        late = ", LATE" if each.is_late(today) else ""
        todo = f"answer by {each.due_on}" if each.answered_at is None else f"pay {_sum(each.given)} by {each.pay_by}"
        echo(f"{each.owner_id} {each.n}: {todo}{late}: {_sum(each.disputed)} of {each.charge}, {each.reason}")
    if not found:
        echo("no claim is late" if only_late else "no claim waits")


@claim.command()
@click.argument("login")
@click.argument("n", type=NUMBER)
@PURPOSE
def show(login: str, n: int, purpose: str) -> None:
    """Show claim N of LOGIN with each step."""
    with open_house() as ports:
        owner = look_at(ports, login, purpose)
        _tell(ports, claims.find(ports, owner.id, n))


@claim.command("open")
@click.argument("login")
@click.argument("seq", type=NUMBER)
@click.option("--what", "reason", type=click.Choice(CLAIM_REASONS), required=True, help="what is wrong")
@click.option("--text", default="", help="what the subscriber wrote")
@click.option("--sum", "typed", help="what is disputed; the whole charge if left out")
@click.option("--received", callback=day_of, help="the day on which a letter came, 2026-12-20; today if left out")
def open_(login: str, seq: int, reason: ClaimReason, text: str, typed: str | None, received: date | None) -> None:
    """Open a claim for LOGIN, who wrote or came, about movement SEQ of the statement: «Операция № SEQ»."""
    with open_house() as ports:
        owner = accounts.find_subscriber(ports, login)
        charge = claims.look(ports, owner.id, seq).posting
        day = _received(received, charge.day, ports.today())
        disputed = _typed(typed, owner) or -charge.amount
        form = ClaimForm(disputed, reason, text, f"staff {secrets.token_urlsafe(12)}")
        opened = claims.open_claim(ports, owner.id, seq, form, actor(), day)
    echo(f"{owner.id} {opened.n}: answer by {opened.due_on}")


@claim.command()
@click.argument("login")
@click.argument("n", type=NUMBER)
@click.option("--sum", "typed", help="what is given back; what was disputed if left out")
@click.option("--money-back/--credit", "to_bank", default=None, help="to the bank account or not; else as LOGIN wished")
@REASON
@SURE
def uphold(login: str, n: int, typed: str | None, to_bank: bool | None, reason: str, is_sure: bool) -> None:
    """Give back what claim N of LOGIN disputes, or a part. Without --yes only say what would happen."""
    with open_house() as ports:
        owner = accounts.find_subscriber(ports, login)
        found, given = claims.find(ports, owner.id, n), _typed(typed, owner)
        if not is_sure and found.answered_at is None:
            would_give = claims.givable(ports, found, given)
            _say_uphold(found, would_give, found.wants_money if to_bank is None else to_bank)
            return
        sums = {"minor": given and given.minor, "currency": owner.currency}
        payload = {"n": n, "to_bank": to_bank, "answer": reason, **sums}
        if submit(ports, "uphold_claim", payload, owner.id) is not Done.WAITS:
            _tell(ports, claims.find(ports, owner.id, n))


@claim.command()
@click.argument("login")
@click.argument("n", type=NUMBER)
@REASON
@SURE
def reject(login: str, n: int, reason: str, is_sure: bool) -> None:
    """Answer that the charge of claim N of LOGIN is right. Without --yes only say what would happen."""
    with open_house() as ports:
        owner = accounts.find_subscriber(ports, login)
        found = claims.find(ports, owner.id, n)
        if not is_sure and found.answered_at is None:
            echo(f"{owner.id} {n}: {found.charge} of {_sum(found.charged)} stays charged")
            echo("Nothing is changed: add --yes")
            return
        _tell(ports, claims.reject(ports, owner.id, n, reason, actor()))


@claim.command()
@click.argument("login")
@click.argument("n", type=NUMBER)
@click.option("--document", required=True, help="the payment order by which the bank paid; the same one is booked once")
def paid(login: str, n: int, document: str) -> None:
    """Book that the money of claim N of LOGIN left for the bank account."""
    with open_house() as ports:
        owner = accounts.find_subscriber(ports, login)
        if submit(ports, "pay_claim", {"n": n, "document": document}, owner.id, document) is not Done.WAITS:
            _tell(ports, claims.find(ports, owner.id, n))


def _say_uphold(found: Claim, given: Money, to_bank: bool) -> None:
    rest = found.charged - given
    echo(f"{found.owner_id} {found.n}: {found.charge} of {_sum(found.charged)} is reversed")
    if rest.minor:
        echo(f"  {_sum(rest)} is charged anew; packages that it used stay used")
    echo(f"  {_sum(given)} comes back to the account" + (" and is kept for the bank account" if to_bank else ""))
    echo("Nothing is changed: add --yes")


def _tell(ports: Ports, found: Claim) -> None:
    late = ", LATE" if found.is_late(ports.today()) else ""
    echo(f"claim {found.owner_id} {found.n}: {_sum(found.disputed)} of {found.charge} of {_sum(found.charged)}")
    echo(f"  says: {found.reason}{f', {found.text}' if found.text else ''}")
    if found.wants_money:
        echo(f"  wishes the money at: {found.recipient}, account {found.account}, bank {found.bank}")
    echo(f"  opened {moment(found.opened_at)} by {found.opened_by}")
    if found.answered_at is None:
        echo(f"  answer by {found.due_on}{late}")
        return
    given = "" if found.outcome is Outcome.REJECTED else f", {_sum(found.given)} credited"
    echo(f"  {found.outcome} {moment(found.answered_at)} by {found.answered_by}{given}: {found.answer}")
    if found.paid_at is not None:
        echo(f"  paid {moment(found.paid_at)} by {found.paid_by}: {found.document}")
    elif found.pay_by is not None:
        echo(f"  pay by {found.pay_by}{late}")


def _sum(money: Money | None) -> str:
    return "" if money is None else f"{money} {money.currency}"


def _typed(typed: str | None, owner: Subscriber) -> Money | None:
    try:
        return None if typed is None else Money.typed(typed, owner.currency)
    except WrongMoney:
        raise click.BadParameter(f"'{typed}' is no sum like 2.20", param_hint="--sum") from None


def _received(told: date | None, charged_on: date, today: date) -> date:
    day = told or today
    if day > today:
        raise click.BadParameter(f"{day} is still to come", param_hint="--received")
    if day < charged_on:
        raise click.BadParameter(f"{day} is before the charge, which is of {charged_on}", param_hint="--received")
    return day
