"""`k5 notice`: what providers told us of payments, and what we answered."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import click

from k5web.cli.as_json import AS_JSON, echo_items
from k5web.cli.context import open_house
from k5web.cli.terminal import day_of, echo, moment
from k5web.services.payments import kept_notices

if TYPE_CHECKING:
    from k5web.services.payments.kept_notices import KeptNotice


@click.group()
def notice() -> None:
    """Providers' notices: what was said of payments, and what we answered."""


@notice.command("list")
@click.option("--day", callback=day_of, metavar="DATE", help="Of this day; left out: today's.")
@click.option("--origin", default="", help="Of this partner alone, like net:bank.")
@click.option("--refused", "is_refused", is_flag=True, help="Only those that were not taken: refused, forged, unread.")
@click.option("--page", type=click.IntRange(1, 1000), default=1, show_default=True)
@AS_JSON
def list_(day: date | None, origin: str, is_refused: bool, page: int, as_json: bool) -> None:
    """List the notices of a day, newest first."""
    with open_house() as ports:
        found, has_more = kept_notices.listed(ports, day or ports.today(), origin, page, is_refused=is_refused)
    more = str(page + 1) if has_more else None
    if as_json:
        echo_items("notice", map(_item, found), more)
        return
    for each in found:
        echo(_line(each))
    if not found:
        echo("there is no such notice")
    if more is not None:
        echo(f"there are more: --page {more}", err=True)


@notice.command()
@click.argument("origin")
@click.argument("key")
@AS_JSON
def show(origin: str, key: str, as_json: bool) -> None:
    """Show all that ORIGIN (like net:bank) said of the payment it calls KEY, oldest first, secrets masked."""
    with open_house() as ports:
        found = kept_notices.of_payment(ports, origin, key)
    if as_json:
        echo_items("notice", [_item(each) | {"request": each.request} for each in found])
        return
    for each in found:
        echo(_line(each))
        for line in each.request.splitlines():
            echo(f"    {line}")


def _line(each: KeptNotice) -> str:
    amount = f"{each.amount} {each.amount.currency}" if each.amount else "-"
    why = f" ({each.why})" if each.why else ""
    key, kind, owner = each.name.key or "-", each.kind or "-", each.owner_id or "-"
    return f"{moment(each.at)}  {each.name.origin:<18} {key:<24} {kind:<10} {amount:>14}  {owner}  {each.verdict}{why}"


def _item(each: KeptNotice) -> dict[str, Any]:
    return {
        "at": each.at,
        "origin": each.name.origin,
        "key": each.name.key or None,
        "kind": each.kind or None,
        "verdict": each.verdict,
        "why": each.why or None,
        "owner": each.owner_id,
        "amount": each.amount,
    }
