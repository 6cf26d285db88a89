"""`k5 worker`: places calls, imports the switch's records, sweeps."""

import logging
import signal
import threading

import click

from k5web import logs
from k5web.cli.context import open_house
from k5web.services.worker import work


@click.command()
def worker() -> None:
    """Run the worker alone: it places calls, settles them and looks after what is late."""
    logs.to_stderr(logging.INFO)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with open_house() as ports:
        work(ports, stop.is_set)
