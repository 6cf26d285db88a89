"""`k5 billing`: fees by hand; the worker takes them by itself."""

from datetime import date

import click

from k5web.cli.context import open_house
from k5web.cli.progress import shown_progress
from k5web.cli.terminal import day_of, echo
from k5web.services.accounts import endings
from k5web.services.books import bonuses
from k5web.services.prices import billing as fees
from k5web.services.prices import idle, objections


@click.group()
def billing() -> None:
    """Recurring charges."""


@billing.command("run")
@click.option("--until", callback=day_of, metavar="DATE", help="Take what is due by this day; today unless given.")
@click.pass_context
def run(ctx: click.Context, until: date | None) -> None:
    """Take every recurring charge that is due, and bring back what can be paid again. Repeatable: nothing twice."""
    with open_house() as ports, shown_progress() as progress:
        if until is not None and until > ports.today():
            raise click.BadParameter(f"{until} is not here yet: fees are never taken ahead", param_hint="--until")
        left: list[int] = []
        ended = objections.carry_out(ports, left.append)
        over = endings.carry_out(ports, left.append)
        done = fees.run(ports, until, lambda owners: progress("billing", owners, owners))
        moved = idle.move_idle(ports)
        given = bonuses.run(ports)
    echo(f"{done.paid} fees taken, {done.suspended} periods without money, {done.resumed} resumed, {done.ended} ended")
    if done.failed:
        echo(f"{done.failed} subscribers could not be billed: the log names them and why", err=True)
    if given:
        echo(f"{given} bonuses of sponsors moved")
    if ended:
        echo(f"{ended} contracts ended by an objection")
    if over:
        echo(f"{over} contracts ended on their day")
    if moved:
        echo(f"{moved} subscribers without paid use moved to the fall-back plan")
    if left:
        echo(f"{len(left)} contracts could not be ended: the log names them and why", err=True)
    if done.failed or left:
        ctx.exit(1)
