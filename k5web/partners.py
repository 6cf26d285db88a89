"""The partners' file: who may bring money, one TOML table each, with its secrets fetched from where they are kept."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from k5web import toml
from k5web.domain.address import is_own_machine, not_public
from k5web.domain.payments.partner import Partner
from k5web.domain.payments.top_up import Opener, Opening, PaymentConnector
from k5web.domain.secret import weakness
from k5web.errors import WrongPartner, WrongSetting

SETTING = "K5_CONNECTORS"
SIMULATED = "# For the simulated providers at "  # begins the file that ./run writes for itself
GUESSABLE = ("secrets", "callback_secrets", "password", "api_key", "token")  # keys of tables that hold secrets

_HEADER = re.compile(r"\s*\[\[\s*([A-Za-z0-9_-]+)\s*\]\]")


@dataclass(frozen=True, slots=True)
class PartnerTable:
    """One table of the file, its secrets resolved, and where it stands there."""

    connector: str  # the table's name
    values: Mapping[str, object] = field(repr=False)
    path: str
    line: int  # of its heading
    lines: tuple[str, ...] = field(repr=False)  # from the heading to the next one
    simulated_at: str = ""  # where its provider is simulated, in the file that ./run wrote for itself

    def wrong(self, key: str, reason: str) -> WrongSetting:
        """Return the refusal that names file, line and key, for the caller to raise."""
        return WrongSetting(name=SETTING, reason=f"{self.path}:{self.line + self._below(key)}: {key}: {reason}")

    def _below(self, key: str) -> int:
        """Return how far below the heading a key stands; a key that is missing stands nowhere: the heading is named."""
        last = re.escape(key.rpartition(".")[2])
        places = (
            at
            for at, line in enumerate(self.lines)
            if at and re.match(rf"""\s*(\[[^\]]*\.)?["']?{last}["']?\s*[=\]]""", line)
        )
        return next(places, 0)


def read(path: str, environ: Mapping[str, str]) -> tuple[tuple[PartnerTable, ...], set[str]]:
    """Return the file's tables and the names in the environment they take secrets from; no path, no tables.

    Raises: WrongSetting.
    """
    if not path:
        return (), set()
    text, found = toml.read(SETTING, path)
    raw = list(_tables(path, text, found))
    resolver = _Resolver(environ)
    tables = []
    for table in raw:
        try:
            values = {key: resolver.resolve(key, value) for key, value in table.values.items()}
        except WrongPartner as error:
            raise table.wrong(str(error.facts["key"]), str(error.facts["reason"])) from error
        tables.append(replace(table, values=values))
    return tuple(tables), resolver.used


def open_connectors(
    tables: Iterable[PartnerTable], openers: Mapping[str, Opener], opening: Opening
) -> Iterator[PaymentConnector]:
    """Yield the connectors of all partners. Raises: WrongSetting naming file and line."""
    taken: set[str] = set()
    for table in tables:
        opener = openers.get(table.connector)
        if opener is None:
            known = ", ".join(sorted(openers)) or "none"
            raise table.wrong(table.connector, f"there is no such connector; there are: {known}")
        try:
            opened = opener([table.values], opening)
        except WrongPartner as error:
            raise table.wrong(str(error.facts["key"]), str(error.facts["reason"])) from error
        for connector in opened:
            _refuse_strangers(table, connector.partner, opening)
            for name in (f"/hooks/{connector.address}", connector.origin):
                if name in taken:
                    raise table.wrong("code", f"{name} is another partner's already")
                taken.add(name)
            yield connector


def _refuse_strangers(table: PartnerTable, partner: Partner, opening: Opening) -> None:
    """Stop the start of a house that others can reach where a stranger could speak for this partner.

    The partners that ./run made for itself stay while K5 is tried from a phone in the room, by plain http: they listen
    to this machine alone, and each has a random secret. Raises: WrongSetting.
    """
    if is_own_machine(opening.public_url):
        return
    is_tried = table.simulated_at and opening.public_url.startswith("http://")
    for network in () if is_tried else partner.allowed:
        if inside := not_public(network):
            reason = (
                f"{network} reaches into {inside}, where everybody seems to come from behind a proxy: name the "
                "provider's own public addresses (only ./run, with K5_PUBLIC_URL on this machine, takes others)"
            )
            raise table.wrong("allowed", reason)
    if not partner.secrets and table.values.get("authentication") != "address":
        reason = (
            "there is none, so whoever has its address speaks for it: agree on one with the provider; where the "
            'protocol cannot have one, write authentication = "address"'
        )
        raise table.wrong("secrets", reason)
    for key in GUESSABLE:
        given = table.values.get(key, ())
        for secret in [given] if isinstance(given, str) else given if isinstance(given, list) else ():
            if wrong := weakness(str(secret)):
                raise table.wrong(key, f"a secret {wrong}: agree on a random one with the provider")


def _tables(path: str, text: str, found: Mapping[str, object]) -> Iterator[PartnerTable]:
    """Yield the tables as they stand, each with its piece of the text."""
    lines = text.splitlines()
    headings = [(at, match[1]) for at, line in enumerate(lines) if (match := _HEADER.match(line))]
    counts: dict[str, int] = {}
    for name, tables in found.items():
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            at = next((at for at, line in enumerate(lines) if re.match(rf"\s*\[*{re.escape(name)}\b", line)), 0)
            raise WrongSetting(name=SETTING, reason=f"{path}:{at + 1}: {name}: partners are written as [[{name}]]")
        for values in tables:
            counts[name] = counts.get(name, 0) + 1
            own = [at for at, heading in headings if heading == name]
            start = own[counts[name] - 1] if len(own) >= counts[name] else 0
            end = next((at for at, _ in headings if at > start), len(lines))
            yield PartnerTable(name, values, path, start + 1, tuple(lines[start:end]), simulated_at(text))


def simulated_at(text: str) -> str:
    """Return where the simulated providers of a partners' file are, empty where they are real."""
    url, _, _ = text.partition("\n")[0].removeprefix(SIMULATED).rpartition(": ")
    return url if text.startswith(SIMULATED) and is_own_machine(url) else ""


class _Resolver:
    """Replaces "env:NAME" and "file:PATH" by what is there, however deep they stand."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.used: set[str] = set()

    def resolve(self, key: str, value: object) -> object:
        """Return the value with its secrets. Raises: WrongPartner."""
        if isinstance(value, list):
            return [self.resolve(key, item) for item in value]
        if isinstance(value, dict):
            return {name: self.resolve(f"{key}.{name}", item) for name, item in value.items()}
        if isinstance(value, str) and value.startswith("env:"):
            return self._from_environ(key, value.removeprefix("env:"))
        if isinstance(value, str) and value.startswith("file:"):
            return _from_file(key, value.removeprefix("file:"))
        return value

    def _from_environ(self, key: str, name: str) -> str:
        self.used.add(name)
        if not self._environ.get(name):
            raise WrongPartner(key=key, reason=f"{name} is not set in the environment")
        return self._environ[name]


def _from_file(key: str, path: str) -> str:
    try:
        secret = Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise WrongPartner(key=key, reason=f"{path} cannot be read: {error}") from error
    if not secret:
        raise WrongPartner(key=key, reason=f"{path} is empty")
    return secret
