"""The command line: parse, call one service, print. Exit 0: fine; 1: the answer is no; 2: usage."""

import logging
import sys
from typing import Any

import click

from k5web import VERSION, logs
from k5web.cli import terminal
from k5web.cli.late import Shelf
from k5web.cli.terminal import echo
from k5web.errors import K5Error

logger = logging.getLogger(__name__)

NAMES = (
    *("act", "audit", "bank", "bench", "billing", "call", "cdr", "claim", "config", "contacts", "db", "deck", "demo"),
    *("desk", "ledger", "notice", "number", "offer", "payment", "plan", "quote", "reconcile", "refund", "sandbox"),
    *("serve", "simulator", "staff", "subscriber", "transfer", "trunk", "worker"),
)
PLACES = {name: f"k5web.cli.{name}:{name}" for name in NAMES} | {
    "cel-import": "k5web.cli.worker:cel_import",
    "dev": "k5web.cli.serve:dev",
}


class Group(click.Group):
    """A refusal, or a fault of ours, is one sentence on stderr and exit 1; a traceback goes to the log alone."""

    def invoke(self, ctx: click.Context) -> Any:
        logs.to_stderr()
        try:
            return super().invoke(ctx)
        except K5Error as error:
            echo(f"k5: {error}", err=True)
            sys.exit(1)
        except (click.ClickException, click.Abort, click.exceptions.Exit, EOFError, BrokenPipeError):
            raise  # click's own ways to end
        except Exception as error:
            if terminal.is_unwritten(error):
                raise  # `start.py` says it, in help too
            if terminal.is_no_text(error):
                echo(f"k5: {terminal.NO_TEXT}", err=True)
                sys.exit(2)
            logger.exception("a bug")
            echo("k5: a fault of ours, not of what you typed: please report what the log says above", err=True)
            sys.exit(1)


@click.group(cls=Group, commands=Shelf(PLACES))
@click.version_option(VERSION, message="k5 %(version)s")
def main() -> None:
    """K5: a prepaid callback-telephony operator in a box."""
