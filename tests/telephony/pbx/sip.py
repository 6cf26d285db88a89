"""SIP as text: what a phone of the tests says and reads. Source: RFC 3261, 2617, 3515."""

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Address = tuple[str, int]

_PARAMETER = '{}="?([^",]+)'


@dataclass(frozen=True, slots=True)
class Message:
    """A request or an answer: `code` is 0 of a request; names of headers are in small letters."""

    method: str
    code: int
    headers: Mapping[str, str]  # the first of each name
    vias: Sequence[str]
    body: str

    @property
    def call_id(self) -> str:
        """The dialog it belongs to."""
        return self.headers["call-id"]

    def tag(self, of: str) -> str:
        """The tag of From or To; empty where there is none."""
        found = re.search(r"tag=([^;>\s]+)", self.headers[of])
        return found[1] if found else ""

    def uri(self, of: str) -> str:
        """The address in angle brackets."""
        found = re.search(r"<([^>]+)>", self.headers.get(of, ""))
        return found[1] if found else ""

    @property
    def media(self) -> Address | None:
        """Where it wants to hear."""
        host, port = re.search(r"c=IN IP4 (\S+)", self.body), re.search(r"m=audio (\d+)", self.body)
        return (host[1], int(port[1])) if host and port else None


def parse(data: bytes) -> Message:
    """Return what a datagram says."""
    head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    headers: dict[str, str] = {}
    vias = []
    for line in lines:
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), value.strip())
        if name.strip().lower() == "via":
            vias.append(value.strip())
    if first.startswith("SIP/2.0"):
        return Message(headers["cseq"].split()[1], int(first.split()[1]), headers, vias, body)
    return Message(first.split(" ")[0], 0, headers, vias, body)


def description(host: str, port: int) -> str:
    """What a phone offers: A-law and keys (RFC 4733)."""
    lines = ["v=0", f"o=- 1 1 IN IP4 {host}", "s=-", f"c=IN IP4 {host}", "t=0 0", f"m=audio {port} RTP/AVP 8 101"]
    lines += ["a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15", "a=ptime:20", "a=sendrecv", ""]
    return "\r\n".join(lines)


def authorization(refused: Message, user: str, password: str, method: str, uri: str) -> str:
    """The header that answers a challenge. Source: RFC 2617, 3.2.2, quality "auth"."""
    header, name = (
        ("www-authenticate", "Authorization") if refused.code == 401 else ("proxy-authenticate", "Proxy-Authorization")
    )
    challenge = refused.headers[header]
    nonce, realm = (re.search(_PARAMETER.format(key), challenge) for key in ("nonce", "realm"))
    assert nonce
    assert realm
    first = digest(user, password, realm[1])
    second = _md5(f"{method}:{uri}")
    response = _md5(f"{first}:{nonce[1]}:00000001:abcd:auth:{second}")
    return (
        f'{name}: Digest username="{user}", realm="{realm[1]}", nonce="{nonce[1]}", uri="{uri}", '
        f'response="{response}", algorithm=MD5, qop=auth, nc=00000001, cnonce="abcd"\r\n'
    )


def digest(user: str, password: str, realm: str = "asterisk") -> str:
    """What a switch keeps of a password."""
    return _md5(f"{user}:{realm}:{password}")


def new_id() -> str:
    """A tag, a branch, the name of a dialog."""
    return secrets.token_hex(8)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
