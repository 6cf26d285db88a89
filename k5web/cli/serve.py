"""`k5 serve`: the pages under gunicorn. `k5 dev`: pages, worker and all that is simulated, as ./run."""

from __future__ import annotations

import fcntl
import functools
import logging
import os
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from k5web import logs
from k5web.cli import supervisor, web_process
from k5web.cli.context import app, tell_start
from k5web.cli.context import settings as own_settings
from k5web.cli.demo import how_to_try, prepare
from k5web.cli.listening import LOOPBACK, PORT, asked_addresses, listen
from k5web.cli.sandbox import own_address, reached_at, serve_providers, with_own_partners
from k5web.cli.simulator import simulator
from k5web.cli.terminal import echo, echo_lines
from k5web.cli.worker import worker
from k5web.errors import WrongSetting

if TYPE_CHECKING:
    from k5web.config.settings import Settings

SANDBOX_ABOVE = 90  # the simulated providers' port, above the pages' own: two checkouts can run at once


@click.command()
@click.option("--host", default=LOOPBACK, show_default=True, help="Address to listen on.")
@click.option("--port", type=PORT, default=8000, show_default=True)
@click.option("--processes", type=click.IntRange(1, 64), default=2, show_default=True)
def serve(host: str, port: int, processes: int) -> None:
    """Serve the web pages only. Where systemd listens for it (k5-web.socket), host and port are the socket's."""
    logs.to_stderr(logging.INFO)
    app.load_pages()  # before the settings, which set all that is loaded aside for processes to share
    settings = own_settings()
    logs.use(settings.log)
    _name_what_is_wrong(settings)
    listeners = [] if web_process.is_given_sockets() else [listen(host, port)]
    tell_start("serve", settings)
    binds = [f"fd://{listener.fileno()}" for listener in listeners]
    requests = app.RequestFigures(processes)  # before the processes part
    create = functools.partial(app.create_app, requests=requests)
    web_process.run_web(binds, processes, create, on_seat=requests.sit)


@click.command()
@click.option("--host", help="Address to listen on beside this machine's own, for a phone in the same network.")
@click.option("--port", type=PORT, default=8000, show_default=True)
@click.option(
    "--demo", "with_demo", is_flag=True, hidden=True, help="Prepare the database and the demo subscriber first."
)
def dev(host: str | None, port: int, with_demo: bool) -> None:
    """Run web, worker, simulated switch and providers together; Ctrl-C ends all."""
    logs.to_stderr(logging.INFO)
    settings = own_settings()
    logs.use(settings.log)
    addresses = asked_addresses(settings, host)
    listeners = [listen(address, port) for address in addresses]
    lock = _lock(settings)
    if with_demo and not (settings.partners or os.environ.get("K5_CONNECTORS")):
        settings = with_own_partners(settings, f"http://{LOOPBACK}:{port + SANDBOX_ABOVE}")
    _name_what_is_wrong(settings)
    if with_demo and not supervisor.run_once(prepare):
        sys.exit(1)
    this = os.getpid()
    binds = [f"fd://{listener.fileno()}" for listener in listeners]
    ready = functools.partial(supervisor.say_ready, this)
    children = [supervisor.Child("the web", lambda: web_process.run_web(binds, 1, app.create_app, ready))]
    here = f"http://{LOOPBACK}:{port}"  # questions and notices come from this machine, whatever people call it
    for switch in settings.switches:
        if switch.kind == "simulator":
            play = functools.partial(simulator.main, args=["--switch", switch.name, "--k5-url", here])
            children.append(supervisor.Child(f"the simulated switch {switch.name}", play))
    children.append(supervisor.Child("the worker", lambda: worker.main(args=[])))
    if url := own_address(settings):
        doors = [listen(address, urlsplit(url).port or 0) for address in reached_at(settings, host)]
        serve_them = functools.partial(serve_providers, settings, url, doors, here)
        children.append(supervisor.Child("the simulated providers", serve_them))
    supervisor.supervise(children, on_ready=lambda: _greet(settings, with_demo))
    lock.close()


def _greet(settings: Settings, with_demo: bool) -> None:
    echo_lines(f"\nK5 is running: {settings.public_url}/")
    if with_demo:
        echo_lines(how_to_try(settings))
    if url := own_address(settings):
        echo(f"Pay at the simulated providers: {settings.tryout_url or url}/")
    echo_lines("\nCtrl-C ends it.")


def _name_what_is_wrong(settings: Settings) -> None:
    """Open every door once, without connecting: what is wrong is named here in one sentence, not by every process.

    Raises: WrongSetting.
    """
    app.open_ports(settings).sessions.dispose()


def _lock(settings: Settings) -> Any:
    """Hold var/running while this process or a child lives: two simulated switches must not share a spool."""
    try:
        settings.var.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (settings.var / "running").open("a+")
    except OSError as error:
        raise WrongSetting(name="K5_VAR", reason=f"{settings.var}: {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.seek(0)
        raise click.ClickException(f"K5 is already running on {settings.var}: {lock.read().strip()}") from error
    lock.truncate(0)
    lock.write(settings.public_url)
    lock.flush()
    return lock
