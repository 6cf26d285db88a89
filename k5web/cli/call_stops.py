"""`k5 call stops`: the operator's stop-list of numbers, phones and subscribers."""

from datetime import UTC, datetime

import click

from k5web.cli.as_json import AS_JSON, echo_items
from k5web.cli.context import actor, open_house
from k5web.cli.terminal import echo, moment
from k5web.domain.calls.stops import Stop, StopKind
from k5web.services.calls import stops as stop_list

REASON = click.option("--reason", required=True, help="why, in a line: kept with your name and the moment")


@click.group()
def stops() -> None:
    """The stop-list: numbers that nobody calls, phones and subscribers whose calls are not taken."""


@stops.command("list")
@click.option("--all", "is_all", is_flag=True, help="Also those that were lifted or whose time is over.")
@click.option("--before", "before_n", type=int, metavar="N", help="Only entries older than this one.")
@AS_JSON
def list_stops(is_all: bool, before_n: int | None, as_json: bool) -> None:
    """List the entries in force, newest first."""
    with open_house() as ports:
        found = stop_list.listed(ports, before_n, is_all=is_all)
    if as_json:
        more = str(found[-1].n) if len(found) == stop_list.LISTED else None
        echo_items("stop", map(_item, found), more)
        return
    for stop in found:
        echo(_row(stop))
    if not found:
        echo("nothing is stopped")


@stops.command()
@click.argument("kind", type=click.Choice([kind.value for kind in StopKind]))
@click.argument("what")
@click.option("--until", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), help="UTC; left out: until it is lifted")
@REASON
def add(kind: str, what: str, until: datetime | None, reason: str) -> None:
    """Stop WHAT at once. KIND `to`: a number or prefix that nobody calls; `from`: a phone or prefix whose calls are not
    taken; `subscriber`: an id, whose calls under way are ended too."""
    with open_house() as ports:
        end = until.replace(tzinfo=UTC) if until else None
        stop = stop_list.stop(ports, StopKind(kind), what, reason, actor(), end)
    echo(_row(stop))


@stops.command()
@click.argument("n", type=int)
@REASON
def lift(n: int, reason: str) -> None:
    """Take entry N back: calls are taken again at once."""
    with open_house() as ports:
        stop = stop_list.lift(ports, n, actor(), reason)
    echo(f"{stop.n} {stop.kind} {stop.what}: lifted")


def _item(stop: Stop) -> dict[str, object]:
    return {
        "n": stop.n,
        "kind": stop.kind,
        "what": stop.what,
        "reason": stop.reason,
        "by": stop.actor,
        "at": stop.at,
        "until": stop.until,
        "lifted_at": stop.lifted_at,
        "lifted_by": stop.lifted_by,
        "lift_reason": stop.lift_reason,
    }


def _row(stop: Stop) -> str:
    words = [f"{stop.n:<6}", f"{stop.kind:<10}", f"{stop.what:<15}", moment(stop.at), f"by {stop.actor}: {stop.reason}"]
    if stop.until:
        words.append(f"until {moment(stop.until)}")
    if stop.lifted_at:
        words.append(f"lifted {moment(stop.lifted_at)} by {stop.lifted_by}: {stop.lift_reason}")
    return "  ".join(words)
