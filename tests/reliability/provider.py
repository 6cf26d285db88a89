"""A payment network on the other side of HTTP: many connections, repeats until it hears a final word, a bad line."""

import random
import socket
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree

from k5web.domain.money import Money

CONNECTIONS = 32
WAIT_S = 0.1  # before a repeat
TIMEOUT_S = 60.0  # then the network drops the connection and does not know
PAID_AT = datetime.now(UTC) - timedelta(hours=1)  # K5's processes have the real clock, and old payments are late


@dataclass(frozen=True)
class Payment:
    """What the network tells, over and over."""

    key: str
    account: int
    minor: int
    text: str | None = None  # instead of the sum

    @property
    def query(self) -> str:
        """The request."""
        amount = f"{self.minor // 100}.{self.minor % 100:02d}"
        fields = {"command": "pay", "txn_id": self.key, "txn_date": f"{PAID_AT:%Y%m%d%H%M%S}", "account": self.account}
        return urlencode(fields | {"sum": amount if self.text is None else self.text})


def register(payments: Sequence[Payment]) -> str:
    """Return the network's register of these payments, as its file has it."""
    moment = f"{PAID_AT:%d.%m.%Y\t%H:%M:%S}"
    rows = [f"{one.key}\t{moment}\t{one.account}\t{Money(one.minor)}" for one in payments]
    return "\r\n".join([*rows, f"Total:\t{len(rows)}\t{Money(sum(one.minor for one in payments))}", ""])


@dataclass(frozen=True)
class Answer:
    """What came back: HTTP status, result code, the number of the payment where one was given."""

    status: int
    result: str
    number: str | None


class Provider:
    """The network. `is_over` ends the repeating, for a test that has failed already."""

    def __init__(self, address: str) -> None:
        self._parts = urlsplit(address)
        self.is_over = threading.Event()
        self._pool = ThreadPoolExecutor(CONNECTIONS)
        self._own = threading.local()
        self._lines: list[HTTPConnection] = []
        self.put_off: list[Answer] = []  # what was heard before a repeat

    def send(self, payment: Payment) -> Answer | None:
        """Deliver once; None where the line broke."""
        if not hasattr(self._own, "line"):
            self._own.line = HTTPConnection(self._parts.netloc, timeout=TIMEOUT_S)
            self._lines.append(self._own.line)
        try:
            self._own.line.request("GET", f"{self._parts.path}?{payment.query}")
            answer = self._own.line.getresponse()
            body = answer.read()
        except (OSError, HTTPException):
            self._own.line.close()  # the next request connects anew
            return None
        if answer.status != 200:
            return Answer(answer.status, "", None)
        root = ElementTree.fromstring(body)
        return Answer(200, root.findtext("result", ""), root.findtext("prv_txn"))

    def insist(self, payment: Payment) -> Answer:
        """Deliver until the answer is final: neither a broken line nor "later"."""
        while not self.is_over.is_set():
            answer = self.send(payment)
            if answer is not None and answer.status < 500 and answer.result != "1":
                return answer
            if answer is not None:
                self.put_off.append(answer)
            self.is_over.wait(WAIT_S)
        raise AssertionError(f"given up: {payment}")

    def at_once(self, works: Iterable[Callable[[], Answer | None]]) -> list[Answer | None]:
        """Do all of it, as many at a time as there are connections."""
        return list(self._pool.map(lambda work: work(), works))

    def close(self) -> None:
        """Hang up."""
        self.is_over.set()
        self._pool.shutdown()
        for line in self._lines:
            line.close()


class BadLine:
    """A proxy that cuts a part of its connections: before the request goes on, after, or just before the answer."""

    def __init__(self, port: int, share: float, seed: int) -> None:
        self._target = ("127.0.0.1", port)
        self._share = share
        self._dice = random.Random(seed)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self.cuts = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            where = self._dice.choice(["before", "after", "answer"]) if self._dice.random() < self._share else ""
            self.cuts += bool(where)
            threading.Thread(target=self._carry, args=(client, where), daemon=True).start()

    def _carry(self, client: socket.socket, where: str) -> None:
        """Carry one request and its answer; the connection is closed after it."""
        with client:
            request = self._read(client, b"\r\n\r\n")
            if where == "before" or not request:
                return
            request = request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
            try:
                with socket.create_connection(self._target) as server:
                    server.sendall(request)
                    if where == "after":
                        return
                    answer = self._read(server, b"")
            except OSError:
                return
            if where != "answer":
                client.sendall(answer)

    def _read(self, end: socket.socket, until: bytes) -> bytes:
        found = b""
        while not until or until not in found:
            try:
                part = end.recv(65536)
            except OSError:
                return b""
            if not part:
                break
            found += part
        return found

    def close(self) -> None:
        """Take the line down."""
        self._listener.close()
