"""Readings of subscribers' personal data by staff: written down before anything is shown (B14, S26)."""

from collections.abc import Iterable
from dataclasses import dataclass

from k5web.errors import WrongReason
from k5web.services.ports import Ports
from k5web.storage.accounts import access_rows
from k5web.storage.accounts.access_rows import StaffAccess
from k5web.storage.books import ledger
from k5web.storage.session import transactional

LONGEST_PURPOSE = 200


@dataclass(frozen=True, slots=True)
class Reader:
    """Who of the staff reads, by which command and what for."""

    actor: str
    command: str
    purpose: str = ""


@transactional
def note(ports: Ports, owner_ids: Iterable[int], reader: Reader) -> None:
    """Write down that staff read the data of these subscribers. Raises: NotFound, WrongReason."""
    purpose = " ".join(reader.purpose.split())
    if len(purpose) > LONGEST_PURPOSE or not purpose.isprintable():
        raise WrongReason(most=LONGEST_PURPOSE)
    access = StaffAccess(ports.clock(), reader.actor, reader.command, purpose)
    with ports.sessions.begin() as db:
        for owner_id in sorted(set(owner_ids)):
            ledger.lock_purse(db, owner_id)
            access_rows.add(db, owner_id, access)


@transactional
def listed(ports: Ports, owner_id: int) -> list[StaffAccess]:
    """Return when staff read a subscriber's data, oldest first."""
    with ports.sessions.read() as db:
        return access_rows.history(db, owner_id)
