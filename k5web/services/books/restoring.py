"""After a backup was brought back: whether the house is shut, and opening it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from k5web.services.ports import Ports
from k5web.storage import restored
from k5web.storage.session import transactional


@dataclass(frozen=True, slots=True)
class Found:
    """What a person is shown before opening."""

    is_shut: bool
    here: str | None  # None: in a file
    was: str | None
    newest: Mapping[str, datetime | None]  # call and notice: what came later is lost here


def look(ports: Ports) -> Found:
    """Return whether this database was brought back, and how far it reaches. Raises: Unavailable."""
    with ports.sessions.read() as db:
        found = restored.standing(db)
        return Found(found.is_shut, found.here, restored.opened_as(found.was), restored.newest(db))


def is_shut(ports: Ports) -> bool:
    """Return whether pages and workers refuse to write, for /readyz. Raises: Unavailable."""
    with ports.sessions.read() as db:
        return restored.standing(db).is_shut


@transactional
def shut_doors(ports: Ports) -> bool:
    """Let nobody but commands write any more, within seconds; false where it is shut already. Raises: Unavailable."""
    with ports.sessions.begin() as db:
        if restored.standing(db).is_shut:
            return False
        restored.shut(db)
        return True


@transactional
def open_doors(ports: Ports, margin: int) -> Mapping[str, int]:
    """Move every number on by the margin, let everybody write again, and return the next number of each kind.

    Where nothing is shut nothing happens. Raises: Unavailable.
    """
    with ports.sessions.begin() as db:
        found = restored.standing(db)
        if not found.is_shut:
            return {}
        moved = restored.move_on(db, margin, ports.today())
        restored.settle(db, found.here)
        return moved
