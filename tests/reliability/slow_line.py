"""A line between K5 and its PostgreSQL on which each answer takes as long as a test says."""

import socket
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

from sqlalchemy import make_url


class SlowLine:
    """A relay to a server's port, for the length of a block. `delay_s` may change at any time."""

    def __init__(self, url: str) -> None:
        target = make_url(url)
        self._target = (target.host, target.port)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = target.set(host="127.0.0.1", port=self._listener.getsockname()[1]).render_as_string(False)
        self.delay_s = 0.0
        self._ends: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._listener.close()
        for end in self._ends:
            end.close()

    def _accept(self) -> None:
        with suppress(OSError):  # the line is taken down
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._target)
                self._ends += [client, server]
                threading.Thread(target=self._carry, args=(client, server, False), daemon=True).start()
                threading.Thread(target=self._carry, args=(server, client, True), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, is_answer: bool) -> None:
        with suppress(OSError):
            while part := source.recv(1 << 16):
                if is_answer:
                    time.sleep(self.delay_s)
                target.sendall(part)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def led_by(url: str) -> str:
    """Return an address of SQLAlchemy as psycopg reads it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
