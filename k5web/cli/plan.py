"""`k5 plan`: plans as data: listed, checked, published, a month priced on one."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from k5web import plans
from k5web.cli.context import actor, open_house
from k5web.cli.terminal import day, day_of, echo
from k5web.domain.money import Money
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.plan_version import PlanVersion
from k5web.errors import K5Error, NoticeTooShort, WrongFile, WrongPlan, WrongSetting
from k5web.services.in_force import plan_folder, planfiles
from k5web.services.prices import dated_plans, dated_tables, plan_publishing, simulation

if TYPE_CHECKING:
    from k5web.services.ports import Ports
    from k5web.services.prices.dated_plans import DatedPlan
    from k5web.services.prices.plan_publishing import Publication
    from k5web.services.prices.simulation import Simulation

FOREVER = datetime.max.replace(tzinfo=UTC)  # plans that begin at any time count


@click.group()
def plan() -> None:
    """Plans: list, check, publish, price a month."""


@plan.command("list")
def list_() -> None:
    """List the plans, each with its fee and its options as they are in force, and its published versions."""
    with open_house() as ports:
        found = plan_publishing.listed(ports)
    for code, lines in groupby(found, lambda line: line.plan.code):
        listed = list(lines)
        shown = next((line.plan for line in listed if line.is_in_force), listed[0].plan)
        fees = ", ".join(f"{fee.amount} a {fee.every}" for fee in shown.fees) or "no fee"
        echo(f"{code:<14} {shown.title:<12} {shown.operator:<32} {fees}")
        for option in shown.options.values():
            echo(f"  {option.code:<24} {option.fee.amount} a {option.fee.every}  {option.title}")
        for line in listed:
            if line.version:
                mark = "*" if line.is_in_force else " "
                echo(f"  {mark} version {line.version.id} from {_day_of(line.version)}, by {line.version.actor}")


@plan.command("publish")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--effective", required=True, callback=day_of, metavar="DATE", help="In force from 00:00 Moscow of this day."
)
@click.option("--groups", type=click.Path(path_type=Path), help="Folder of direction groups; else those K5 comes with.")
@click.option("--dry-run", is_flag=True, help="Show what would change and publish nothing.")
@click.pass_context
def publish(ctx: click.Context, file: Path, effective: date, groups: Path | None, dry_run: bool) -> None:
    """Publish FILE as the next version of its plan. What becomes dearer or worse needs 10 days' notice."""
    groups = groups or plans.GROUPS
    with open_house() as ports:
        try:
            text = plan_folder.read_plan(file, groups)
            done = plan_publishing.publish(ports, text, effective, actor(), dry_run)
        except WrongPlan as wrong:
            _echo_faults(file, groups, wrong)
            ctx.exit(1)
        except NoticeTooShort as short:
            _echo_changes("dearer", cast(tuple[str, ...], short.facts["rows"]))
            raise
    _echo_changes("dearer", done.difference.dearer)
    _echo_changes("other changes", done.difference.other)
    _echo_publication(done, effective)


def _echo_changes(title: str, rows: tuple[str, ...]) -> None:
    echo(f"{title}: {len(rows)}")
    for row in rows:
        echo(f"  {row}")


def _echo_publication(done: Publication, effective: date) -> None:
    code, version = done.plan.code, done.version
    if done.is_known:
        echo(f"{code}: this very plan is published already for {effective}; nothing was written")
    elif version is None:
        echo(f"{code}: dry run, nothing was published")
    else:
        told = "it is a new plan" if done.is_new else f"{done.told} subscribers get a notice"
        echo(f"{code}: version {version.id} is in force from {effective}; {told}")


def _day_of(version: PlanVersion) -> date:
    return day(version.effective_from)


def _echo_faults(path: Path, groups: Path, wrong: WrongPlan) -> None:
    file = wrong.facts["file"]  # that of the plan's direction groups may be the wrong one
    for fault in wrong.facts["found"] if isinstance(wrong.facts["found"], tuple) else ():
        echo(f"{path if file == path.name else groups / str(file)}: {fault}", err=True)


@plan.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--groups", type=click.Path(path_type=Path), help="Folder of direction groups; else those K5 comes with.")
@click.pass_context
def check(ctx: click.Context, files: tuple[Path, ...], groups: Path | None) -> None:
    """Check plan files: unknown keys, wrong units, gaps, overlaps, rules that can never be reached, plans that are not
    there. K5_LEAST_MARGIN is looked at too."""
    known = _known_plans(files)
    wrong = [path for path in files if not _is_fine(path, groups or plans.GROUPS, known)]
    if wrong:
        ctx.exit(1)


def _known_plans(files: tuple[Path, ...]) -> frozenset[str]:
    """Return the plans there are or will be, and those of the files. Raises: WrongSetting, for K5_LEAST_MARGIN alone.

    A file can be checked where there is no house: then the plans that K5 comes with are known.
    """
    named = {code for path in files if (code := _code_in(path))}
    shipped = frozenset(plan_folder.PlanFolder(plans.HERE).codes)
    try:
        with open_house() as ports:
            plan_publishing.check_margins(ports, named)
            return shipped | named | frozenset(ports.plans.codes(FOREVER))
    except K5Error as error:
        if isinstance(error, WrongSetting) and error.facts["name"] == plan_publishing.MARGINS:
            raise
        return shipped | named


def _code_in(path: Path) -> str:
    try:
        return planfiles.code_in(path.name, planfiles.read_text(path), "code")
    except WrongFile:
        return ""  # it is told with the other mistakes


def _is_fine(path: Path, groups: Path, known: frozenset[str]) -> bool:
    """Tell what a file holds, or every mistake in it."""
    try:
        text = planfiles.read_text(path)
        if planfiles.is_groups(text):
            named = planfiles.parse_groups(path.name, text)
            echo(f"{path}: {named.code} is fine: {len(named.groups)} groups, {len(named.table)} prefixes")
        else:
            found = planfiles.parse_plan(path.name, text, planfiles.read_groups(groups), known)
            echo(f"{path}: {found.code} is fine: {len(found.rates)} rates, {len(found.options)} options")
    except WrongPlan as wrong:
        _echo_faults(path, groups, wrong)
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
        result = simulation.simulate(_named(ports, code), events, own)
    if as_json:
        echo(json.dumps(_as_json(result), ensure_ascii=False))
    else:
        _echo_result(result)
    if result.failed:
        echo(f"{result.failed} of {len(result.lines)} lines could not be priced", err=True)


def _named(ports: Ports, code: str) -> DatedPlan:
    """Return a plan that K5 knows by its code, or one from a file. Raises: NoPlan, WrongPlan, WrongFile."""
    if code.endswith(".toml"):
        found = plan_folder.parse(plan_folder.read_plan(Path(code), plans.GROUPS))
        return dated_plans.DatedPlan.alone(found, dated_tables.DatedRates(ports))
    return dated_plans.DatedPlan.published(ports, code)


def _as_json(result: Simulation) -> dict[str, object]:
    lines = [
        {"at": line.at, "kind": line.kind, "charge": _sum(line.charge), "why": line.why}
        | ({} if line.charge is not None else {"error": line.why})
        for line in result.lines
    ]
    fees = [{"at": fee.at.isoformat(), "what": fee.what, "charge": str(fee.charge)} for fee in result.fees]
    return {"lines": lines, "fees": fees, "total": str(result.total), "currency": result.currency}


def _echo_result(result: Simulation) -> None:
    for line in result.lines:
        echo(f"{line.at:<26} {line.kind:<9} {_sum(line.charge):>10}  {line.why}")
    for fee in result.fees:
        echo(f"{fee.at.isoformat():<26} {'fee':<9} {fee.charge!s:>10}  {fee.what}")
    echo(f"{'total':<36} {result.total!s:>10}  {result.currency}")


def _sum(charge: Money | None) -> str:
    return "" if charge is None else str(charge)
