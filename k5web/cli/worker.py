"""`k5 worker` and `k5 cel-import`: place calls, import the switches' records, sweep."""

import logging
import signal
import threading
from collections.abc import Callable

import click

from k5web import logs
from k5web.cli.context import app, open_house, settings, tell_start
from k5web.errors import WrongSetting
from k5web.services.prices import plan_publishing
from k5web.services.worker import loop


@click.command()
@click.option("--no-import", "is_blind", is_flag=True, help="Leave all records to `k5 cel-import`.")
def worker(is_blind: bool) -> None:
    """Run the worker alone: it places calls, settles them and looks after what is late."""
    is_stopped = _prepare()
    with open_house() as ports:
        app.guarded(ports)
        tell_start("worker", settings())
        plan_publishing.check_margins(ports)
        loop.work(ports, is_stopped, [] if is_blind else [switch for switch in ports.switches if switch.is_read_here])


@click.command("cel-import")
@click.option("--switch", "name", metavar="NAME", help="Only this one of several.")
def cel_import(name: str | None) -> None:
    """Read the records of the switches on this machine into the database, and settle the calls they end."""
    is_stopped = _prepare()
    with open_house() as ports:
        app.guarded(ports)
        found = [switch for switch in ports.switches if switch.is_read_here and name in {None, switch.name}]
        if not found:
            raise WrongSetting(
                name="K5_SWITCHES", reason=f"no switch{f' {name!r}' if name else ''} has a cel_file on this machine"
            )
        tell_start("cel-import", settings())
        loop.import_records(ports, is_stopped, found)


def _prepare() -> Callable[[], bool]:
    """Log to stderr and return whether SIGTERM or Ctrl-C came."""
    logs.to_stderr(logging.INFO)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop.is_set
