"""The command line: parse, call one service, print. Exit 0: fine; 1: the answer is no; 2: usage."""

import logging
import sys
from typing import Any

import click

from k5web import logs
from k5web.cli.act import act
from k5web.cli.audit import audit
from k5web.cli.bank import bank
from k5web.cli.bench import bench
from k5web.cli.billing import billing
from k5web.cli.call import call
from k5web.cli.cdr import cdr
from k5web.cli.claim import claim
from k5web.cli.contacts import contacts
from k5web.cli.db import db
from k5web.cli.deck import deck
from k5web.cli.demo import demo
from k5web.cli.desk import desk
from k5web.cli.ledger import ledger
from k5web.cli.number import number
from k5web.cli.offer import offer
from k5web.cli.payment import payment
from k5web.cli.plan import plan
from k5web.cli.quote import quote
from k5web.cli.reconcile import reconcile
from k5web.cli.refund import refund
from k5web.cli.sandbox import sandbox
from k5web.cli.serve import dev, serve
from k5web.cli.simulator import simulator
from k5web.cli.staff import staff
from k5web.cli.subscriber import subscriber
from k5web.cli.terminal import echo
from k5web.cli.transfer import transfer
from k5web.cli.trunk import trunk
from k5web.cli.worker import cel_import, worker
from k5web.errors import K5Error

logger = logging.getLogger(__name__)


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
        except Exception:
            logger.exception("a bug")
            echo("k5: a fault of ours, not of what you typed: please report what the log says above", err=True)
            sys.exit(1)


@click.group(cls=Group)
def main() -> None:
    """K5: a prepaid callback-telephony operator in a box."""


for command in (
    act,
    audit,
    bank,
    bench,
    billing,
    call,
    cdr,
    cel_import,
    claim,
    contacts,
    db,
    deck,
    demo,
    desk,
    dev,
    ledger,
    number,
    offer,
    payment,
    plan,
    quote,
    reconcile,
    refund,
    sandbox,
    serve,
    simulator,
    staff,
    subscriber,
    transfer,
    trunk,
    worker,
):
    main.add_command(command)
