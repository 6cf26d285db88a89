"""`k5 call`: calls as staff see them, with their routes, costs and margins; what waits for a person."""

import json
from typing import Any

import click

from k5web.cli.call_stops import stops
from k5web.cli.context import actor, open_house
from k5web.cli.personal import PURPOSE, look_at, reader
from k5web.cli.terminal import echo, moment
from k5web.domain.calls.call import CallOrder, Cdr
from k5web.domain.calls.endings import Heard
from k5web.domain.money import Money
from k5web.services.accounts import staff_access
from k5web.services.calls import staff_view


@click.group()
def call() -> None:
    """Calls: everything about one, those under way, what waits for a person, and what is stopped."""


@call.command()
@click.argument("call_id", metavar="ID")
@PURPOSE
def show(call_id: str, purpose: str) -> None:
    """Show one call: the order, its route, its legs, what it cost and what is left of that. Who reads is kept."""
    with open_house() as ports:
        sheet = staff_view.sheet(ports, call_id)
        staff_access.note(ports, [sheet.call.owner_id], reader(purpose))
    order = sheet.call
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
@click.option("--subscriber", "login", metavar="LOGIN", help="The last calls of a phone or an id.")
@PURPOSE
def list_calls(live: bool, incidents: bool, login: str | None, purpose: str) -> None:
    """List calls, or what waits for a person. Whose calls were read is written down."""
    if live + incidents + (login is not None) != 1:
        raise click.UsageError("say which: --live, --incidents, or --subscriber LOGIN")
    with open_house() as ports:
        if incidents:
            for incident in staff_view.open_incidents(ports):
                words = [moment(incident.at), incident.kind, incident.reference, _facts(incident.facts)]
                echo("  ".join(words))
            return
        if login is not None:
            found = staff_view.calls_of(ports, look_at(ports, login, purpose).id)
        else:
            found = staff_view.live_calls(ports)
            staff_access.note(ports, [order.owner_id for order in found], reader(purpose))
    for order in found:
        echo(_row(order))


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
