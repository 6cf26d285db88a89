"""`k5 call`: calls as staff see them, with their routes, costs and margins; what waits for a person."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from k5web.cli.as_json import AS_JSON, echo_items
from k5web.cli.asking import YES, be_sure
from k5web.cli.call_stops import stops
from k5web.cli.context import actor, open_house
from k5web.cli.personal import PURPOSE, look_at, reader
from k5web.cli.terminal import day_of, echo, moment
from k5web.domain.calls.call import CallOrder, Cdr, Outcome
from k5web.domain.calls.endings import Heard
from k5web.domain.calls.search import CallSearch
from k5web.domain.money import Money
from k5web.services.accounts import staff_access
from k5web.services.calls import staff_view

if TYPE_CHECKING:
    from k5web.services.ports import Ports


@click.group()
def call() -> None:
    """Calls: everything about one, those under way, what waits for a person, and what is stopped."""


@call.command()
@click.argument("call_id", metavar="ID")
@PURPOSE
@AS_JSON
def show(call_id: str, purpose: str, as_json: bool) -> None:
    """Show one call: the order, its route, its legs, what it cost and what is left of that. Who reads is kept."""
    with open_house() as ports:
        sheet = staff_view.sheet(ports, call_id)
        staff_access.note(ports, [sheet.call.owner_id], reader(purpose))
    order = sheet.call
    if as_json:
        legs = [_leg_item(leg) for leg in sheet.legs]
        listed = [{"kind": each.kind, "at": each.at, "facts": each.facts} for each in sheet.incidents]
        echo_items("call", [_item(order) | {"margin": sheet.margin, "legs": legs, "incidents": listed}])
        return
    quote = order.quote
    for title, value in (
        ("call", order.id),
        ("from", f"{quote.a_number}, {quote.a.destination} {quote.a.per_minute}"),
        ("to", f"{quote.b_number}, {quote.b.destination} {quote.b.per_minute}"),
        ("ordered", moment(order.ordered_at)),
        ("state", order.state),
        ("outcome", order.outcome or "-"),
        ("switch", order.switch or "-"),
        ("trunks of A", ", ".join(order.trunks_a) or "-"),
        ("trunks of B", ", ".join(order.trunks_b) or "-"),
        ("press 1", "asked of A" if order.press_1 else "not asked"),
        ("held", _money(order.hold)),
        ("charge", _money(order.cost)),
        ("margin", _money(sheet.margin, "unknown" if order.cost else "-")),
    ):
        echo(f"{title + ':':<13} {value}")
    for leg in sheet.legs:
        echo(f"leg {leg.leg + ':':<9} {_leg(leg)}")
    for incident in sheet.incidents:
        echo(f"incident:     {incident.kind} {_facts(incident.facts)}")


@call.command("list")
@click.option("--live", is_flag=True, help="Those that are not over, of everybody.")
@click.option("--incidents", is_flag=True, help="What waits for a person.")
@click.option("--past", is_flag=True, help="Those of --from to --to, of everybody or of --subscriber, newest first.")
@click.option("--subscriber", "login", metavar="LOGIN", help="The last calls of a phone or an id.")
@click.option("--from", "first", callback=day_of, metavar="DATE", help="Of --past; left out: today.")
@click.option("--to", "last", callback=day_of, metavar="DATE", help="Of --past, included; left out: as --from.")
@click.option("--number", default="", help="Of --past: what the other party's number begins with.")
@click.option("--trunk", default="", help="Of --past: by which one of its legs was tried.")
@click.option("--outcome", type=click.Choice([each.value for each in Outcome]), help="Of --past: how it ended.")
@click.option("--before", default="", metavar="ID", help="Of --past: only calls older than this one.")
@PURPOSE
@AS_JSON
def list_calls(
    live: bool, incidents: bool, past: bool, login: str | None, purpose: str, as_json: bool, before: str, **asked: Any
) -> None:
    """List calls, or what waits for a person. Whose calls were read is written down."""
    if live + incidents + past != (login is None or past):
        raise click.UsageError("say which: --live, --past, --incidents, or --subscriber LOGIN")
    if not past and (before or any(asked.values())):
        raise click.UsageError("--from, --to, --number, --trunk, --outcome and --before go with --past")
    with open_house() as ports:
        if incidents:
            _tell_incidents(ports, as_json)
            return
        if live:
            found = staff_view.live_calls(ports)
        else:
            owner_id = None if login is None else look_at(ports, login, purpose).id
            search = _search(ports, owner_id, **asked) if past else None
            if search is not None:
                found = [each.call for each in staff_view.past(ports, search, before)]
            elif owner_id is not None:
                found = staff_view.calls_of(ports, owner_id)
        if login is None:
            staff_access.note(ports, [order.owner_id for order in found], reader(purpose))
    more = found[-1].id if past and len(found) == staff_view.PAGE else None
    if as_json:
        echo_items("call", map(_item, found), more)
        return
    for order in found:
        echo(_row(order))
    if more is not None:
        echo(f"there may be more: --before {more}", err=True)


def _search(
    ports: Ports,
    owner_id: int | None,
    first: date | None,
    last: date | None,
    number: str,
    trunk: str,
    outcome: str | None,
) -> CallSearch:
    begin = first or last or ports.today()
    digits = number.removeprefix("+")
    return CallSearch(
        begin, last or begin, owner_id, digits, trunk=trunk, outcome=Outcome(outcome) if outcome else None
    )


def _tell_incidents(ports: Ports, as_json: bool) -> None:
    found = staff_view.open_incidents(ports)
    if as_json:
        items = [{"kind": e.kind, "reference": e.reference, "at": e.at, "facts": e.facts} for e in found]
        echo_items("incident", items)
        return
    for each in found:
        echo("  ".join([moment(each.at), each.kind, each.reference, _facts(each.facts)]))


@call.command()
@click.argument("call_id", metavar="ID")
@click.option("--reason", required=True, help="Why, in a line: kept with your name and the moment.")
@YES
def end(call_id: str, reason: str, is_sure: bool) -> None:
    """End a call under way, whoever's: both phones hear the line close, what was talked is charged."""
    with open_house() as ports:
        order = staff_view.sheet(ports, call_id).call
        if not order.state.is_live:
            echo(f"{order.id} is over: {order.state}")
            return
        echo(f"{order.id}, {order.state}: it would be ended now", err=True)
        be_sure(is_sure)
        was = staff_view.end(ports, call_id, actor(), reason)
    echo(f"{was.id} is asked to end; it was {was.state}")


@call.command()
@click.argument("kind")
@click.argument("reference")
def resolve(kind: str, reference: str) -> None:
    """Resolve an incident, which is done with: KIND and REFERENCE as `k5 call list --incidents` shows them."""
    with open_house() as ports:
        staff_view.resolve_incident(ports, kind, reference, actor())
    echo(f"{kind} {reference}: resolved")


call.add_command(stops)
call.add_command(resolve, "tick")  # its name before: in notes and scripts of operators


def _row(order: CallOrder) -> str:
    words = [
        f"{order.id:<14}",
        moment(order.ordered_at),
        f"{order.state:<10}",
        f"{order.outcome or '-':<15}",
        f"{order.switch or '-':<10}",
        f"{order.quote.a_number} > {order.quote.b_number}",
        _money(order.cost),
    ]
    return "  ".join(words)


def _leg(leg: Cdr) -> str:
    answered = f"answered {moment(leg.answered_at)}" if leg.answered_at else "not answered"
    where = f"by {leg.trunk or '?'} of {leg.switch or '?'}"
    words = [leg.number, where, answered, _seconds(leg.duration_us), _end(leg)]
    if leg.free_until and leg.answered_at:
        words.append(f"free until the 1, {_seconds(leg.duration_us - leg.paid_us)}")
    return ", ".join([*words, f"carrier {_money(leg.carrier_cost, 'unknown')}"])


def _end(leg: Cdr) -> str:
    """Return what the line said: the cause, the SIP code that came last, what was heard before."""
    if leg.answered_at:
        return f"cause {leg.cause}"
    heard = {None: "", Heard.NOTHING: " before anything was heard"}.get(leg.heard, f" after {leg.heard}")
    return f"{f'SIP {leg.sip}' if leg.sip else 'no SIP code'}, cause {leg.cause}{heard}"


def _seconds(us: int) -> str:
    return f"{us // 1_000_000}.{us % 1_000_000 // 1_000:03d} s"


def _facts(facts: dict[str, Any]) -> str:
    return json.dumps(facts, ensure_ascii=False, sort_keys=True) if facts else ""


def _money(money: Money | None, none: str = "-") -> str:
    return f"{money} {money.currency}" if money is not None else none


def _item(order: CallOrder) -> dict[str, Any]:
    quote = order.quote
    return {
        "id": order.id,
        "owner": order.owner_id,
        "from": f"+{quote.a_number}",
        "to": f"+{quote.b_number}",
        "price": quote.per_minute,
        "state": order.state,
        "outcome": order.outcome,
        "ordered_at": order.ordered_at,
        "ended_at": order.ended_at,
        "switch": order.switch or None,
        "trunks_a": order.trunks_a,
        "trunks_b": order.trunks_b,
        "held": order.hold,
        "charge": order.cost,
    }


def _leg_item(leg: Cdr) -> dict[str, Any]:
    return {
        "leg": leg.leg,
        "number": f"+{leg.number}",
        "trunk": leg.trunk or None,
        "started_at": leg.started_at,
        "answered_at": leg.answered_at,
        "ended_at": leg.ended_at,
        "sip": leg.sip,
        "cause": leg.cause,
        "carrier_cost": leg.carrier_cost,
    }
