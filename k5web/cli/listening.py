"""A port, bound once, and gunicorn on it: for the pages and for the simulated providers."""

import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import WSGIApplication

import click
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from k5web.config.settings import Settings
from k5web.domain.address import is_address

PORT = click.IntRange(1, 65535)
THREADS = 8
REQUEST_LINE = 8190  # bytes, gunicorn's most: the SMS gateway asks by GET, and a letter of a text may take nine
LOOPBACK = "127.0.0.1"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - only where it is asked for


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
    binds: list[str],
    processes: int,
    create: Callable[[], WSGIApplication],
    on_ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve until told to end. Everything is set here, so that the machine's gunicorn files change nothing."""
    Web(
        create,
        bind=binds,
        worker_class="gthread",
        workers=processes,
        threads=THREADS,
        timeout=30,
        graceful_timeout=5,
        keepalive=15,
        limit_request_line=REQUEST_LINE,
        loglevel="warning",
        logger_class=WebLog,
        control_socket_disable=True,
        forwarded_allow_ips="",  # K5_TRUSTED_PROXIES decides, in one place
        post_worker_init=lambda _worker: on_ready(),
    ).run()


def asked_addresses(settings: Settings, host: str | None) -> list[str]:
    """Return where to listen: on this machine alone, unless the command or K5_PUBLIC_URL asks for another address.

    A name or https in K5_PUBLIC_URL asks for nothing: a proxy of this machine stands in front of it.
    """
    if host is not None:
        return [host] if host in {LOOPBACK, EVERYWHERE} else [LOOPBACK, host]
    address = urlsplit(settings.public_url)
    is_asked = address.scheme == "http" and not settings.is_own_machine and is_address(address.hostname or "")
    return [EVERYWHERE] if is_asked else [LOOPBACK]


def is_here(address: str) -> bool:
    """Return whether this machine has the address."""
    with socket.socket(_family(address)) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def listen(host: str, port: int) -> socket.socket:
    """Return the open socket: bound here, so that a taken port is one sentence and a restart loses no caller."""
    listener = socket.socket(_family(host))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise click.ClickException(
            f"port {port} of {host} is not free ({error.strerror}): end what runs there, or choose another by --port"
        ) from error
    listener.listen(128)
    listener.set_inheritable(True)
    return listener
