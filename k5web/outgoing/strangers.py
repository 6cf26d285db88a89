"""Requests to addresses that subscribers name: to the Internet only, never to this machine, its network or the house.

The name is resolved once, and the connection goes to the very address that was looked at, so an answer that changes
between the look and the connection changes nothing. No redirection is followed, nothing of an answer but its status is
read, and the whole takes a few seconds, whatever the other side does. Source: docs/ledger.md, S15.
"""

import logging
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from ipaddress import ip_address
from ssl import SSLError
from threading import Timer
from time import monotonic
from typing import Final
from urllib.parse import urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.connection import HTTPConnection, HTTPException, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError
from urllib3.util.ssl_match_hostname import CertificateError

from k5web.domain.address import is_reachable_by_all
from k5web.domain.pbx.webhook import HookAnswer, web_address
from k5web.errors import WrongHook

logger = logging.getLogger(__name__)

CONNECT_S: Final = 3.0
WHOLE_S: Final = 8.0
HTTPS, HTTP = 443, 80
Resolve = Callable[[str, int], Sequence[str]]


def resolve(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a name. Raises: OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(place[0]) for _family, _kind, _protocol, _name, place in found]


def is_own(address: str) -> bool:
    """Return whether an address is one of this machine: it would call itself there. Nothing is sent to find out."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((address, HTTPS))
        except OSError:  # no way leads there
            return False
        return ip_address(str(probe.getsockname()[0])) == ip_address(address)


class StrangersDoor:
    """The way to addresses that subscribers name."""

    def __init__(
        self,
        own_host: str,
        *,
        is_tryout: bool = False,
        ca_file: str = "",
        port: int = HTTPS,
        resolve: Resolve = resolve,
        is_own: Callable[[str], bool] = is_own,
        whole_s: float = WHOLE_S,
    ) -> None:
        """`own_host`: of the house's public address. `is_tryout`: K5 is tried on one machine, and any address may be
        told. `ca_file`: whose certificates are trusted; "": those that everybody trusts. `port` is the only one."""
        self._own_host, self._is_tryout, self._ca_file, self._port = own_host.lower(), is_tryout, ca_file, port
        self._resolve, self._is_own, self._whole_s = resolve, is_own, whole_s

    def check(self, url: str) -> str:
        """Return an address as it is kept. Raises: WrongHook."""
        address = web_address(url, is_tryout=self._is_tryout)
        if not self._is_tryout and urlsplit(address).hostname == self._own_host:
            raise WrongHook(reason="own")
        return address

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> HookAnswer:
        """Tell an address something, once. Anything wrong is said in one word, for the subscriber to read."""
        began = monotonic()
        answer = self._post(url, body, headers)
        facts = {"status": answer.status or answer.why, "duration_s": round(monotonic() - began, 3)}
        logger.info("webhook", extra=facts | {"reference": headers.get("K5-Event-Id", "").partition(" ")[0]})
        return answer

    def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> HookAnswer:
        try:
            self.check(url)
            parts = urlsplit(url)
            host = parts.hostname or ""
            is_secure = parts.scheme == "https"
            port = (parts.port or (HTTPS if is_secure else HTTP)) if self._is_tryout else self._port
            address = self._address(host, port)
        except WrongHook as error:
            return HookAnswer(None, str(error.facts["reason"]))
        connection, began = self._connection(address, port, host, is_secure=is_secure), monotonic()
        # A connection that drips is cut off: its own limit counts from byte to byte
        cut = Timer(self._whole_s, _cut_off, [connection])
        cut.daemon = True
        cut.start()
        try:
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request("POST", target, body, {**headers, "Host": parts.netloc, "Connection": "close"})
            return HookAnswer(connection.getresponse().status)
        except (HTTPError, HTTPException, OSError, ValueError) as error:
            return HookAnswer(None, "timeout" if monotonic() - began >= self._whole_s else _word(error))
        finally:
            cut.cancel()
            connection.close()

    def _address(self, host: str, port: int) -> str:
        """Return the address to connect to; all that a name has must be public. Raises: WrongHook."""
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise WrongHook(reason="unknown") from error
        if not found:
            raise WrongHook(reason="unknown")
        if not self._is_tryout and not all(is_reachable_by_all(each) and not self._is_own(each) for each in found):
            raise WrongHook(reason="closed")
        return found[0]

    def _connection(self, address: str, port: int, host: str, *, is_secure: bool) -> HTTPConnection:
        if not is_secure:
            return HTTPConnection(address, port, timeout=CONNECT_S)
        return HTTPSConnection(
            address,
            port,
            timeout=CONNECT_S,
            cert_reqs="CERT_REQUIRED",
            ca_certs=self._ca_file or DEFAULT_CA_BUNDLE_PATH,
            server_hostname=host,
            assert_hostname=host,
        )


def _cut_off(connection: HTTPConnection) -> None:
    if connection.sock is not None:
        with suppress(OSError):  # of the bare socket: that of TLS would tell the other side first
            socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)


def _word(error: Exception) -> str:
    """Return what went wrong in one word."""
    if isinstance(error, NewConnectionError):  # before the next: of some versions it is one of those
        return "no_connection"
    if isinstance(error, (TimeoutError, ConnectTimeoutError)):
        return "timeout"
    if isinstance(error, (SSLError, CertificateError)):
        return "certificate"
    return "broken"
