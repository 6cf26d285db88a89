"""Where the ledger lives: addresses of databases in any spelling, and what a process may ask of them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode

from k5web.config.values import whole
from k5web.errors import WrongSetting

NAMES = ("K5_DATABASE_URL", "K5_READ_DATABASE_URL", "K5_DATABASE_POOL", "K5_STANDBY_LAG")

_ADDRESS = re.compile(
    r"(?P<login>postgresql\+psycopg://(?:[^:/@]*(?::[^@]*)?@)?)(?P<places>[^/?]*)(?P<path>/[^?]*)?(?:\?(?P<query>.*))?"
)
_PLACE = re.compile(r"(?P<host>\[[0-9A-Fa-f:.%]+\]|[^\[\]:]*)(?::(?P<port>[0-9]{1,5}))?")
_UNREADABLE = "its host or port cannot be read"  # not shown: it may hold a password


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """The primary, the standby (the same where there is none), and what a process may ask of them."""

    url: str = field(repr=False)
    read_url: str = field(repr=False)
    pool_size: int  # connections that a process keeps open at each door
    standby_lag: timedelta  # how far behind the standby may be and still be read


def read(values: Mapping[str, str], default: str) -> DatabaseSettings:
    """Return the databases of these settings; `default` is the address without any. Raises: WrongSetting."""
    url = address(values, "K5_DATABASE_URL", default)
    return DatabaseSettings(
        url,
        address(values, "K5_READ_DATABASE_URL", url),
        whole(values, "K5_DATABASE_POOL", 8, 1, 200),
        timedelta(seconds=whole(values, "K5_STANDBY_LAG", 10, 1, 3600)),
    )


def address(values: Mapping[str, str], name: str, default: str) -> str:
    """Return the address of a database; several hosts, however spelt, as libpq's lists `host=a,b&port=1,2`.

    Raises: WrongSetting.
    """
    url = values.get(name, default)
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise WrongSetting(name=name, reason="must begin with sqlite:/// or postgresql+psycopg://")
    if url.startswith("sqlite"):
        if url.removeprefix("sqlite:///").partition("?")[0] in {"", ":memory:"}:
            raise WrongSetting(name=name, reason="names no file: write it like sqlite:///var/k5.db")
        return url
    try:
        return _spelt(url)
    except ValueError as error:
        raise WrongSetting(name=name, reason=str(error)) from None


def _spelt(url: str) -> str:
    """Return `//a:1,b:2/k5`, `?host=a:1&host=b:2` and `?host=a,b&port=1,2` alike. Raises: ValueError, in words."""
    found = _ADDRESS.fullmatch(url)
    if found is None:
        raise ValueError(_UNREADABLE)
    query = parse_qsl(found["query"] or "", keep_blank_values=True)
    places = [_place(one) for one in found["places"].split(",")]
    asked = [_place(one) for name, value in query if name == "host" for one in value.split(",")]
    if not asked and len(places) == 1:
        return url
    if asked and found["places"]:
        raise ValueError("names hosts before the slash and as host=: write them at one of both places")
    hosts, ports = zip(*(asked or places), strict=True)
    if listed := [port for name, value in query if name == "port" for port in value.split(",")]:
        ports = _listed_ports(listed, ports)
    rest = [(name, value) for name, value in query if name not in {"host", "port"}]
    lists = [("host", ",".join(hosts)), *([("port", ",".join(ports))] if any(ports) else [])]
    return f"{found['login']}{found['path'] or '/'}?{urlencode(lists + rest, safe='/,:')}"


def _listed_ports(listed: Sequence[str], beside_hosts: Sequence[str]) -> tuple[str, ...]:
    if any(beside_hosts):
        raise ValueError("names ports beside its hosts and as port=: write them at one of both places")
    if len(listed) not in {1, len(beside_hosts)}:
        raise ValueError("port= must have one port, or as many as there are hosts")
    if not all(re.fullmatch("[0-9]{0,5}", port) for port in listed):
        raise ValueError(_UNREADABLE)
    return tuple(listed) if len(listed) > 1 else tuple(listed) * len(beside_hosts)


def _place(text: str) -> tuple[str, str]:
    """Return host and port, "" for one that is not said. Raises: ValueError."""
    if text.startswith("/"):
        return text, ""  # the folder of a socket
    found = _PLACE.fullmatch(text)
    port = found["port"] or "" if found else ""
    if found is None or (port and not 0 < int(port) < 65536):
        raise ValueError(_UNREADABLE)
    return found["host"].strip("[]"), port
