"""Where the phones of subscribers register: what the page about a phone tells them to type."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from k5web.config.values import whole
from k5web.errors import WrongSetting

NAMES: Final = {"K5_SIP_HOST", "K5_SIP_PORT", "K5_SIP_TLS_PORT"}
PORT, TLS_PORT = 5071, 5072  # as deploy/asterisk/up has them
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?", re.ASCII)


@dataclass(frozen=True, slots=True)
class SipServer:
    """The switch as phones find it."""

    host: str
    port: int = PORT
    tls_port: int = TLS_PORT


def read(values: Mapping[str, str], public_url: str) -> SipServer:
    """Return where phones register: at the host of the pages, unless it is said. Raises: WrongSetting."""
    host = values.get("K5_SIP_HOST", "") or urlsplit(public_url).hostname or ""
    if values.get("K5_SIP_HOST") and not _HOST.fullmatch(host):
        raise WrongSetting(name="K5_SIP_HOST", reason=f"'{host}' is not a name like sip.k5.example or an IPv4 address")
    port = whole(values, "K5_SIP_PORT", PORT, 1, 65_535)
    return SipServer(host, port, whole(values, "K5_SIP_TLS_PORT", TLS_PORT, 1, 65_535))
