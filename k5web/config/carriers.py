"""How a carrier is spoken to: the keys of a [[trunk]] that Asterisk's files are written from, and a switch's NAT."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Final, Literal, cast, get_args

from k5web.config.secrets import Secrets
from k5web.config.table import Table
from k5web.errors import WrongKey

Transport = Literal["udp", "tcp", "tls"]
Identity = Literal["from", "pai", "rpid"]  # where the number shown stands: From, P-Asserted-Identity, Remote-Party-ID

KEYS: Final = frozenset(
    {"host", "port", "transport", "srtp", "codecs", "user", "password", "register", "from_user", "domain", "identity"}
    | {"incoming"}
)
NAT_KEYS: Final = frozenset({"external_address", "local_nets", "tls_ca"})
CODECS: Final = ("alaw", "ulaw", "g722", "gsm", "opus")  # what the switch loads: deploy/asterisk/modules.conf
PORTS: Final[Mapping[Transport, int]] = {"udp": 5060, "tcp": 5060, "tls": 5061}
CERTIFICATES: Final = "/etc/ssl/certs/ca-certificates.crt"  # Debian's, of the package ca-certificates

_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?", re.ASCII)
_USER = re.compile(r"[A-Za-z0-9._+-]{1,64}", re.ASCII)  # goes into an address and into a configuration file
_PASSWORD = re.compile(r"[!-~]{1,128}", re.ASCII)  # printable, no spaces: what a line of such a file can hold
_REWRITE = re.compile(r"(?:[1-9][0-9]{0,14})?>\+?[0-9]{0,10}", re.ASCII)
_PATH = re.compile(r"/[A-Za-z0-9/._-]{1,200}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Carrier:
    """Where a trunk leads and how it proves itself. Units: none."""

    code: str  # of the trunk
    host: str
    port: int
    transport: Transport = "udp"
    srtp: bool = False  # voice is enciphered with keys of the SDP (RFC 4568): only by TLS
    codecs: tuple[str, ...] = ("alaw", "ulaw")  # offered in this order
    user: str = ""  # "": the carrier knows the switch by its address
    password: str = field(default="", repr=False)
    register: bool = False  # the switch tells the carrier where it is
    from_user: str = ""  # in the place of the number shown, where the carrier asks for its login there
    domain: str = ""  # of From and of the registration, where it is not the host
    identity: Identity = "from"
    incoming: tuple[str, ...] = ()  # networks its calls come from; none: it may not ring the switch
    is_enabled: bool = True


@dataclass(frozen=True, slots=True)
class Nat:
    """How a switch is found from outside, where its machine has another address itself."""

    external_address: str = ""  # "": as the machine calls itself
    local_nets: tuple[str, ...] = ()  # where the machine's own address is told
    tls_ca: str = CERTIFICATES  # by which carriers' certificates are checked


def read_carrier(table: Table, code: str, secrets: Secrets, is_enabled: bool) -> Carrier | None:
    """Return how this trunk's carrier is spoken to; None where its table has no host: it is written by hand.

    Raises: WrongKey.
    """
    host = table.text("host", "")
    if not host:
        named = next((key for key in sorted(KEYS) if key in table), "")
        if named:
            raise WrongKey(key=named, reason="says nothing without a host")
        return None
    transport = cast(Transport, table.choice("transport", get_args(Transport), "udp"))
    carrier = Carrier(
        code=code,
        host=table.text("host", shape=_HOST),
        port=table.whole("port", PORTS[transport], least=1, most=65_535),
        transport=transport,
        srtp=table.truth("srtp", False),
        codecs=_codecs(table),
        user=table.text("user", "") and table.text("user", shape=_USER),
        password=secrets.found("password", table.text("password", "")),
        register=table.truth("register", False),
        from_user=table.text("from_user", "") and table.text("from_user", shape=_USER),
        domain=table.text("domain", "") and table.text("domain", shape=_HOST),
        identity=cast(Identity, table.choice("identity", get_args(Identity), "from")),
        incoming=tuple(_network("incoming", text) for text in table.texts("incoming")),
        is_enabled=is_enabled,
    )
    _refuse_what_makes_no_sense(carrier)
    return carrier


def _refuse_what_makes_no_sense(carrier: Carrier) -> None:
    if bool(carrier.user) != bool(carrier.password):
        missing = "password" if carrier.user else "user"
        raise WrongKey(key=missing, reason="user and password stand together")
    if carrier.password and not _PASSWORD.fullmatch(carrier.password):
        raise WrongKey(key="password", reason="must be 1 to 128 printable signs of ASCII without spaces")
    if carrier.register and not carrier.user:
        raise WrongKey(key="register", reason="wants user and password")
    if carrier.srtp and carrier.transport != "tls":
        raise WrongKey(key="srtp", reason='wants transport = "tls": its keys would be read by anybody on the way')


def _codecs(table: Table) -> tuple[str, ...]:
    found = table.texts("codecs", CODECS[:2])
    wrong = next((codec for codec in found if codec not in CODECS), "")
    if wrong or not found or len(set(found)) != len(found):
        reason = f"'{wrong}' is not one of {', '.join(CODECS)}" if wrong else "must name some, each once"
        raise WrongKey(key="codecs", reason=reason)
    return found


def read_nat(table: Table) -> Nat:
    """Return how this switch is found from outside. Raises: WrongKey."""
    external = table.text("external_address", "")
    local = tuple(_network("local_nets", text) for text in table.texts("local_nets"))
    try:
        if external:
            ip_address(external)
    except ValueError as error:
        raise WrongKey(key="external_address", reason=str(error)) from error
    if local and not external:
        raise WrongKey(key="local_nets", reason="says nothing without external_address")
    return Nat(external, local, table.text("tls_ca", CERTIFICATES, _PATH))


def read_rewrites(table: Table) -> Mapping[str, str]:
    """Return how numbers begin at this carrier, by the prefix of E.164 that it stands for. Raises: WrongKey."""
    found = {}
    for text in table.texts("rewrite", shape=_REWRITE, like=' like "7>8" or ">00"'):
        prefix, _, start = text.partition(">")
        if prefix in found:
            raise WrongKey(key="rewrite", reason=f"two begin with '{prefix}>'")
        found[prefix] = start
    return found


def _network(key: str, text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError as error:
        raise WrongKey(key=key, reason=str(error)) from error
