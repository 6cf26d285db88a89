"""`k5 db distribute`: the tables go to many machines; without `--yes` it only says how."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn

import click

from k5web.cli.as_json import AS_JSON, echo_items
from k5web.cli.context import settings
from k5web.cli.terminal import echo
from k5web.storage import citus, distributing, distribution_proof

if TYPE_CHECKING:
    from k5web.storage.citus import Node
    from k5web.storage.distributing import Plan

PORT = 5432


class NodeType(click.ParamType["Node"]):
    """HOST or HOST:PORT, as the other machines reach it."""

    name = "HOST:PORT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Node:
        """Return the machine. Raises: BadParameter."""
        if isinstance(value, citus.Node):
            return value
        host, _, port = str(value).rpartition(":") if ":" in str(value) else (str(value), "", str(PORT))
        if not host or not host.replace(".", "").replace("-", "").isalnum() or not host.isascii():
            self.fail(f"{value}: a name or an IPv4 address, and a port behind a colon", param, ctx)
        if not port.isdecimal() or not 0 < int(port) < 2**16:
            self.fail(f"{value}: a port is a number from 1 to 65535", param, ctx)
        return citus.Node(host, int(port))


@click.command()
@click.option("--coordinator", type=NodeType(), help="This machine, by the address that the workers reach it at.")
@click.option("--worker", "workers", type=NodeType(), multiple=True, help="A machine that rows go to; once for each.")
@click.option("--yes", is_flag=True, help="Do it; without this, only say what would be done.")
@AS_JSON
def distribute(coordinator: Node | None, workers: Sequence[Node], yes: bool, as_json: bool) -> None:
    """Put the tables on many machines by Citus, everything of one subscriber on one of them.

    On a restored copy first, then while pages and workers are stopped. It refuses what would not hold, each with its
    cure. Who was cut off types the same again: what is done is not done twice. Afterwards it proves the pieces' guards
    and rights, I1 to I5, and that money moves; exit 1 where it refuses or something is not proved.
    """
    url, now = settings().database_url, datetime.now(UTC)
    found = distributing.plan(url, coordinator, workers, now)
    if found.refusals:
        _refuse(found)
    if not yes:
        _tell(found, as_json)
        return
    left = found.left
    distributing.carry_out(url, left, lambda step, done: echo(f"{done} of {len(left)}: {step}", err=True))
    faults = distribution_proof.faults(url, now)
    if as_json:
        echo_items("step", [{"statement": str(step), "is_done": True} for step in found.steps])
    for fault in faults:
        echo(f"k5: {fault}", err=True)
    if faults:
        sys.exit(1)
    if not as_json:
        echo(f"{len(left)} statements done" if left else "nothing was left to do")
        echo("proved: guards and rights of every piece, I1 to I5, a credit that was taken back, two forbidden changes")


def _refuse(found: Plan) -> NoReturn:
    for refusal in found.refusals:
        echo(f"k5: {refusal}", err=True)
    sys.exit(1)


def _tell(found: Plan, as_json: bool) -> None:
    if as_json:
        echo_items("step", [{"statement": str(step), "is_done": step.is_done} for step in found.steps])
        return
    for step in found.left:
        echo(step)
    echo(
        "k5 db distribute --yes does these statements, each alone" if found.left else "nothing is left to do", err=True
    )
