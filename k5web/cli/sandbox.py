"""`k5 sandbox`: the simulated providers by themselves, and the partners' file that lets K5 know them."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import os
import secrets
from collections.abc import Container, Mapping
from html import escape
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import click

from k5web import logs
from k5web.cli import web_process
from k5web.cli.context import app
from k5web.cli.context import settings as own_settings
from k5web.cli.listening import LOOPBACK, PORT, asked_addresses, is_here, listen
from k5web.cli.terminal import echo
from k5web.domain.address import is_local, is_loopback, is_own_machine
from k5web.errors import WrongSetting

if TYPE_CHECKING:
    from k5web.config.settings import Settings

FILE = "connectors.toml"
USSD, SMS = "K5_USSD_SECRET", "K5_SMS_SECRET"
OWN_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
LOOK = Path(__file__).with_name("sandbox.css")  # of all their pages
HEAD = (
    '<!doctype html><html lang="ru"><meta charset="utf-8"><title>Учебные провайдеры</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    f'<link rel="icon" href="data:,"><link rel="stylesheet" href="/{LOOK.name}"><main>'
)
READING = frozenset({"GET", "HEAD"})
LARGEST_BODY = 64 * 1024  # bytes; their forms and requests are a few hundred
SHUT_TO_FRAMES = [("Content-Security-Policy", "frame-ancestors 'none'"), ("X-Frame-Options", "DENY")]


@click.command()
@click.option("--port", type=PORT, default=8090, show_default=True)
def sandbox(port: int) -> None:
    """Run the simulated providers on one port of this machine: terminals, wallets, bills, a card gateway, a phone.

    Without K5_CONNECTORS they write a file with partners of their own, secrets made at random, and say where.
    """
    logs.to_stderr(logging.INFO)
    settings = own_settings()
    logs.use(settings.log)
    url = f"http://{LOOPBACK}:{port}"
    has_own_gateway, has_own_centre = bool(settings.ussd_secret), bool(settings.messages.secret)
    if not settings.partners:
        settings = with_own_partners(settings, url)
    doors = [listen(address, port) for address in reached_at(settings, None)]
    path = settings.partners[0].place.path
    echo(f"The simulated providers: {settings.tryout_url or url}/, partners by K5_CONNECTORS={path}")
    if settings.ussd_secret and not has_own_gateway:
        echo(f"USSD codes are dialled there too, where the pages have {USSD}={settings.ussd_secret}")
    if settings.messages.secret and not has_own_centre:
        echo(f"SMS are written and read there too, where the pages have {SMS}={settings.messages.secret}")
    serve_providers(settings, url, doors)


def reached_at(settings: Settings, host: str | None) -> list[str]:
    """Return where the simulated providers listen: on this machine alone, unless an address of the room is asked for.

    The command's `--host` asks for one, and so does K5_PUBLIC_URL where it names an address that this machine has.
    """
    if not settings.tryout_url or is_own_machine(settings.tryout_url):
        return [LOOPBACK]
    if host is not None:
        return asked_addresses(settings, host)
    address = urlsplit(settings.tryout_url).hostname or ""
    return [LOOPBACK, address] if is_here(address) else [LOOPBACK]


def serve_providers(settings: Settings, url: str, doors: list[socket], k5_url: str = "") -> None:
    """Be the simulated providers until told to end; their notices go to `k5_url`, else to the public address."""
    shown = settings.tryout_url or url

    def create() -> WSGIApplication:
        return guarded(app.simulate_providers(settings, shown, k5_url or settings.public_url), shown)

    web_process.run_web([f"fd://{door.fileno()}" for door in doors], 1, create)


def with_own_partners(settings: Settings, url: str) -> Settings:
    """Write the file of the simulated providers' partners where there is none for this address yet, and read it.

    Where no gateway of USSD or SMS has a secret, the simulated one gets its own.
    Raises: WrongSetting.
    """
    path, mark = settings.var / FILE, f"{app.SIMULATED}{url}: {', '.join(app.simulated_providers())}\n"
    try:
        kept = path.read_text("utf-8") if path.exists() else ""
        if not kept.startswith(mark):
            if kept:  # what somebody may have added, and its secrets
                path.rename(path.with_suffix(".old.toml"))
            _write(path, mark + _toml(app.demo_partners(url, lambda: secrets.token_urlsafe(24))))
    except OSError as error:
        raise WrongSetting(name="K5_VAR", reason=f"{path}: {error.strerror}") from error
    os.environ["K5_CONNECTORS"] = str(path)  # for the processes that are started from here
    os.environ[USSD] = settings.ussd_secret or _own_secret(settings, b"simulated ussd")
    os.environ[SMS] = settings.messages.secret or _own_secret(settings, b"simulated sms")
    return own_settings()


def _own_secret(settings: Settings, what: bytes) -> str:
    """Return the simulated gateway's secret: drawn from the secret key, it is this machine's own and never kept."""
    return hmac.digest(settings.secret_keys[0].encode(), what, hashlib.sha256).hex()


def own_address(settings: Settings) -> str | None:
    """Return where the partners' file says the simulated providers are, None where it is not theirs."""
    return (settings.partners[0].simulated_at or None) if settings.partners else None


def guarded(providers: Mapping[str, WSGIApplication], shown: str = "") -> WSGIApplication:
    """Return the providers, each below its name, behind a door that is shut for strangers and for foreign pages.

    `shown`: their address in the room, where they have one; by no other name are they found there. A name is only what
    the caller says, so the address that the caller comes from must be of this machine too, or of the room.
    """
    own = OWN_HOSTS | {host_of(urlsplit(shown).netloc)} - {None}
    is_in_room = bool(shown) and not is_own_machine(shown)

    def door(environ: WSGIEnvironment, begin: StartResponse) -> object:
        def start_response(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            return begin(status, [*headers, *SHUT_TO_FRAMES], *more)

        if refusal := _refusal(environ, own, is_in_room):
            start_response(refusal, [("Content-Type", "text/plain")])
            return [f"{refusal}: for this machine's own pages only\n".encode()]
        name, _, rest = environ.get("PATH_INFO", "").removeprefix("/").partition("/")
        if name in providers:
            environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}/{name}"
            environ["PATH_INFO"] = f"/{rest}"
            return providers[name](environ, start_response)
        if name == LOOK.name:
            start_response("200 OK", [("Content-Type", "text/css; charset=utf-8")])
            return [LOOK.read_bytes()]
        start_response("200 OK" if not name else "404 Not Found", [("Content-Type", "text/html; charset=utf-8")])
        links = "".join(f'<li><a href="/{escape(known)}/">{escape(known)}</a>' for known in providers)
        return [f"{HEAD}<h1>Учебные провайдеры</h1><ul>{links}</ul></main>".encode()]

    return door  # type: ignore[return-value]


def _refusal(environ: WSGIEnvironment, own: Container[str | None], is_in_room: bool) -> str:
    """Return the status of a request that is not let in, empty where it is."""
    peer, host = environ.get("REMOTE_ADDR", ""), environ.get("HTTP_HOST", "")
    is_near = is_local(peer) if is_in_room else is_loopback(peer)
    if not is_near or host_of(host) not in own:
        return "403 Forbidden"
    if environ["REQUEST_METHOD"] not in READING and environ.get("HTTP_ORIGIN", f"http://{host}") != f"http://{host}":
        return "403 Forbidden"
    if "HTTP_TRANSFER_ENCODING" in environ:
        return "411 Length Required"
    length = environ.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdigit() and len(length) < 10 and int(length) <= LARGEST_BODY):
        return "413 Content Too Large"
    return ""


def host_of(text: str) -> str | None:
    """Return the host that a request names, None where it names none that can be read."""
    try:
        return urlsplit(f"//{text}").hostname
    except ValueError:
        return None


def _toml(partners: Mapping[str, list[Mapping[str, object]]]) -> str:
    """Return the tables as TOML: texts, whole numbers, truths and lists are written there as in JSON."""
    lines = []
    for code, tables in partners.items():
        for table in tables:
            lines += ["", f"[[{code}]]"]
            plain = {key: value for key, value in table.items() if not isinstance(value, Mapping)}
            lines += [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in plain.items()]
            for key, value in table.items():
                if isinstance(value, Mapping):
                    lines.append(f"[{code}.{key}]")
                    lines += [f"{name} = {json.dumps(text, ensure_ascii=False)}" for name, text in value.items()]
    return "\n".join(lines) + "\n"


def _write(path: Path, text: str) -> None:
    """Write a file of secrets, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    new.replace(path)
