"""`k5 config check`: what the settings mean, without touching anything."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from k5web.cli.as_json import AS_JSON, echo_items
from k5web.cli.context import app, settings
from k5web.cli.terminal import echo

if TYPE_CHECKING:
    from k5web.config.settings import Settings


@click.group()
def config() -> None:
    """The settings of this environment and the files they name."""


@config.command()
@AS_JSON
def check(as_json: bool) -> None:
    """Read all settings and their files, open every door without connecting, and say what they mean.

    Exit 1 and the first that is wrong, with file and line. Nothing is connected to, no secret is shown.
    """
    house = settings()
    ports = app.open_ports(house)
    ports.sessions.dispose()
    found = _told(house) | {"pays": [connector.origin for connector in ports.connectors]}
    if as_json:
        echo_items("config", [found])
        return
    for name, value in found.items():
        shown = ", ".join(value) if isinstance(value, list) else value
        echo(f"{name.replace('_', ' ') + ':':<16} {shown or '-'}")
    echo("every setting can be used")


def _told(house: Settings) -> dict[str, str | list[str]]:
    messages = house.messages
    return {
        "public_url": house.public_url,
        "database": _place(house.databases.url),
        "read_database": _place(house.databases.read_url) if house.databases.read_url != house.databases.url else "",
        "folder": str(house.var),
        "switches": [f"{switch.name} ({switch.kind})" for switch in house.switches],
        "trunks": sorted({trunk.code for switch in house.switches for trunk in switch.trunks}),
        "sms": "simulated" if messages.kannel is None else "kannel",
        "mail": "a folder" if messages.mail is None else "smtp",
        "receipts": "offered" if house.payee else "",
        "log": house.log,
    }


def _place(url: str) -> str:
    """Return where a database is, without login and password."""
    if url.startswith("sqlite"):
        return url.partition("?")[0]
    parts = urlsplit(url)
    return f"postgresql at {parts.netloc.rpartition('@')[2] or 'the hosts of its query'}{parts.path}"
