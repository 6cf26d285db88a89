"""The switches and trunks of the settings: one from the environment, or several from the file K5_SWITCHES.

In the file every key is known, and a wrong one is named with its line: a typing error never becomes a silent default.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TypeVar

from k5web.config import toml
from k5web.config.secrets import Secrets
from k5web.config.table import Table
from k5web.domain.calls.call import Trunk
from k5web.errors import WrongKey, WrongSetting

T = TypeVar("T")
SwitchKind = Literal["simulator", "asterisk"]

SETTING: Final = "K5_SWITCHES"
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


def variables_of(path: str) -> set[str]:
    """Return the names of environment variables that the file takes secrets from."""
    return set(_SECRET_OF.findall(toml.read(SETTING, path).text))


def read_switches(path: str, kind: SwitchKind, environ: Mapping[str, str], var: Path) -> tuple[SwitchSettings, ...]:
    """Return the switches of the file K5_SWITCHES, in its order. Raises: WrongSetting with file and line."""
    file = toml.read(SETTING, path)
    for key in set(file.values) - {"switch", "trunk"}:
        raise file.place.wrong(key, "only [[switch]] and [[trunk]] stand here")
    trunks = _each(file, "trunk", _TRUNK_KEYS, _trunk)
    by_code = {trunk.code: trunk for trunk in trunks}
    secrets = Secrets(environ)
    switches = _each(file, "switch", _SWITCH_KEYS, lambda table: _switch(table, by_code, kind, secrets, var))
    if not switches:
        raise WrongSetting(name=SETTING, reason=f"{path}: names no [[switch]]")
    for what, names, found in (
        ("switch", {switch.name for switch in switches}, switches),
        ("trunk", by_code, trunks),
    ):
        if len(names) != len(found):
            raise WrongSetting(name=SETTING, reason=f"{path}: two [[{what}]] have one name")
    return tuple(switches)


def _each(file: toml.File, name: str, known: set[str], read: Callable[[Table], T]) -> list[T]:
    """Return what each [[table]] of this name describes. Raises: WrongSetting with file and line."""
    found = []
    for values, place in file.tables(name):
        with place.named():
            found.append(read(Table(values, known, f"a {name}")))
    return found


def _trunk(table: Table) -> Trunk:
    return Trunk(
        code=table.text("code", shape=_NAME),
        calls_at_once=table.whole("calls_at_once", least=1, most=MOST_CALLS),
        priority=table.whole("priority", 1, least=0, most=1000),
        deck=table.text("deck", ""),
        prefixes=table.texts("prefixes", shape=_PREFIX, like=" of digits"),
    )


def _switch(table: Table, trunks: Mapping[str, Trunk], kind: SwitchKind, secrets: Secrets, var: Path) -> SwitchSettings:
    name = table.text("name", shape=_NAME)
    codes = table.texts("trunks", shape=_NAME)
    missing = [code for code in codes if code not in trunks]
    if missing or not codes:
        reason = f"names '{missing[0]}', which no [[trunk]] is" if missing else "must name some"
        raise WrongKey(key="trunks", reason=reason)
    cel_file = table.text("cel_file", "")
    if kind == "simulator" and not cel_file:
        cel_file = str(var / f"switch-{name}" / "cel.json")
    return SwitchSettings(
        name=name,
        kind=kind,
        ari_url=table.address("ari_url"),
        ari_user=table.text("ari_user"),
        ari_password=secrets.found("ari_password", table.text("ari_password")),
        cel_file=Path(cel_file) if cel_file else None,
        caller_id=table.text("caller_id", CALLER_ID, _NUMBER),
        calls_at_once=table.whole("calls_at_once", least=1, most=MOST_CALLS),
        trunks=tuple(trunks[code] for code in codes),
    )
