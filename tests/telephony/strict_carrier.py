"""A carrier that asks for a password, by UDP or TLS: it keeps what it heard, and answers each call it lets in."""

import hashlib
import re
import secrets
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

NONCE: Final = "5f4dcc3b"
REALM: Final = "carrier"
_ECHOED = {"via", "from", "call-id", "cseq"}
_FIELD = re.compile(r'(\w+)="?([^",]*)"?')

Send = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Heard:
    """A request as it came."""

    method: str
    uri: str
    headers: tuple[tuple[str, str], ...]  # names in small letters
    body: str

    def header(self, name: str) -> str:
        """Return the first header of a name, "" where there is none."""
        return next((value for known, value in self.headers if known == name), "")


class StrictCarrier:
    """Lets in calls and registrations of one user; `tls` is a certificate and its key in one file."""

    def __init__(self, host: str, user: str, password: str, tls: Path | None = None) -> None:
        self.heard: list[Heard] = []
        self.let_in: list[Heard] = []
        self._user, self._password = user, password
        self._tls = None
        if tls is not None:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(tls)
        self._socket = socket.socket(type=socket.SOCK_STREAM if tls else socket.SOCK_DGRAM)
        self._socket.bind((host, 0))
        self.host, self.port = host, int(self._socket.getsockname()[1])
        self._connections: list[ssl.SSLSocket] = []
        self._thread = threading.Thread(target=self._accept if tls else self._receive, daemon=True)
        if tls:
            self._socket.listen()
        self._thread.start()

    def of(self, method: str) -> list[Heard]:
        """Return the requests of a kind that it let in."""
        return [heard for heard in self.let_in if heard.method == method]

    def stop(self) -> None:
        """End: whoever waits at a socket that is shut down wakes."""
        for open_one in (self._socket, *self._connections):
            with suppress(OSError):
                open_one.shutdown(socket.SHUT_RDWR)
            open_one.close()
        self._thread.join(10)

    def _receive(self) -> None:
        with suppress(OSError):
            while True:
                data, sender = self._socket.recvfrom(65536)
                if data.strip():
                    self._hear(data, partial(self._send, sender))

    def _send(self, to: tuple[str, int], answer: bytes) -> None:
        self._socket.sendto(answer, to)

    def _accept(self) -> None:
        assert self._tls is not None
        while True:
            try:
                plain, _ = self._socket.accept()
                connection = self._tls.wrap_socket(plain, server_side=True)
            except ssl.SSLError:
                continue
            except OSError:
                return
            self._connections.append(connection)
            threading.Thread(target=self._read, args=(connection,), daemon=True).start()

    def _read(self, connection: ssl.SSLSocket) -> None:
        with suppress(OSError), connection.makefile("rb") as lines:
            while first := lines.readline():
                if not first.strip():
                    continue  # keep-alive
                head = [first]
                while (line := lines.readline()).strip():
                    head.append(line)
                length = next((int(line.split(b":")[1]) for line in head if line.lower().startswith(b"content-len")), 0)
                self._hear(b"".join(head) + b"\r\n" + lines.read(length), connection.sendall)

    def _hear(self, data: bytes, send: Send) -> None:
        head, _, body = data.decode().partition("\r\n\r\n")
        first, *lines = head.split("\r\n")
        method, uri, *_ = first.split(" ")
        if method.startswith("SIP/") or method == "ACK":
            return
        pairs = tuple(
            (name.strip().lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)
        )
        heard = Heard(method, uri, pairs, body)
        self.heard.append(heard)
        if method in {"BYE", "CANCEL", "OPTIONS"}:
            send(self._answer(200, heard))
        elif not self._is_known(heard):
            send(self._answer(401, heard))
        else:
            self.let_in.append(heard)
            send(self._answer(200, heard))

    def _is_known(self, heard: Heard) -> bool:
        said = dict(_FIELD.findall(heard.header("authorization").partition(" ")[2]))
        if said.get("username") != self._user:
            return False
        ha1 = _md5(f"{self._user}:{REALM}:{self._password}")
        ha2 = _md5(f"{heard.method}:{said['uri']}")
        middle = f"{said['nc']}:{said['cnonce']}:{said['qop']}:" if "qop" in said else ""
        return str(said["response"]) == _md5(f"{ha1}:{NONCE}:{middle}{ha2}")

    def _answer(self, code: int, heard: Heard) -> bytes:
        kind = "tls" if self._tls else "udp"
        headers = [f"{name}: {value}" for name, value in heard.headers if name in _ECHOED]
        headers.append(f"To: {heard.header('to')}" + ("" if "tag=" in heard.header("to") else ";tag=k5"))
        contact = (
            heard.header("contact") if heard.method == "REGISTER" else f"<sip:{self.host}:{self.port};transport={kind}>"
        )
        headers += [f"Contact: {contact}", "Expires: 3600"]
        if code == 401:
            headers.append(f'WWW-Authenticate: Digest realm="{REALM}", nonce="{NONCE}", algorithm=MD5')
        body = _sdp(heard.body, self.host) if heard.method == "INVITE" and code == 200 else ""
        if body:
            headers.append("Content-Type: application/sdp")
        return "\r\n".join([f"SIP/2.0 {code} Said", *headers, f"Content-Length: {len(body)}", "", body]).encode()


def _sdp(offer: str, host: str) -> str:
    """Return an answer that takes the first codec, and keys of its own where keys are offered."""
    profile, codec = re.findall(r"m=audio [0-9]+ (RTP/S?AVP) ([0-9]+)", offer)[0]
    lines = ["v=0", f"o=p 1 1 IN IP4 {host}", "s=-", f"c=IN IP4 {host}", "t=0 0", f"m=audio 9000 {profile} {codec}"]
    if "a=crypto:" in offer:
        lines.append("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + "A" * 40)
    return "\r\n".join([*lines, ""])


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def certificate(folder: Path, host: str) -> Path:
    """Make a certificate of an address, signed by itself, and its key, in one file."""
    made = folder / f"carrier-{secrets.token_hex(4)}.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "-", "-days", "30"]
    command += ["-subj", f"/CN={host}", "-addext", f"subjectAltName=IP:{host}"]
    made.write_bytes(subprocess.run(command, capture_output=True, check=True).stdout)
    return made


@contextmanager
def strict(host: str, user: str = "K5", password: str = 'x;"y', tls: Path | None = None) -> Iterator[StrictCarrier]:
    """Run such a carrier for a while."""
    carrier = StrictCarrier(host, user, password, tls)
    try:
        yield carrier
    finally:
        carrier.stop()
