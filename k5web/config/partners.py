"""The partners' file: who may bring money, one TOML table each, with its secrets fetched from where they are kept."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from k5web.config import toml
from k5web.config.secrets import Secrets
from k5web.config.toml import Place
from k5web.domain.address import is_local, is_own_machine, not_public
from k5web.domain.payments.connector import Opener, Opening, PaymentConnector
from k5web.domain.payments.partner import Partner
from k5web.domain.secret import weakness

SETTING = "K5_CONNECTORS"
SIMULATED = "# For the simulated providers at "  # begins the file that ./run writes for itself
GUESSABLE = ("secrets", "callback_secrets", "password", "api_key", "token")  # keys of tables that hold secrets


@dataclass(frozen=True, slots=True)
class PartnerEntry:
    """One table of the file, its secrets resolved, and where it stands there."""

    connector: str  # the table's name
    values: Mapping[str, object] = field(repr=False)
    place: Place
    simulated_at: str = ""  # where its provider is simulated, in the file that ./run wrote for itself


def read(path: str, environ: Mapping[str, str]) -> tuple[tuple[PartnerEntry, ...], set[str]]:
    """Return the file's tables and the names in the environment they take secrets from; no path, no tables.

    Raises: WrongSetting.
    """
    if not path:
        return (), set()
    file, secrets, found = toml.read(SETTING, path), Secrets(environ), []
    for name in file.values:
        for values, place in file.tables(name):
            with place.named():
                resolved = {key: secrets.resolve(key, value) for key, value in values.items()}
            found.append(PartnerEntry(name, resolved, place, simulated_at(file.text)))
    return tuple(found), secrets.used


def open_connectors(
    tables: Iterable[PartnerEntry], openers: Mapping[str, Opener], opening: Opening
) -> Iterator[PaymentConnector]:
    """Yield the connectors of all partners. Raises: WrongSetting naming file and line."""
    taken: set[str] = set()
    for table in tables:
        opener = openers.get(table.connector)
        if opener is None:
            known = ", ".join(sorted(openers)) or "none"
            raise table.place.wrong(table.connector, f"there is no such connector; there are: {known}")
        with table.place.named():
            opened = opener([table.values], opening)
        for connector in opened:
            _refuse_strangers(table, connector.partner, opening)
            for name in (f"/hooks/{connector.address}", connector.origin):
                if name in taken:
                    raise table.place.wrong("code", f"{name} is another partner's already")
                taken.add(name)
            yield connector


def _refuse_strangers(table: PartnerEntry, partner: Partner, opening: Opening) -> None:
    """Stop the start of a house that others can reach where a stranger could speak for this partner.

    The partners that ./run made for itself stay while K5 is tried from a phone in the room, by plain http: they listen
    to this machine alone, and each has a random secret. Raises: WrongSetting.
    """
    if is_own_machine(opening.public_url):
        return
    room = urlsplit(opening.public_url)
    is_tried = table.simulated_at and room.scheme == "http" and is_local(room.hostname)
    for network in () if is_tried else partner.allowed:
        if inside := not_public(network):
            reason = (
                f"{network} reaches into {inside}, where everybody seems to come from behind a proxy: name the "
                "provider's own public addresses (only ./run, with K5_PUBLIC_URL on this machine, takes others)"
            )
            raise table.place.wrong("allowed", reason)
    if not partner.secrets and table.values.get("authentication") != "address":
        reason = (
            "there is none, so whoever has its address speaks for it: agree on one with the provider; where the "
            'protocol cannot have one, write authentication = "address"'
        )
        raise table.place.wrong("secrets", reason)
    for key in GUESSABLE:
        given = table.values.get(key, ())
        for secret in [given] if isinstance(given, str) else given if isinstance(given, list) else ():
            if wrong := weakness(str(secret)):
                raise table.place.wrong(key, f"a secret {wrong}: agree on a random one with the provider")


def simulated_at(text: str) -> str:
    """Return where the simulated providers of a partners' file are, empty where they are real."""
    url, _, _ = text.partition("\n")[0].removeprefix(SIMULATED).rpartition(": ")
    return url if text.startswith(SIMULATED) and is_own_machine(url) else ""
