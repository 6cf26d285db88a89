"""`k5 subscriber list`, `edit` and `close`: who there is, how they are called, the end of their contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from k5web.cli.as_json import AS_JSON, echo_items
from k5web.cli.asking import YES, be_sure
from k5web.cli.context import actor, open_house
from k5web.cli.personal import PURPOSE, reader
from k5web.cli.terminal import NUMBER, echo
from k5web.domain.accounts import ending as rules
from k5web.domain.languages import NAMES
from k5web.services.accounts import accounts, endings, staff_access

if TYPE_CHECKING:
    from k5web.domain.accounts.subscriber import Subscriber

BY_BROWSER = "browser"


@click.command("list")
@click.option("--after", type=NUMBER, default=None, help="Only ids above this one: where the last list ended.")
@click.option("--limit", type=click.IntRange(1, 500), default=100, show_default=True)
@click.option("--blocked", "is_blocked", is_flag=True, help="Only those whom staff blocked.")
@PURPOSE
@AS_JSON
def list_(after: int | None, limit: int, is_blocked: bool, purpose: str, as_json: bool) -> None:
    """List subscribers by their ids. Whose data were read is written down; to find one, ask `k5 subscriber show`."""
    with open_house() as ports:
        found = accounts.listed(ports, after or 0, limit + 1, is_blocked=is_blocked)
        shown = found[:limit]
        staff_access.note(ports, [each.id for each in shown], reader(purpose))
    more = str(shown[-1].id) if len(found) > limit else None
    if as_json:
        echo_items("subscriber", map(as_item, shown), more)
        return
    for each in shown:
        phone = each.phone.grouped if each.phone else "-"
        echo(f"{each.id:<10} {phone:<18} {each.plan_code:<12} {_standing(each):<10} {each.name}".rstrip())
    if not shown:
        echo("there is no such subscriber")
    if more is not None:
        echo(f"there are more: --after {more}", err=True)


def as_item(owner: Subscriber) -> dict[str, Any]:
    """Return a subscriber as programs read one."""
    return {
        "id": owner.id,
        "name": owner.name,
        "phone": owner.phone,
        "is_verified": owner.phone_verified_at is not None,
        "plan": owner.plan_code,
        "currency": owner.currency,
        "language": owner.language,
        "blocked_at": owner.blocked_at,
        "suspended_at": owner.suspended_at,
        "ended_at": owner.ended_at,
    }


def _standing(owner: Subscriber) -> str:
    if owner.blocked_at is not None:
        return "blocked"
    if owner.ended_at is not None:
        return "ended"
    return "suspended" if owner.suspended_at is not None else "-"


@click.command()
@click.argument("login")
@click.option("--name", help='How the subscriber is called; "" removes it.')
@click.option("--language", type=click.Choice([*NAMES, BY_BROWSER]), help="Of pages and messages.")
@click.option("--press-1/--no-press-1", "press_1", default=None, help="The own phone presses 1 before the other rings.")
def edit(login: str, name: str | None, language: str | None, press_1: bool | None) -> None:
    """Change what LOGIN is called, the language or the key before a call. Phones are added in the cabinet, with a code.

    Particulars of a person or an organisation are the subscriber's own words: they are changed in the cabinet, too.
    """
    if name is None and language is None and press_1 is None:
        raise click.UsageError("say what is to be changed: --name, --language or --press-1")
    with open_house() as ports:
        owner_id = accounts.find_subscriber(ports, login).id
        if name is not None:
            accounts.rename(ports, owner_id, name)
        if language is not None:
            accounts.choose_language(ports, owner_id, None if language == BY_BROWSER else language)
        if press_1 is not None:
            accounts.choose_press_1(ports, owner_id, press_1)
        now = accounts.find_subscriber(ports, str(owner_id))
    pressed = "presses 1" if now.press_1 else "presses nothing"
    echo(f"{owner_id}: name {now.name or '-'}, language {now.language or 'by the browser'}, {pressed}")


@click.command()
@click.argument("login")
@YES
def close(login: str, is_sure: bool) -> None:
    """End the contract of LOGIN by the subscriber's application, as the cabinet does; show its last day first.

    Until then all goes on; `k5 subscriber keep` takes it back. What is left is refunded by `k5 refund`.
    """
    with open_house() as ports:
        owner = accounts.find_subscriber(ports, login)
        purse = accounts.purse(ports, owner.id)
        last_day = rules.last_day(ports.today())
        money = f"{purse.balance} {purse.balance.currency} on the account"
        echo(f"{owner.id} {owner.name}: the contract would end, last day {last_day}; {money}", err=True)
        be_sure(is_sure)
        ending = endings.apply(ports, owner.id, actor())
    echo(f"{owner.id}: the contract ends for {ending.why}, last day {ending.last_day}")
