"""`k5 plan`: plans as data: listed, checked, a month priced on one."""

import json
from pathlib import Path

import click

from k5web import plans
from k5web.cli.context import open_house
from k5web.cli.terminal import echo
from k5web.domain.money import Money
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.plan import Plan
from k5web.errors import WrongFile, WrongPlan
from k5web.services.in_force import planfiles
from k5web.services.ports import Ports
from k5web.services.prices.dated_tables import DatedRates
from k5web.services.prices.simulation import Simulation, simulate


@click.group()
def plan() -> None:
    """Plans: list, check, price a month."""


@plan.command("list")
def list_() -> None:
    """List the plans, each with its fee and its options."""
    for path in sorted(plans.HERE.glob("*.toml")):
        found = _read(path, plans.GROUPS)
        fees = ", ".join(f"{fee.amount} a {fee.every}" for fee in found.fees) or "no fee"
        echo(f"{found.code:<14} {found.title:<12} {found.operator:<32} {fees}")
        for option in found.options.values():
            echo(f"  {option.code:<24} {option.fee.amount} a {option.fee.every}  {option.title}")


@plan.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--groups", type=click.Path(path_type=Path), help="Folder of direction groups; else those K5 comes with.")
@click.pass_context
def check(ctx: click.Context, files: tuple[Path, ...], groups: Path | None) -> None:
    """Check plan files: unknown keys, wrong units, gaps, overlaps, rules that can never be reached."""
    wrong = [path for path in files if not _is_fine(path, groups or plans.GROUPS)]
    if wrong:
        ctx.exit(1)


def _is_fine(path: Path, groups: Path) -> bool:
    """Tell what a file holds, or every mistake in it."""
    try:
        text = planfiles.read_text(path)
        if planfiles.is_groups(text):
            named = planfiles.parse_groups(path.name, text)
            echo(f"{path}: {named.code} is fine: {len(named.groups)} groups, {len(named.table)} prefixes")
        else:
            found = planfiles.parse_plan(path.name, text, planfiles.read_groups(groups))
            echo(f"{path}: {found.code} is fine: {len(found.rates)} rates, {len(found.options)} options")
    except WrongPlan as wrong:
        file = wrong.facts["file"]  # that of the plan's direction groups may be the wrong one
        for fault in wrong.facts["found"] if isinstance(wrong.facts["found"], tuple) else ():
            echo(f"{path if file == path.name else groups / str(file)}: {fault}", err=True)
        return False
    except WrongFile as wrong:
        echo(str(wrong), err=True)
        return False
    return True


@plan.command("simulate")
@click.argument("code")
@click.option("--events", required=True, type=click.Path(path_type=Path), help="at,kind,to,zone,quantity,option")
@click.option("--from", "own_number", default="", help="The subscriber's phone, where the plan charges its leg too.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def simulate_(code: str, events: Path, own_number: str, as_json: bool) -> None:
    """Price a month's uses on a plan: CODE is a plan that K5 knows, or a plan file."""
    own = Msisdn.parse(own_number).digits if own_number else ""
    with open_house() as ports:
        result = simulate(_named(ports, code), DatedRates(ports), events, own)
    if as_json:
        echo(json.dumps(_as_json(result), ensure_ascii=False))
    else:
        _echo_result(result)
    if result.failed:
        echo(f"{result.failed} of {len(result.lines)} lines could not be priced", err=True)


def _named(ports: Ports, code: str) -> Plan:
    """Return a plan in force by its code, or one from a file. Raises: NoPlan, WrongPlan, WrongFile."""
    return _read(Path(code), plans.GROUPS) if code.endswith(".toml") else ports.plans.current(code)


def _read(path: Path, groups: Path) -> Plan:
    return planfiles.parse(planfiles.read_plan(path, groups))


def _as_json(result: Simulation) -> dict[str, object]:
    lines = [
        {"at": line.at, "kind": line.kind, "charge": _sum(line.charge), "why": line.why}
        | ({} if line.charge is not None else {"error": line.why})
        for line in result.lines
    ]
    fees = [{"at": fee.at.isoformat(), "what": fee.what, "charge": str(fee.charge)} for fee in result.fees]
    return {"lines": lines, "fees": fees, "total": str(result.total), "currency": result.plan.currency}


def _echo_result(result: Simulation) -> None:
    for line in result.lines:
        echo(f"{line.at:<26} {line.kind:<9} {_sum(line.charge):>10}  {line.why}")
    for fee in result.fees:
        echo(f"{fee.at.isoformat():<26} {'fee':<9} {fee.charge!s:>10}  {fee.what}")
    echo(f"{'total':<36} {result.total!s:>10}  {result.plan.currency}")


def _sum(charge: Money | None) -> str:
    return "" if charge is None else str(charge)
