"""The switches and trunks of the settings: one from the environment, or several from the file K5_SWITCHES.

In the file every key is known, and a wrong one is named with its line: a typing error never becomes a silent default.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from k5web import toml
from k5web.domain.calls.call import Trunk
from k5web.errors import WrongSetting

SwitchKind = Literal["simulator", "asterisk"]

CALLER_ID = "74950000000"
MOST_CALLS = 100_000

_TRUNK_KEYS = {"code", "calls_at_once", "priority", "deck", "prefixes"}
_SWITCH_KEYS = {"name", "ari_url", "ari_user", "ari_password", "cel_file", "calls_at_once", "caller_id", "trunks"}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}", re.ASCII)  # goes into a dial string and a file name
_NUMBER = re.compile(r"[0-9]{3,15}", re.ASCII)
_PREFIX = re.compile(r"[1-9][0-9]{0,14}", re.ASCII)
_SECRET_OF = re.compile(r"""["']env:([A-Za-z0-9_]+)["']""", re.ASCII)


@dataclass(frozen=True, slots=True)
class SwitchSettings:
    """Where a switch listens and writes its records. Units: `speed` is times real time, the simulator's only."""

    name: str
    kind: SwitchKind
    ari_url: str
    ari_user: str
    ari_password: str = field(repr=False)
    cel_file: Path | None  # None: another machine imports its records
    caller_id: str
    calls_at_once: int
    trunks: tuple[Trunk, ...]
    speed: int = 1


def is_web_address(address: str) -> bool:
    """Return whether this is an address like https://t.k5.ru, with nothing after a question mark."""
    try:
        parts = urlsplit(address)
        is_sound = parts.port != 0
    except ValueError:  # brackets of IPv6, a port that is none
        return False
    return is_sound and parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.query + parts.fragment


def variables_of(path: str) -> set[str]:
    """Return the names of environment variables that the file takes secrets from."""
    return set(_SECRET_OF.findall(toml.read("K5_SWITCHES", path)[0]))


def read_switches(path: str, kind: SwitchKind, environ: Mapping[str, str], var: Path) -> tuple[SwitchSettings, ...]:
    """Return the switches of the file K5_SWITCHES, in its order. Raises: WrongSetting with file and line."""
    text, found = toml.read("K5_SWITCHES", path)
    for key in set(found) - {"switch", "trunk"}:
        line = next(n for n, line in enumerate(text.splitlines(), 1) if key in line)
        raise _wrong(f"{path}:{line}", f"'{key}': only [[switch]] and [[trunk]] stand here")
    trunks = {trunk.code: trunk for trunk in map(_trunk, _tables(path, text, found, "trunk"))}
    switches = [_switch(table, trunks, kind, environ, var) for table in _tables(path, text, found, "switch")]
    if not switches:
        raise _wrong(path, "names no [[switch]]")
    for what, names, count in (
        ("switch", {switch.name for switch in switches}, len(switches)),
        ("trunk", set(trunks), len(found.get("trunk", []))),
    ):
        if len(names) != count:
            raise _wrong(path, f"two [[{what}]] have one name")
    return tuple(switches)


@dataclass(frozen=True, slots=True)
class _Table:
    """One [[table]] of the file: gives values by key, and names the line of a wrong one."""

    path: str
    text: str
    name: str
    index: int
    values: Mapping[str, Any]

    def wrong(self, key: str, reason: str) -> WrongSetting:
        return _wrong(f"{self.path}:{self._line(key)}", f"{key} {reason}")

    def word(self, key: str, shape: re.Pattern[str] | None = None, default: str | None = None) -> str:
        value = self.values.get(key, default)
        if not isinstance(value, str):
            raise self.wrong(key, "must be set" if value is None else "must be text in quotes")
        if shape is not None and not shape.fullmatch(value):
            raise self.wrong(key, f"cannot be '{value}'")
        return value

    def whole(self, key: str, least: int, most: int, default: int | None = None) -> int:
        value = self.values.get(key, default)
        if type(value) is not int or not least <= value <= most:
            raise self.wrong(key, f"must be a whole number from {least} to {most}")
        return value

    def words(self, key: str, shape: re.Pattern[str]) -> tuple[str, ...]:
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and shape.fullmatch(item) for item in value):
            raise self.wrong(key, "must be a list of texts" + ("" if shape is _NAME else " of digits"))
        return tuple(value)

    def _line(self, key: str) -> int:
        """Return the line of this key, or of the table's heading."""
        seen, heading, is_ours = -1, 1, False
        for number, line in enumerate(self.text.splitlines(), 1):
            if re.match(r"\s*\[\[?\s*[a-z]+\s*\]", line):
                is_ours = re.match(rf"\s*\[\[\s*{self.name}\s*\]\]", line) is not None
                seen += is_ours
                heading = number if is_ours and seen == self.index else heading
            elif is_ours and seen == self.index and re.match(rf"""\s*["']?{re.escape(key)}["']?\s*=""", line):
                return number
        return heading


def _tables(path: str, text: str, found: Mapping[str, Any], name: str) -> Iterator[_Table]:
    tables = found.get(name, [])
    if not isinstance(tables, list) or not all(isinstance(values, dict) for values in tables):
        raise _wrong(path, f"write [[{name}]], with two brackets")
    known = _TRUNK_KEYS if name == "trunk" else _SWITCH_KEYS
    for index, values in enumerate(tables):
        table = _Table(path, text, name, index, values)
        for key in values:
            if key not in known:
                raise table.wrong(key, f"is not known: a {name} has {', '.join(sorted(known))}")
        yield table


def _trunk(table: _Table) -> Trunk:
    return Trunk(
        code=table.word("code", _NAME),
        calls_at_once=table.whole("calls_at_once", 1, MOST_CALLS),
        priority=table.whole("priority", 0, 1000, 1),
        deck=table.word("deck", default=""),
        prefixes=table.words("prefixes", _PREFIX),
    )


def _switch(
    table: _Table, trunks: Mapping[str, Trunk], kind: SwitchKind, environ: Mapping[str, str], var: Path
) -> SwitchSettings:
    name = table.word("name", _NAME)
    codes = table.words("trunks", _NAME)
    missing = [code for code in codes if code not in trunks]
    if missing or not codes:
        raise table.wrong("trunks", f"names '{missing[0]}', which no [[trunk]] is" if missing else "must name some")
    url = table.word("ari_url").rstrip("/")
    if not is_web_address(url):
        raise table.wrong("ari_url", f"'{url}' is not a web address like http://127.0.0.1:8088/ari")
    cel_file = table.word("cel_file", default="")
    if kind == "simulator" and not cel_file:
        cel_file = str(var / f"switch-{name}" / "cel.json")
    return SwitchSettings(
        name=name,
        kind=kind,
        ari_url=url,
        ari_user=table.word("ari_user"),
        ari_password=_secret(table, "ari_password", environ),
        cel_file=Path(cel_file) if cel_file else None,
        caller_id=table.word("caller_id", _NUMBER, CALLER_ID),
        calls_at_once=table.whole("calls_at_once", 1, MOST_CALLS),
        trunks=tuple(trunks[code] for code in codes),
    )


def _secret(table: _Table, key: str, environ: Mapping[str, str]) -> str:
    """Return what `env:NAME` or `file:PATH` leads to, or the value itself."""
    text = table.word(key)
    source, _, place = text.partition(":")
    if source == "env":
        if not environ.get(place):
            raise table.wrong(key, f"is taken from {place}, which is not set")
        return environ[place]
    if source != "file":
        return text
    try:
        return Path(place).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise table.wrong(key, f"cannot be read: {error}") from error


def _wrong(where: str, reason: str) -> WrongSetting:
    return WrongSetting(name="K5_SWITCHES", reason=f"{where}: {reason}")
