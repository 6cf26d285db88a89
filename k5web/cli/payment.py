"""`k5 payment`: a payment found by what the payer has in hand, credited where it was lost, given back as it came."""

from __future__ import annotations

import re
import secrets
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import click

from k5web.cli.as_json import AS_JSON, echo_items
from k5web.cli.asking import YES, be_sure
from k5web.cli.by_hand import Done, money_of, submit
from k5web.cli.context import actor, open_house
from k5web.cli.terminal import day_of, echo
from k5web.domain.books.ledger import Posting
from k5web.domain.desk.proposal import Wish
from k5web.domain.money import Money
from k5web.services.accounts import accounts
from k5web.services.desk import by_hand as by_hand_services
from k5web.services.desk import day_payments, subscriber_view
from k5web.services.payments import notices, search, topups

if TYPE_CHECKING:
    from k5web.services.payments.search import FoundPayment

PLACE_OF_ONE: Final = re.compile(r"[0-9]{1,18}", re.ASCII)  # in the list of one subscriber


@click.group()
def payment() -> None:
    """Payments: list, find one, credit one that only the provider has, give one back, undo one."""


@payment.command()
@click.argument("name")
@AS_JSON
def find(name: str, as_json: bool) -> None:
    """Show the payments that NAME means.

    NAME is the short code shown to the payer, the payment's number, the provider's key or number of it, or a top-up's
    reference like K5-8841-12.
    """
    with open_house() as ports:
        found = search.find_payments(ports, name)
    if as_json:
        echo_items("payment", map(_item, found))
        return
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


@payment.command("list")
@click.argument("login", required=False)
@click.option("--day", callback=day_of, metavar="DATE", help="Everybody's of this day of the books; or today's.")
@click.option("--after", default="", metavar="PLACE", help="Where the last list ended.")
@AS_JSON
def list_(login: str | None, day: date | None, after: str, as_json: bool) -> None:
    """List payments that came in and what of them went back: LOGIN's, newest first, or everybody's of one day."""
    if login is not None and day is not None:
        raise click.UsageError("say LOGIN or --day, not both")
    if after and not (PLACE_OF_ONE if login is not None else day_payments.PLACE).fullmatch(after):
        raise click.BadParameter("is what the last list said at its end", param_hint="--after")
    with open_house() as ports:
        if login is not None:
            owner_id = accounts.find_subscriber(ports, login).id
            page = subscriber_view.payments(ports, owner_id, int(after) if after else None)
            found = [line.posting for line in page.lines]
            more = str(page.next_before) if page.next_before is not None else None
        else:
            found, more = day_payments.listed(ports, day or ports.today(), after)
    if as_json:
        echo_items("payment", [_posting_item(each) for each in found], more)
        return
    for each in found:
        sums = f"{each.amount} {each.amount.currency}"
        echo(f"{each.day}  {each.number:<22} {each.owner_id:<10} {sums:>16}  {each.name.origin} {each.name.key}")
    if not found:
        echo("there is no such payment")
    if more is not None:
        echo(f"there are more: --after {more}", err=True)


@payment.command()
@click.argument("name")
@click.option("--reason", required=True, help="Why, in a line: kept with your name and the moment.")
@YES
def reverse(name: str, reason: str, is_sure: bool) -> None:
    """Undo the payment NAME by its mirror image; a large one waits for a second person: `k5 desk approve`.

    NAME is as for `find`. No provider is asked: for money that is to go back to the payer use `refund`.
    """
    with open_house() as ports:
        posted = [one.posting for one in search.find_payments(ports, name) if one.posting is not None]
        if len(posted) != 1:
            numbers = ", ".join(str(each.number) for each in posted) or "none that was credited"
            raise click.UsageError(f"'{name}' must mean one payment; it means {numbers}")
        [paid] = posted
        payload = {"origin": paid.name.origin, "key": paid.name.key}
        wish = Wish("reversal", secrets.token_hex(16), payload, reason, owner_id=paid.owner_id)
        for line in by_hand_services.foresee(ports, actor(), wish).shown.lines:
            sums = f"{line.amount} {line.amount.currency}, {line.balance} after it"
            echo(f"owner {line.owner_id}: {sums}, against {line.counter}", err=True)
        be_sure(is_sure)
        done = submit(ports, "reversal", payload, paid.owner_id, why=reason)
        balance = accounts.purse(ports, paid.owner_id).balance
    if done is not Done.WAITS:
        was = "reversed" if done is Done.NOW else "was reversed before"
        echo(f"payment {paid.number} {was}, the balance is {balance} {balance.currency}")


def _posting_item(posting: Posting) -> dict[str, Any]:
    return {
        "number": posting.number,
        "owner": posting.owner_id,
        "day": posting.day,
        "amount": posting.amount,
        "origin": posting.name.origin,
        "key": posting.name.key,
        "counter": posting.counter,
    }


def _item(found: FoundPayment) -> dict[str, Any]:
    posting, top_up = found.posting, found.top_up
    return {
        "number": posting.number if posting else None,
        "owner": found.owner_id,
        "amount": posting.amount if posting else top_up.amount if top_up else None,
        "origin": found.origin,
        "key": found.key or None,
        "credited_at": found.recorded_at,
        "left": found.left,
        "top_up": {"reference": top_up.reference, "state": top_up.state} if top_up else None,
    }


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
