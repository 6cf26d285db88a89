"""A port, bound once: for the pages and for the simulated providers."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from k5web.domain.address import is_address

if TYPE_CHECKING:
    from k5web.config.settings import Settings

PORT = click.IntRange(1, 65535)
LOOPBACK = "127.0.0.1"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - only where it is asked for


def asked_addresses(settings: Settings, host: str | None) -> list[str]:
    """Return where to listen: on this machine alone, unless the command or K5_PUBLIC_URL asks for another address.

    A name or https in K5_PUBLIC_URL asks for nothing: a proxy of this machine stands in front of it.
    """
    if host is not None:
        return [host] if host in {LOOPBACK, EVERYWHERE} else [LOOPBACK, host]
    address = urlsplit(settings.public_url)
    is_asked = address.scheme == "http" and not settings.is_own_machine and is_address(address.hostname or "")
    return [EVERYWHERE] if is_asked else [LOOPBACK]


def is_here(address: str) -> bool:
    """Return whether this machine has the address."""
    with socket.socket(_family(address)) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def listen(host: str, port: int) -> socket.socket:
    """Return the open socket: bound here, so that a taken port is one sentence and a restart loses no caller."""
    listener = socket.socket(_family(host))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise click.ClickException(
            f"port {port} of {host} is not free ({error.strerror}): end what runs there, or choose another by --port"
        ) from error
    listener.listen(128)
    listener.set_inheritable(True)
    return listener
