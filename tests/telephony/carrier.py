"""A carrier that refuses every call with one SIP code: enough to be a trunk that leads nowhere."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_ECHOED = ("via", "from", "to", "call-id", "cseq")


class RefusingCarrier:
    """Answers each INVITE on a UDP port of this machine; counts the calls, not the repetitions."""

    def __init__(self, code: int) -> None:
        self._code = code
        self._socket = socket.socket(type=socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._calls: set[str] = set()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def address(self) -> str:
        """Where a trunk finds it."""
        host, port = self._socket.getsockname()
        return f"{host}:{port}"

    @property
    def refused(self) -> int:
        """How many calls came."""
        return len(self._calls)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """End: an empty datagram of our own wakes the thread."""
        with socket.socket(type=socket.SOCK_DGRAM) as last:
            last.sendto(b"", self._socket.getsockname())
        self._thread.join(10)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            request, sender = self._socket.recvfrom(65536)
            if not request:
                return
            first, *lines = request.decode("utf-8", "replace").split("\r\n")
            if first.startswith("INVITE "):
                self._socket.sendto(self._refusal(lines).encode(), sender)

    def _refusal(self, lines: list[str]) -> str:
        headers = [line for line in lines if line.partition(":")[0].strip().lower() in _ECHOED]
        self._calls.update(line for line in headers if line.lower().startswith("call-id"))
        tagged = [f"{line};tag=k5" if line.lower().startswith("to:") else line for line in headers]
        return "\r\n".join([f"SIP/2.0 {self._code} Refused", *tagged, "Content-Length: 0", "", ""])


@contextmanager
def refusing(code: int) -> Iterator[RefusingCarrier]:
    """Run such a carrier for a while."""
    carrier = RefusingCarrier(code)
    carrier.start()
    try:
        yield carrier
    finally:
        carrier.stop()
