"""A carrier played by the test: what comes back on each call, step by step; a phone behind it may press keys."""

import re
import socket
import struct
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

_ECHOED = ("via", "from", "call-id", "cseq")
_DIALLED = re.compile(r"INVITE sip:([0-9]+)@")
_SDP = "v=0\r\no=p 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP 8 101\r\n"
_SDP += "a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"


@dataclass(frozen=True, slots=True)
class Step:
    """One answer, some seconds after the one before. `press`: the key that is pressed (RFC 4733) after a 200."""

    code: int
    after_s: float = 0.0
    press: int | None = None


REDIRECTED_TO = "74951110001"  # by a 302: one of the access numbers of the tests' houses


class Carrier:
    """Answers INVITEs on a UDP port of this machine, those of numbers in `plan` by their steps, others by `always`.

    It counts the calls, not the repetitions.
    """

    def __init__(self, *always: Step) -> None:
        self.plan: dict[str, Sequence[Step]] = {}
        self.calls: Counter[str] = Counter()  # by the number
        self._always = always
        self._socket = socket.socket(type=socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._media = socket.socket(type=socket.SOCK_DGRAM)
        self._media.bind(("127.0.0.1", 0))
        self._invites: dict[str, list[str]] = {}  # by the branch
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._steps: list[threading.Timer] = []

    @property
    def address(self) -> str:
        """Where a trunk finds it."""
        host, port = self._socket.getsockname()
        return f"{host}:{port}"

    @property
    def refused(self) -> int:
        """How many calls came."""
        return self.calls.total()

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """End: an empty datagram of our own wakes the thread."""
        with socket.socket(type=socket.SOCK_DGRAM) as last:
            last.sendto(b"", self._socket.getsockname())
        self._thread.join(10)
        for step in self._steps:
            step.cancel()
            step.join(10)
        self._socket.close()
        self._media.close()

    def _serve(self) -> None:
        while True:
            request, sender = self._socket.recvfrom(65536)
            if not request:
                return
            first, *lines = request.decode("utf-8", "replace").split("\r\n")
            branch = next((line for line in lines if line.lower().startswith("via")), "")
            dialled = _DIALLED.match(first)
            if dialled and branch not in self._invites:
                self._invites[branch] = lines
                self.calls[dialled[1]] += 1
                self._play(list(self.plan.get(dialled[1], self._always)), lines, sender)
            elif first.startswith(("CANCEL ", "BYE ")):
                self._send(200, lines, sender)
                if first.startswith("CANCEL ") and branch in self._invites:
                    self._send(487, self._invites[branch], sender)

    def _play(self, steps: list[Step], lines: list[str], sender: tuple[str, int]) -> None:
        while steps and not steps[0].after_s:
            self._take(steps.pop(0), lines, sender)
        if steps:
            step = steps[0]

            def go_on() -> None:
                self._take(step, lines, sender)
                self._play(steps[1:], lines, sender)

            timer = threading.Timer(step.after_s, go_on)
            self._steps.append(timer)
            timer.start()

    def _take(self, step: Step, lines: list[str], sender: tuple[str, int]) -> None:
        self._send(step.code, lines, sender)
        if step.press is not None:
            port = next(int(line.split()[1]) for line in lines if line.startswith("m=audio"))
            timer = threading.Timer(0.5, self._press, (step.press, ("127.0.0.1", port)))
            self._steps.append(timer)
            timer.start()

    def _press(self, key: int, to: tuple[str, int]) -> None:
        for n in range(6):  # three packets while it is down, the last one thrice
            head = struct.pack("!BBHII", 0x80, (0x80 if n == 0 else 0) | 101, n, 160, 4711)
            self._media.sendto(head + struct.pack("!BBH", key, 0x8A if n > 2 else 0x0A, 160 * (min(n, 3) + 1)), to)

    def _send(self, code: int, lines: list[str], sender: tuple[str, int]) -> None:
        headers = [line for line in lines if line.partition(":")[0].strip().lower() in _ECHOED]
        to = next(line for line in lines if line.lower().startswith("to:"))
        is_invites = any(line.endswith("INVITE") for line in headers)
        if code > 100 and "tag=" not in to:
            to += ";tag=k5"
        if code // 100 == 3:
            headers.append(f"Contact: <sip:{REDIRECTED_TO}@{self.address}>")
        elif code < 300:
            headers.append(f"Contact: <sip:{self.address}>")
        body = _SDP.format(port=self._media.getsockname()[1]) if is_invites and code in {183, 200} else ""
        if body:
            headers.append("Content-Type: application/sdp")
        text = [f"SIP/2.0 {code} Played", *headers, to, f"Content-Length: {len(body)}", "", body]
        self._socket.sendto("\r\n".join(text).encode(), sender)


@contextmanager
def playing(*always: Step) -> Iterator[Carrier]:
    """Run such a carrier for a while."""
    carrier = Carrier(*always)
    carrier.start()
    try:
        yield carrier
    finally:
        carrier.stop()


def refusing(code: int) -> AbstractContextManager[Carrier]:
    """Run a carrier that refuses every call with one SIP code, as soon as it comes."""
    return playing(Step(code))
