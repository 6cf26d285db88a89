"""The switches and trunks of the settings: one from the environment, or several from the file K5_SWITCHES.

In the file every key is known, and a wrong one is named with its line: a typing error never becomes a silent default.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal, TypeVar, get_args

from k5web.config import carriers, toml
from k5web.config.carriers import Carrier, Nat
from k5web.config.secrets import Secrets
from k5web.config.table import Table
from k5web.config.values import web_address, whole
from k5web.domain.calls.trunk import Trunk
from k5web.errors import WrongKey, WrongSetting

T = TypeVar("T")
SwitchKind = Literal["simulator", "asterisk"]

SETTING: Final = "K5_SWITCHES"
CALLER_ID = "74950000000"
MOST_CALLS = 100_000
AMI_ADDRESS = "127.0.0.1:5038"

_TRUNK_KEYS = {"code", "calls_at_once", "priority", "deck", "prefixes", "enabled", "caller_id", "rewrite"} | {
    "calls_per_second",
    *carriers.KEYS,
}
_SWITCH_KEYS = {"name", "ari_url", "ari_user", "ari_password", "cel_file", "calls_at_once", "caller_id", "trunks"} | {
    "directory",
    "ami",
    *carriers.NAT_KEYS,
}
_ONE_SWITCH = {
    "K5_ARI_URL",
    "K5_ARI_USER",
    "K5_ARI_PASSWORD",
    "K5_TRUNK",
    "K5_CEL_FILE",
    "K5_SWITCH_DIR",
    "K5_AMI_ADDRESS",
    "K5_CALLER_ID",
    "K5_CALLS_AT_ONCE",
}  # what stands in the file of K5_SWITCHES instead
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}", re.ASCII)  # goes into a dial string and a file name
_CALLER_ID = re.compile(r"\+?[0-9]{3,15}", re.ASCII)
_HOST_PORT = re.compile(r"(?:[a-z0-9.-]{1,100}|\[[0-9a-f:]{2,45}\]):([1-9][0-9]{0,4})", re.ASCII)
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
    caller_id: str  # digits
    calls_at_once: int
    trunks: tuple[Trunk, ...]
    speed: int = 1
    directory: Path | None = None  # its own folder on this machine; None: it is told of organisations elsewhere
    ami: str = AMI_ADDRESS  # its manager interface, host:port; the user and the password are those of its REST one
    carriers: tuple[Carrier, ...] = ()  # of its trunks: those that are spoken to as the file says
    nat: Nat = field(default_factory=Nat)
    emergency: str = ""  # the trunk of 101 to 104 and 112; "": they are not dialled

    @property
    def shown(self) -> tuple[str, ...]:
        """The numbers that phones may see, each once: a trunk's own goes before the switch's."""
        return tuple(dict.fromkeys(trunk.caller_id or self.caller_id for trunk in self.trunks if trunk.is_enabled))


def read(values: Mapping[str, str], environ: Mapping[str, str], var: Path) -> tuple[SwitchSettings, ...]:
    """Return the switches of the file K5_SWITCHES, or the one of the environment with its one trunk.

    `values` are K5's settings, `environ` is where the file's secrets may stand. Raises: WrongSetting.
    """
    kind = values.get("K5_SWITCH", "simulator")
    if kind not in get_args(SwitchKind):
        raise WrongSetting(name="K5_SWITCH", reason=f"'{kind}' is not one of {', '.join(get_args(SwitchKind))}")
    path = values.get("K5_SWITCHES")
    if path:
        for name in sorted(_ONE_SWITCH & set(values)):
            raise WrongSetting(name=name, reason="K5_SWITCHES says what the switches are: leave this out")
        speed = _speed(values)
        found = read_switches(path, "asterisk" if kind == "asterisk" else "simulator", {**environ, **values}, var)
        return _with_emergency(values, tuple(replace(switch, speed=speed) for switch in found))
    return _with_emergency(values, (_asterisk(values) if kind == "asterisk" else _simulator(values, var),))


def variables_of(path: str) -> set[str]:
    """Return the names of environment variables that the file takes secrets from."""
    return set(_SECRET_OF.findall(toml.read(SETTING, path).text))


def read_switches(path: str, kind: SwitchKind, environ: Mapping[str, str], var: Path) -> tuple[SwitchSettings, ...]:
    """Return the switches of the file K5_SWITCHES, in its order. Raises: WrongSetting with file and line."""
    file = toml.read(SETTING, path)
    for key in set(file.values) - {"switch", "trunk"}:
        raise file.place.wrong(key, "only [[switch]] and [[trunk]] stand here")
    secrets = Secrets(environ)
    lines = _each(file, "trunk", _TRUNK_KEYS, lambda table: _trunk(table, secrets))
    trunks = [trunk for trunk, _ in lines]
    by_code = {trunk.code: (trunk, carrier) for trunk, carrier in lines}
    switches = _each(file, "switch", _SWITCH_KEYS, lambda table: _switch(table, by_code, kind, secrets, var))
    if not switches:
        raise WrongSetting(name=SETTING, reason=f"{path}: names no [[switch]]")
    for what, names, found in (
        ("switch", {switch.name for switch in switches}, switches),
        ("trunk", by_code, trunks),
    ):
        if len(names) != len(found):
            raise WrongSetting(name=SETTING, reason=f"{path}: two [[{what}]] have one name")
    _refuse_narrow_pace(path, trunks, switches)
    return tuple(switches)


def _refuse_narrow_pace(path: str, trunks: list[Trunk], switches: list[SwitchSettings]) -> None:
    """Raise WrongSetting where so few calls a second are no call a second for each side and switch."""
    for trunk in trunks:
        shared = sum(trunk in switch.trunks for switch in switches)
        least = 2 * max(shared, 1)
        if 0 < trunk.calls_per_second < least:
            reason = f"trunk {trunk.code}: calls_per_second must be at least {least}, 2 for each switch that has it"
            raise WrongSetting(name=SETTING, reason=f"{path}: {reason}")


def _each(file: toml.File, name: str, known: set[str], read: Callable[[Table], T]) -> list[T]:
    """Return what each [[table]] of this name describes. Raises: WrongSetting with file and line."""
    found = []
    for values, place in file.tables(name):
        with place.named():
            found.append(read(Table(values, known, f"a {name}")))
    return found


def _trunk(table: Table, secrets: Secrets) -> tuple[Trunk, Carrier | None]:
    trunk = Trunk(
        code=table.text("code", shape=_NAME),
        calls_at_once=table.whole("calls_at_once", least=1, most=MOST_CALLS),
        priority=table.whole("priority", 1, least=0, most=1000),
        deck=table.text("deck", ""),
        prefixes=table.texts("prefixes", shape=_PREFIX, like=" of digits"),
        caller_id=(table.text("caller_id", "") and table.text("caller_id", shape=_CALLER_ID)).removeprefix("+"),
        rewrites=carriers.read_rewrites(table),
        calls_per_second=table.whole("calls_per_second", 0, least=0, most=1000),
        is_enabled=table.truth("enabled", True),
    )
    return trunk, carriers.read_carrier(table, trunk.code, secrets, trunk.is_enabled)


def _switch(
    table: Table,
    trunks: Mapping[str, tuple[Trunk, Carrier | None]],
    kind: SwitchKind,
    secrets: Secrets,
    var: Path,
) -> SwitchSettings:
    name = table.text("name", shape=_NAME)
    codes = table.texts("trunks", shape=_NAME)
    missing = [code for code in codes if code not in trunks]
    if missing or not codes:
        reason = f"names '{missing[0]}', which no [[trunk]] is" if missing else "must name some"
        raise WrongKey(key="trunks", reason=reason)
    cel_file, directory = table.text("cel_file", ""), table.text("directory", "")
    if kind == "simulator":
        cel_file = cel_file or str(var / f"switch-{name}" / "cel.json")
        directory = directory or str(Path(cel_file).parent)
    return SwitchSettings(
        name=name,
        kind=kind,
        ari_url=table.address("ari_url"),
        ari_user=table.text("ari_user"),
        ari_password=secrets.found("ari_password", table.text("ari_password")),
        cel_file=Path(cel_file) if cel_file else None,
        caller_id=table.text("caller_id", CALLER_ID, _CALLER_ID).removeprefix("+"),
        calls_at_once=table.whole("calls_at_once", least=1, most=MOST_CALLS),
        trunks=tuple(trunks[code][0] for code in codes),
        carriers=tuple(carrier for code in codes if (carrier := trunks[code][1])),
        nat=carriers.read_nat(table),
        directory=Path(directory) if directory else None,
        ami=table.text("ami", AMI_ADDRESS, _HOST_PORT),
    )


def _simulator(values: Mapping[str, str], var: Path) -> SwitchSettings:
    calls_at_once = _calls_at_once(values)
    cel_file = Path(values.get("K5_CEL_FILE", var / "switch" / "cel.json"))
    return SwitchSettings(
        name="simulator",
        kind="simulator",
        ari_url=web_address(values, "K5_ARI_URL", "http://127.0.0.1:8089/ari"),
        ari_user=values.get("K5_ARI_USER", "k5"),
        ari_password=values.get("K5_ARI_PASSWORD", "simulator"),
        cel_file=cel_file,
        caller_id=_caller_id(values),
        calls_at_once=calls_at_once,
        trunks=(_only_trunk(values.get("K5_TRUNK", "trunk"), calls_at_once),),
        speed=_speed(values),
        directory=Path(values.get("K5_SWITCH_DIR", cel_file.parent)),
    )


def _asterisk(values: Mapping[str, str]) -> SwitchSettings:
    for name in ("K5_ARI_URL", "K5_ARI_USER", "K5_ARI_PASSWORD", "K5_TRUNK", "K5_CEL_FILE"):
        if not values.get(name):
            raise WrongSetting(name=name, reason="must be set with K5_SWITCH=asterisk")
    calls_at_once = _calls_at_once(values)
    ami = values.get("K5_AMI_ADDRESS", AMI_ADDRESS)
    if not _HOST_PORT.fullmatch(ami):
        raise WrongSetting(name="K5_AMI_ADDRESS", reason=f"'{ami}' is not a host and a port like {AMI_ADDRESS}")
    return SwitchSettings(
        name="asterisk",
        kind="asterisk",
        ari_url=web_address(values, "K5_ARI_URL", ""),
        ari_user=values["K5_ARI_USER"],
        ari_password=values["K5_ARI_PASSWORD"],
        cel_file=Path(values["K5_CEL_FILE"]),
        caller_id=_caller_id(values),
        calls_at_once=calls_at_once,
        trunks=(_only_trunk(values["K5_TRUNK"], calls_at_once),),
        directory=Path(values["K5_SWITCH_DIR"]) if values.get("K5_SWITCH_DIR") else None,
        ami=ami,
    )


def _with_emergency(values: Mapping[str, str], switches: tuple[SwitchSettings, ...]) -> tuple[SwitchSettings, ...]:
    """Return the switches, those that have the trunk K5_EMERGENCY with it. Raises: WrongSetting where none has."""
    code = values.get("K5_EMERGENCY", "")
    known = {trunk.code for switch in switches for trunk in switch.trunks if trunk.is_enabled}
    if code and code not in known:
        raise WrongSetting(name="K5_EMERGENCY", reason=f"'{code}' is no trunk of a switch: {', '.join(sorted(known))}")
    return tuple(
        replace(switch, emergency=code) if code in {trunk.code for trunk in switch.trunks} else switch
        for switch in switches
    )


def _only_trunk(code: str, calls_at_once: int) -> Trunk:
    """Return the trunk of both legs, as wide as the switch. Raises: WrongSetting."""
    if not _NAME.fullmatch(code):
        reason = f"'{code}' is not a name of at most 40 letters, digits, '-' and '_'"
        raise WrongSetting(name="K5_TRUNK", reason=reason)
    return Trunk(code, 2 * calls_at_once)


def _calls_at_once(values: Mapping[str, str]) -> int:
    return whole(values, "K5_CALLS_AT_ONCE", 1000, 1, MOST_CALLS)


def _caller_id(values: Mapping[str, str]) -> str:
    """Return the number that phones see, as its digits: nothing else may stand in an answer to a switch."""
    text = values.get("K5_CALLER_ID", CALLER_ID)
    if not _CALLER_ID.fullmatch(text):
        raise WrongSetting(name="K5_CALLER_ID", reason=f"'{text}' is not a number of 3 to 15 digits like {CALLER_ID}")
    return text.removeprefix("+")


def _speed(values: Mapping[str, str]) -> int:
    return whole(values, "K5_SWITCH_SPEED", 1, 1, 1000)
