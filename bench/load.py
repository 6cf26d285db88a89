"""The load: as many keep-alive connections as asked, each with one request under way, little work of its own."""

import socket
import threading
import time
from collections.abc import Mapping
from urllib.parse import urlsplit


def requests_per_second(address: str, headers: Mapping[str, str], connections: int, seconds: float) -> float:
    """Ask for a page for so long and return how many good answers came a second; a bad one fails the run."""
    parts = urlsplit(address)
    lines = [f"GET {parts.path or '/'} HTTP/1.1", f"Host: {parts.netloc}", *(f"{n}: {v}" for n, v in headers.items())]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    counts = [0] * connections
    troubles: list[BaseException] = []
    until = time.monotonic() + seconds

    def ask(index: int) -> None:
        try:
            with socket.create_connection((parts.hostname or "", parts.port or 80)) as line:
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while time.monotonic() < until:
                    line.sendall(request)
                    _read_answer(line)
                    counts[index] += 1
        except BaseException as error:  # noqa: BLE001 - told by the caller's thread
            troubles.append(error)

    began = time.monotonic()
    threads = [threading.Thread(target=ask, args=(index,)) for index in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if troubles:
        raise troubles[0]
    return sum(counts) / (time.monotonic() - began)


def _read_answer(line: socket.socket) -> None:
    got = b""
    while b"\r\n\r\n" not in got:
        part = line.recv(65536)
        assert part, "the server hung up"
        got += part
    head, _, body = got.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head[:200]
    at = head.lower().index(b"content-length:") + 15
    missing = int(head[at:].split(b"\r\n", 1)[0]) - len(body)
    while missing > 0:
        part = line.recv(65536)
        assert part, "the server hung up"
        missing -= len(part)
