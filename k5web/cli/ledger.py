"""`k5 ledger`: the money asked about itself."""

import json
import sys
from dataclasses import asdict

import click

from k5web.cli.context import open_house
from k5web.cli.terminal import echo
from k5web.services.books import verify as verifying


@click.group()
def ledger() -> None:
    """The ledger."""


@ledger.command()
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
def verify(as_json: bool) -> None:
    """Ask every invariant of the ledger; exit 1 and the offending rows where one fails."""
    with open_house() as ports:
        breaches = verifying.verify(ports)
    if as_json:
        echo(json.dumps({"breaches": [asdict(breach) for breach in breaches]}, ensure_ascii=False))
    elif not breaches:
        echo("every invariant holds")
    else:
        for breach in breaches:
            echo(f"{breach.invariant}  {breach.where}: {breach.found}")
    if breaches:
        sys.exit(1)
