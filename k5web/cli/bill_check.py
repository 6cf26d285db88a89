"""`k5 ledger bill-check`: the calls of some days by their records, by their charges and by the ledger."""

import json
import sys
from datetime import date
from typing import Any

import click

from k5web.cli.context import open_house
from k5web.cli.progress import shown_progress
from k5web.cli.terminal import day_of, echo
from k5web.domain.books.bill_check import BillDay, BilledCall, BillFault
from k5web.services.books import bill_check as checking

WHAT_TO_DO = {
    BillFault.NOT_IN_LEDGER: "its charge was never booked: see `k5 call show`, then book it by hand",
    BillFault.ONLY_IN_LEDGER: "the ledger took money for a call that is not there: reverse it when that is proved",
    BillFault.LEDGER_DIFFERS: "the ledger took another sum than the call shows: reverse it and book the right one",
    BillFault.CDR_DIFFERS: "its legs come to another charge: see `k5 call show`, and correct what was taken",
}


@click.command("bill-check")
@click.option("--from", "first", required=True, callback=day_of, metavar="DATE", help="The first day, Moscow time.")
@click.option("--to", "last", required=True, callback=day_of, metavar="DATE", help="The last day; it is included.")
@click.option("--json", "as_json", is_flag=True, help="Print days and calls as one JSON object.")
def bill_check(first: date, last: date, as_json: bool) -> None:
    """Count the calls of these days anew: bill = CDR = ledger. Exit 1 and the calls that differ where it is not so."""
    if first > last:
        raise click.UsageError(f"--from {first} is after --to {last}: name the first day, then the last")
    days: list[BillDay] = []
    calls: list[BilledCall] = []
    with open_house() as ports, shown_progress() as progress:
        for n, (lines, differing) in enumerate(checking.check_days(ports, first, last), 1):
            progress("counting", n, (last - first).days + 1)
            days += lines
            calls += differing
    if as_json:
        echo(json.dumps({"days": [_facts(day) for day in days], "calls": [_call(call) for call in calls]}))
    else:
        _show(days, calls)
    if calls or not all(day.agrees for day in days):
        sys.exit(1)


def _show(days: list[BillDay], calls: list[BilledCall]) -> None:
    for day in days:
        sums = f"CDR {day.cdr}, bill {day.bill}, ledger {day.ledger}"
        more = f", corrected by claims {day.corrected}" if day.corrected.minor else ""
        verdict = "agrees" if day.agrees else f"{day.differing} differ"
        echo(f"{day.day}  {day.currency}  {day.calls} calls: {sums}{more}: {verdict}")
    for call in calls:
        assert call.fault is not None
        sums = ", ".join(f"{name} {'-' if minor is None else minor}" for name, minor in _counts(call).items())
        echo(f"call {call.call_id}: {sums} (minor units of {call.currency}): {WHAT_TO_DO[call.fault]}")


def _counts(call: BilledCall) -> dict[str, int | None]:
    return {"CDR": call.cdr_minor, "bill": call.bill_minor, "ledger": call.ledger_minor}


def _facts(day: BillDay) -> dict[str, Any]:
    sums = {name: str(getattr(day, name)) for name in ("cdr", "bill", "ledger", "corrected")}
    counts = {"calls": day.calls, "differing": day.differing, "agrees": day.agrees}
    return {"day": day.day.isoformat(), "currency": day.currency, **counts, **sums}


def _call(call: BilledCall) -> dict[str, Any]:
    return {"call": call.call_id, "currency": call.currency, "fault": call.fault, **_counts(call)}
