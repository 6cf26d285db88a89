"""gunicorn as K5 runs it: for the pages and for the simulated providers."""

from collections.abc import Callable
from itertools import count
from typing import Any
from wsgiref.types import WSGIApplication

from gunicorn import systemd
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

THREADS = 8
END_S = 20  # what is being answered may go on for so long when told to end; who comes meanwhile waits in the socket
REQUEST_LINE = 8190  # bytes, gunicorn's most: the SMS gateway asks by GET, and a letter of a text may take nine


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


def is_given_sockets() -> bool:
    """Return whether systemd listens for this process; gunicorn takes such sockets by itself, beside no other.

    Source: sd_listen_fds(3).
    """
    return bool(systemd.listen_fds(unset_environment=False))


class Seats:
    """Numbers from 0 for the processes that live: a new one takes the seat of one that is gone."""

    def __init__(self) -> None:
        self._taken: set[int] = set()

    def take(self, _arbiter: object, process: Any) -> None:
        """Give a process that is about to begin the first free seat."""
        process.seat = next(seat for seat in count() if seat not in self._taken)
        self._taken.add(process.seat)

    def leave(self, _arbiter: object, process: Any) -> None:
        """A process has ended."""
        self._taken.discard(process.seat)


def run_web(
    binds: list[str],
    processes: int,
    create: Callable[[], WSGIApplication],
    on_ready: Callable[[], None] = lambda: None,
    on_seat: Callable[[int], None] = lambda _seat: None,
) -> None:
    """Serve until told to end; each process hears its seat first.

    Everything is set here, so that the machine's gunicorn files change nothing.
    """
    seats = Seats()
    Web(
        create,
        bind=binds,
        worker_class="gthread",
        workers=processes,
        threads=THREADS,
        timeout=30,
        graceful_timeout=END_S,
        keepalive=15,
        limit_request_line=REQUEST_LINE,
        loglevel="warning",
        logger_class=WebLog,
        control_socket_disable=True,
        forwarded_allow_ips="",  # K5_TRUSTED_PROXIES decides, in one place
        pre_fork=seats.take,
        post_fork=lambda _arbiter, process: on_seat(process.seat),
        child_exit=seats.leave,
        post_worker_init=lambda _worker: on_ready(),
    ).run()
