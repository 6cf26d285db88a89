"""`k5 serve`: the pages under gunicorn. `k5 dev`: pages, worker and simulated switch together, as ./run starts them."""

import fcntl
import logging
import os
import socket
import sys
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import WSGIApplication

import click
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from app import create_app
from k5web import logs
from k5web.cli import supervisor
from k5web.cli.demo import how_to_try, prepare
from k5web.cli.simulator import simulator
from k5web.cli.worker import worker
from k5web.errors import WrongSetting
from k5web.settings import Settings

PORT = click.IntRange(1, 65535)
THREADS = 8
LOOPBACK = "127.0.0.1"


class WebLog(Logger):  # type: ignore[misc]
    """gunicorn's warnings among ours, written the same way."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class Web(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn, told by our settings instead of its own command line and files."""

    def __init__(self, create: Callable[[], WSGIApplication], **options: object) -> None:
        self.create = create
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> WSGIApplication:
        return self.create()


def run_web(
    bind: str,
    processes: int,
    create: Callable[[], WSGIApplication] = create_app,
    on_ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve until told to end. Everything is set here, so that the machine's gunicorn files change nothing."""
    Web(
        create,
        bind=[bind],
        worker_class="gthread",
        workers=processes,
        threads=THREADS,
        timeout=30,
        graceful_timeout=5,
        keepalive=15,
        loglevel="warning",
        logger_class=WebLog,
        control_socket_disable=True,
        forwarded_allow_ips="",  # K5_TRUSTED_PROXIES decides, in one place
        post_worker_init=lambda _worker: on_ready(),
    ).run()


@click.command()
@click.option("--host", default=LOOPBACK, show_default=True, help="Address to listen on.")
@click.option("--port", type=PORT, default=8000, show_default=True)
@click.option("--processes", type=click.IntRange(1, 64), default=2, show_default=True)
def serve(host: str, port: int, processes: int) -> None:
    """Serve the web pages only."""
    logs.to_stderr(logging.INFO)
    Settings.from_env(os.environ)  # a wrong one is named here, once, and not by every process
    listener = _listen(host, port)
    run_web(f"fd://{listener.fileno()}", processes)


@click.command()
@click.option("--port", type=PORT, default=8000, show_default=True)
@click.option("--demo", "with_demo", is_flag=True, hidden=True, help="Prepare the base and the demo subscriber first.")
def dev(port: int, with_demo: bool) -> None:
    """Run web, worker and simulated switch together; Ctrl-C ends all."""
    logs.to_stderr(logging.INFO)
    settings = Settings.from_env(os.environ)
    listener = _listen(_host(settings), port)
    lock = _lock(settings)
    if with_demo and not supervisor.run_once(prepare):
        sys.exit(1)
    this = os.getpid()
    bind = f"fd://{listener.fileno()}"
    children = [supervisor.Child("the web", lambda: run_web(bind, 1, on_ready=lambda: supervisor.say_ready(this)))]
    for switch in settings.switches:
        if switch.kind == "simulator":
            play = partial(simulator.main, args=["--switch", switch.name])
            children.append(supervisor.Child(f"the simulated switch {switch.name}", play))
    children.append(supervisor.Child("the worker", lambda: worker.main(args=[])))
    supervisor.supervise(children, on_ready=lambda: _greet(settings, with_demo))
    lock.close()


def _greet(settings: Settings, with_demo: bool) -> None:
    click.echo(f"\nK5 is running: {settings.public_url}/")
    if with_demo:
        click.echo(how_to_try(settings))
    click.echo("\nCtrl-C ends it.")


def _host(settings: Settings) -> str:
    """Return where to listen: on this machine only, unless the public address says that others are to come."""
    is_local = urlsplit(settings.public_url).hostname in {"localhost", LOOPBACK}
    return LOOPBACK if is_local else "0.0.0.0"  # noqa: S104 - asked for by K5_PUBLIC_URL


def _listen(host: str, port: int) -> socket.socket:
    """Return the open socket: bound here, so that a taken port is one sentence and a restart loses no caller."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        raise click.ClickException(
            f"port {port} of {host} is not free ({error.strerror}): end what runs there, or choose another by --port"
        ) from error
    listener.listen(128)
    listener.set_inheritable(True)
    return listener


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
