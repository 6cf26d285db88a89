"""`k5 cdr`: calls in bulk."""

import sys
from pathlib import Path

import click

from k5web.cli.context import open_house
from k5web.cli.progress import shown_progress
from k5web.cli.terminal import echo
from k5web.domain.prices.plan import FIRST_PLAN
from k5web.errors import NoPlan
from k5web.services.prices import bulk, dated_plans


@click.group()
def cdr() -> None:
    """Records of calls."""


@cdr.command("rate")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--plan", "plan_code", metavar="PLAN", default=FIRST_PLAN, show_default=True)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The same lines, each with its price.")
@click.option("--explain", is_flag=True, help="Also say why each leg costs what it costs: a_why and b_why.")
def rate(file: Path, plan_code: str, out: Path, explain: bool) -> None:
    """Price a CSV of calls: id,started_at,a_number,b_number,a_seconds,b_seconds.

    Every line is priced by the plan and the list in force when its call began; each leg by the seconds talked on it. A
    plan that has no list prices by direction groups, one that does not pay leg A charges 0.00 for it; no options, no
    allowances. Exit 1 where not one line could be priced.
    """
    with open_house() as ports, shown_progress() as progress:
        try:
            plan = dated_plans.DatedPlan.published(ports, plan_code)
        except NoPlan as error:
            raise click.BadParameter(str(error), param_hint="--plan") from error
        done = bulk.rate_file(file, plan, out, lambda read, total: progress("rating", read, total), explain)
    echo(f"{done.lines} calls, {done.lines - done.failed} priced, {done.failed} with an error: see {out}")
    if done.failed and done.failed == done.lines:
        sys.exit(1)
