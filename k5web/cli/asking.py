"""Before what cannot be taken back, a command says what it will do and asks."""

import sys
from typing import Final

import click

YES: Final = click.option("--yes", "is_sure", is_flag=True, help="Do it; without it you are shown what, and asked.")


def be_sure(is_sure: bool) -> None:
    """Go on where whoever runs the command is sure. Raises: Abort; UsageError where nobody can be asked."""
    if is_sure:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("nothing was done: say --yes if this is what you want")
    click.confirm("Do it?", abort=True, err=True)
