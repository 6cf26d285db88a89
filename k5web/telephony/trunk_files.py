"""Writes a switch's trunks as Asterisk reads them, from the one table of the settings, and has it read them again.

Two files below `lib` of the switch's folder, which its own configuration includes: how carriers are spoken to, and how
they want numbers. A switch that reads them again hangs up nothing.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Final

from k5web.config.carriers import Carrier
from k5web.config.switches import SwitchSettings
from k5web.domain.calls.trunk import Trunk
from k5web.errors import SwitchFilesClosed, SwitchSilent
from k5web.outgoing.request import Remote
from k5web.telephony.switch_files import closed_files, put_file

PJSIP: Final = "lib/pjsip_k5.conf"  # these below the switch's directory
DIALPLAN: Final = "lib/extensions_k5.conf"
MODULES: Final = (
    "res_pjsip.so",
    "res_pjsip_endpoint_identifier_ip.so",
    "res_pjsip_outbound_registration.so",
    "pbx_config.so",
)  # that read the two files, in the order they are told to
NOTE: Final = "; Written by `k5 trunk write` from the file of K5_SWITCHES: change that one\n"
_ANY: Final = "0.0.0.0"  # noqa: S104 it calls from there; nothing is identified that comes in uncalled
_TRANSPORT: Final = {"udp": "udp", "tcp": "k5-tcp", "tls": "k5-tls"}


class TrunkFiles:
    """The trunks of one switch whose folder is on this machine."""

    def __init__(self, settings: SwitchSettings, timeout_s: tuple[float, float] = (2.0, 20.0)) -> None:
        """Units: `timeout_s` seconds to connect and to wait for an answer."""
        self.name = settings.name
        self._settings = settings
        self._remote = Remote(settings.name, timeout_s, never_sent=SwitchSilent, unknown=SwitchSilent)

    def write(self, pace_shared_by: Mapping[str, int]) -> int:
        """Write both files, each appearing whole; return how many trunks they tell of.

        `pace_shared_by`: how many switches have each trunk. Raises: SwitchFilesClosed.
        """
        folder = self._settings.directory
        if folder is None:
            raise SwitchFilesClosed(reason=f"{self._settings.name} has no directory on this machine")
        with closed_files(folder / PJSIP):
            put_file(folder / PJSIP, pjsip(self._settings).encode())
            put_file(folder / DIALPLAN, dialplan(self._settings, pace_shared_by).encode())
        return len(self._settings.carriers)

    def load(self) -> None:
        """Let the switch read them again; calls go on, transports that it has stay as they are.

        Raises: SwitchSilent.
        """
        auth = (self._settings.ari_user, self._settings.ari_password)
        for module in MODULES:
            answer = self._remote.request("PUT", f"{self._settings.ari_url}/asterisk/modules/{module}", auth=auth)
            if not answer.is_success:
                raise SwitchSilent(reason=f"{module}: status {answer.status}")


def pjsip(settings: SwitchSettings) -> str:
    """Return how the carriers are spoken to, for pjsip.conf, whose templates it uses."""
    return "\n".join([NOTE, *_nat(settings), *_transports(settings), *map(_carrier, settings.carriers)])


def dialplan(settings: SwitchSettings, pace_shared_by: Mapping[str, int]) -> str:
    """Return how each trunk's carrier wants numbers, what it shows and how fast it takes calls, for extensions.conf."""
    own = f"[globals](+)\nK5_CALLER_ID = {settings.caller_id}\n"
    trunks = [_rules(trunk, pace_shared_by.get(trunk.code, 1)) for trunk in settings.trunks]
    return "\n".join([NOTE, own, *filter(None, trunks)])


def _nat(settings: SwitchSettings) -> Iterator[str]:
    if settings.nat.external_address:
        yield from (_section(f"[{name}](+)", _seen_from_outside(settings)) for name in ("udp", "udp-users"))


def _transports(settings: SwitchSettings) -> Iterator[str]:
    """Yield the transports that only some carriers need; the switch calls from a port that the system chooses."""
    wanted = {carrier.transport for carrier in settings.carriers}
    outside = _seen_from_outside(settings)
    if "tcp" in wanted:
        yield _section("[k5-tcp]", [("type", "transport"), ("protocol", "tcp"), ("bind", _ANY), *outside])
    if "tls" in wanted:
        checked = [("method", "tlsv1_2"), ("verify_server", "yes"), ("ca_list_file", settings.nat.tls_ca)]
        yield _section("[k5-tls]", [("type", "transport"), ("protocol", "tls"), ("bind", _ANY), *checked, *outside])


def _seen_from_outside(settings: SwitchSettings) -> list[tuple[str, str]]:
    nat = settings.nat
    if not nat.external_address:
        return []
    names = ("external_signaling_address", "external_media_address")
    return [*((name, nat.external_address) for name in names), *(("local_net", net) for net in nat.local_nets)]


def _carrier(carrier: Carrier) -> str:
    """Return the sections of one trunk. One that is switched off keeps what calls under way stand on, and no more."""
    address = f"sip:{carrier.host}:{carrier.port}"
    address += "" if carrier.transport == "udp" else f";transport={carrier.transport}"
    sections = [
        _section(f"[{carrier.code}](trunk)", _endpoint(carrier)),
        _section(f"[{carrier.code}](phones)", [("contact", address)]),
    ]
    if carrier.user:
        secret = [("type", "auth"), ("auth_type", "userpass"), ("username", carrier.user)]
        sections.append(_section(f"[{carrier.code}]", [*secret, ("password", carrier.password)]))
    if carrier.register and carrier.is_enabled:
        sections.append(_section(f"[{carrier.code}]", _registration(carrier, address)))
    if carrier.incoming and carrier.is_enabled:
        matches = [("match", network) for network in carrier.incoming]
        sections.append(_section(f"[{carrier.code}](from)", [("endpoint", carrier.code), *matches]))
    return "\n".join(sections)


def _endpoint(carrier: Carrier) -> Iterator[tuple[str, str]]:
    yield from (("aors", carrier.code), ("transport", _TRANSPORT[carrier.transport]))
    yield from (("disallow", "all"), ("allow", ",".join(carrier.codecs)))
    if carrier.user:
        yield "outbound_auth", carrier.code
    if carrier.from_user:
        yield "from_user", carrier.from_user
    if carrier.domain:
        yield "from_domain", carrier.domain
    if carrier.identity != "from":
        yield {"pai": "send_pai", "rpid": "send_rpid"}[carrier.identity], "yes"
        yield "trust_id_outbound", "yes"
    if carrier.srtp:
        yield "media_encryption", "sdes"


def _registration(carrier: Carrier, address: str) -> Iterator[tuple[str, str]]:
    server = carrier.domain or f"{carrier.host}:{carrier.port}"
    yield from (("type", "registration"), ("transport", _TRANSPORT[carrier.transport]))
    yield from (
        ("outbound_auth", carrier.code),
        ("server_uri", address),
        ("client_uri", f"sip:{carrier.user}@{server}"),
    )
    yield from (("contact_user", carrier.user), ("retry_interval", "30"), ("forbidden_retry_interval", "300"))
    yield "max_retries", "100000"  # a carrier that was away for a night is found again


def _rules(trunk: Trunk, shared_by: int) -> str:
    """Return the context that the dialplan asks about this trunk; "" where its carrier takes everything as it is."""
    lines = [
        f"exten => _{prefix or 'X'}!,1,Return({start}${{EXTEN:{len(prefix)}}})"
        for prefix, start in sorted(trunk.rewrites.items())
    ]
    if trunk.caller_id:
        lines.append(f"exten => show,1,Return({trunk.caller_id})")
    if pace := trunk.pace_of_b(shared_by):
        lines.append(f"exten => pace,1,Return({math.ceil(pace / timedelta(milliseconds=1))})")
    return "\n".join([f"[k5-by-{trunk.code}]", *lines, ""]) if lines else ""


def _section(heading: str, values: Iterable[tuple[str, str]]) -> str:
    """Return a section; a semicolon would begin a comment."""
    lines = [f"{name} = {value}" for name, value in ((name, value.replace(";", r"\;")) for name, value in values)]
    return "\n".join([heading, *lines, ""])
