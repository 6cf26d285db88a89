"""The switch's manager interface: K5 puts entries into the switch's own database and takes them back, no more."""

import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from k5web.errors import SwitchSilent

TIMEOUT_S: Final = 5.0  # to connect, and for each answer
NOT_FOUND: Final = "Database entry not found"
LONGEST_ANSWER: Final = 8192  # bytes of one line

_LINE_END = re.compile(r"[\r\n\0]")


@dataclass(frozen=True, slots=True)
class Ami:
    """One connection for each entry: they are few, and a kept one would break at the switch's next start.

    Source: https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/AMI_Actions/DBPut/ and DBDel.
    """

    host: str
    port: int
    user: str
    secret: str = field(repr=False)
    timeout_s: float = TIMEOUT_S

    def put(self, family: str, key: str, value: str) -> None:
        """Put an entry in place of what was there. Raises: SwitchSilent; it may be there nevertheless."""
        answer = self._done("DBPut", Family=family, Key=key, Val=value)
        if answer.get("response") != "Success":
            raise SwitchSilent(reason=f"DBPut: {answer.get('message', 'no word')}")

    def delete(self, family: str, key: str) -> bool:
        """Take an entry away; False where it was not there. Raises: SwitchSilent; it may be gone nevertheless."""
        answer = self._done("DBDel", Family=family, Key=key)
        if answer.get("response") == "Success":
            return True
        # one word for an entry that is not there and for a database that cannot be written: whether it is there tells
        if self._done("DBGet", Family=family, Key=key).get("message") == NOT_FOUND:
            return False
        raise SwitchSilent(reason=f"DBDel: {answer.get('message', 'no word')}")

    def _done(self, action: str, **fields: str) -> Mapping[str, str]:
        """Return the answer to one action."""
        try:
            with self._connected() as (wire, lines):
                greeting = _read_line(lines)
                if not greeting.startswith("Asterisk Call Manager"):
                    raise SwitchSilent(reason="no manager interface")
                login = _ask(wire, lines, "Login", Username=self.user, Secret=self.secret, Events="off")
                if login.get("response") != "Success":
                    raise SwitchSilent(reason=f"Login: {login.get('message', 'no word')}")
                return _ask(wire, lines, action, **fields)
        except OSError as error:
            raise SwitchSilent(reason=f"{action}: {type(error).__name__}") from error

    @contextmanager
    def _connected(self) -> Iterator[tuple[socket.socket, BinaryIO]]:
        with (
            socket.create_connection((self.host, self.port), self.timeout_s) as wire,
            wire.makefile("rb") as lines,
        ):
            yield wire, lines


def _ask(wire: socket.socket, lines: BinaryIO, action: str, **fields: str) -> Mapping[str, str]:
    """Send one action and return its answer, names of fields in small letters."""
    if any(_LINE_END.search(value) for value in fields.values()):
        raise ValueError(f"a line end in {action}")  # it would begin a field of its own
    text = "".join(f"{name}: {value}\r\n" for name, value in {"Action": action, **fields}.items())
    wire.sendall(f"{text}\r\n".encode())
    while True:
        answer = _read_answer(lines)
        if "response" in answer:  # events are off; one may have been on its way
            return answer


def _read_answer(lines: BinaryIO) -> Mapping[str, str]:
    found: dict[str, str] = {}
    while line := _read_line(lines):
        name, _, value = line.partition(": ")
        found[name.lower()] = value
    return found


def _read_line(lines: BinaryIO) -> str:
    line = lines.readline(LONGEST_ANSWER)
    if not line.endswith(b"\n"):
        raise SwitchSilent(reason="the manager interface broke off")
    return line.decode("utf-8", "replace").rstrip("\r\n")
