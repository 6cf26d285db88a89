"""`k5 subscriber open-direction`, `close-direction`, `limit` and `limits`: what one may call, and how much of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from k5web.cli.as_json import AS_JSON, echo_items
from k5web.cli.context import open_house
from k5web.cli.terminal import echo
from k5web.domain.calls.risk import CLOSED, Ceiling, is_direction
from k5web.domain.money import Money
from k5web.errors import WrongMoney
from k5web.services.accounts import accounts
from k5web.services.calls import safety

if TYPE_CHECKING:
    from collections.abc import Callable

    from k5web.services.calls.safety import Safety
    from k5web.services.ports import Ports


class Direction(click.ParamType[str]):
    """A kind of directions that is closed by default, or a prefix."""

    name = "direction"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value).removeprefix("+")
        if not is_direction(text):
            self.fail(f"'{value}' is neither {', '.join(CLOSED)} nor a prefix of 2 to 15 digits", param, ctx)
        return text


class Sum(click.ParamType[int]):
    """A sum like 500.00, as minor units."""

    name = "sum"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            return Money.parse(str(value)).minor
        except WrongMoney as error:
            self.fail(str(error), param, ctx)


@click.command("open-direction")
@click.argument("login")
@click.argument("direction", type=Direction())
def open_(login: str, direction: str) -> None:
    """Open DIRECTION (satellite, premium, short, or a prefix like 8816) for LOGIN."""
    _change_direction(safety.open_direction, login, direction)


@click.command("close-direction")
@click.argument("login")
@click.argument("direction", type=Direction())
def close_(login: str, direction: str) -> None:
    """Take back what was opened for LOGIN."""
    _change_direction(safety.close_direction, login, direction)


def _change_direction(change: Callable[[Ports, int, str], None], login: str, direction: str) -> None:
    with open_house() as ports:
        owner_id = accounts.find_subscriber(ports, login).id
        change(ports, owner_id, direction)
        echo(_opened(ports, owner_id))


def _opened(ports: Ports, owner_id: int) -> str:
    opened = ", ".join(sorted(safety.show(ports, owner_id).opened)) or "nothing"
    return f"{owner_id}: opened is {opened}"


@click.command()
@click.argument("login")
@click.option("--daily", "daily_minor", type=Sum(), help="all calls of a day")
@click.option("--costly", "costly_minor", type=Sum(), help="of these, the costly ones")
@click.option("--first-day", "first_day_minor", type=Sum(), help="all calls of the first 24 hours")
@click.option(
    "--unanswered", "unanswered_an_hour", type=click.IntRange(0, 1000), help="calls an hour to a number not answered"
)
@click.option("--default", "is_default", is_flag=True, help="give back what everybody has")
def limit(login: str, is_default: bool, **wanted: int | None) -> None:
    """Set limits of LOGIN: sums like 500.00, in the account's currency."""
    changes = {name: value for name, value in wanted.items() if is_default or value is not None}
    if not changes:
        raise click.UsageError("name at least one limit")
    with open_house() as ports:
        owner_id = accounts.find_subscriber(ports, login).id
        safety.set_limits(ports, owner_id, changes)
        _tell_limits(safety.show(ports, owner_id))


@click.command()
@click.argument("login")
@AS_JSON
def limits(login: str, as_json: bool) -> None:
    """Show what LOGIN may call, and what of it is used."""
    with open_house() as ports:
        owner_id = accounts.find_subscriber(ports, login).id
        found = safety.show(ports, owner_id)
    if not as_json:
        _tell_limits(found)
        return
    ceilings = found.ceilings
    item = {
        "id": owner_id,
        "today": _ceiling(ceilings.daily),
        "costly": _ceiling(ceilings.costly),
        "first_day": _ceiling(ceilings.first_day) if ceilings.first_day else None,
        "unanswered_an_hour": found.limits.unanswered_an_hour,
        "opened": sorted(found.opened),
        "refused": found.refusals,
    }
    echo_items("limits", [item])


def _ceiling(ceiling: Ceiling) -> dict[str, Money]:
    return {"used": ceiling.used, "limit": ceiling.limit}


def _tell_limits(found: Safety) -> None:
    ceilings = found.ceilings
    for title, value in (
        ("today", _used(ceilings.daily)),
        ("costly", _used(ceilings.costly)),
        ("first day", _used(ceilings.first_day) if ceilings.first_day else "over"),
        ("unanswered", f"{found.limits.unanswered_an_hour} calls an hour to one number"),
        ("opened", ", ".join(sorted(found.opened)) or "nothing"),
        ("refused", ", ".join(f"{kind} {times}" for kind, times in found.refusals.items()) or "nothing"),
    ):
        echo(f"{title + ':':<12} {value}")


def _used(ceiling: Ceiling) -> str:
    return f"{ceiling.used} of {ceiling.limit} {ceiling.limit.currency}"
