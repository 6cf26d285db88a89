"""`k5 staff`: the operator's own people, who log in at /desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from k5web.cli.context import actor, open_house
from k5web.cli.terminal import echo, echo_lines, moment
from k5web.domain.desk.staff import Role
from k5web.paper import qr
from k5web.services.desk import staff as services

if TYPE_CHECKING:
    from k5web.services.desk.staff import Credentials

ROLE = click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice([role.value for role in Role]),
    help="several may be given",
)


@click.group()
def staff() -> None:
    """The operator's own people: take somebody on, say what they may, let them in no more."""


@staff.command()
@click.argument("login")
@click.option("--name", required=True, help="how colleagues know them")
@ROLE
def add(login: str, name: str, roles: tuple[str, ...]) -> None:
    """Take LOGIN (like a.ivanova) on; print the password and the code for the phone's app, once."""
    with open_house() as ports:
        made = services.add(ports, login, name, roles, actor())
    _tell(made)


@staff.command()
@click.argument("login")
def reset(login: str) -> None:
    """Give LOGIN a new password and a new code for the phone's app; the old ones and every log-in end."""
    with open_house() as ports:
        made = services.reset(ports, login)
    _tell(made)


@staff.command()
@click.argument("login")
@ROLE
def roles(login: str, roles: tuple[str, ...]) -> None:
    """Say what LOGIN is there for: these roles, and no others."""
    with open_house() as ports:
        changed = services.set_roles(ports, login, roles, actor())
    echo(f"{changed.login}: {', '.join(sorted(changed.roles))}")


@staff.command()
@click.argument("login")
@click.option("--reason", required=True, help="why, in a line")
def end(login: str, reason: str) -> None:
    """Let LOGIN in no more; every log-in ends now."""
    with open_house() as ports:
        services.end(ports, login, actor())
    echo(f"{login}: ended")


@staff.command("list")
def list_() -> None:
    """List everybody: roles, last use, since when they come in no more."""
    with open_house() as ports:
        everybody = services.everybody(ports)
    for person, seen_at in everybody:
        stand = f"ended {moment(person.ended_at)}" if person.ended_at else ", ".join(sorted(person.roles))
        echo(f"{person.login}: {person.name}, {stand}, last here {moment(seen_at) if seen_at else 'never'}")
    if not everybody:
        echo("nobody yet: k5 staff add")


def _tell(made: Credentials) -> None:
    echo(f"Login:    {made.staff.login}")
    echo(f"Password: {made.password}")
    echo("Scan this with an app of one-time codes (RFC 6238), or type what stands below it:")
    echo_lines(_drawn(qr.encode(made.uri.encode())))
    echo(made.uri)


def _drawn(code: qr.Code) -> str:
    """Return a QR code in half-blocks, two rows a line, as a terminal with light letters shows it."""
    size = code.size + 2 * qr.QUIET_ZONE
    dark = {(run.x + x + qr.QUIET_ZONE, run.y + qr.QUIET_ZONE) for run in code.runs for x in range(run.length)}
    signs = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}
    return "\n".join("".join(signs[(x, y) in dark, (x, y + 1) in dark] for x in range(size)) for y in range(0, size, 2))
