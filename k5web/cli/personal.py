"""Reading personal data by commands: each leaves a row that says who, when, whose and what for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from k5web.cli.context import actor
from k5web.domain.accounts.subscriber import Subscriber
from k5web.services.accounts import accounts, staff_access

if TYPE_CHECKING:
    from k5web.services.accounts.staff_access import Reader
    from k5web.services.ports import Ports

PURPOSE = click.option("--for", "purpose", default="", help="what you need it for: kept with your name and the moment")


def reader(purpose: str) -> Reader:
    """Return who reads by this command."""
    return staff_access.Reader(actor(), click.get_current_context().command_path, purpose)


def look_at(ports: Ports, login: str, purpose: str) -> Subscriber:
    """Return the subscriber that LOGIN means, after the reading was written down. Raises: NotFound, SeveralFit."""
    found = accounts.find_subscriber(ports, login)
    staff_access.note(ports, [found.id], reader(purpose))
    return found
