"""Recorded talks and messages: ordered, listened to and deleted by their owner, and by nobody else.

A file is read by the name in its row only, after that name was found to be one of the owner's. Where a file is to go it
goes first, and the row says so afterwards: whoever is killed in between finds the file gone and says so then.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from k5web.domain.pbx import recording as rules
from k5web.domain.pbx.recording import Entry, Parties, Recording, RecordingOrder, Sound, SoundKind
from k5web.domain.pbx.switch_tables import SwitchTables
from k5web.errors import NotFound, SwitchUnreachable
from k5web.services.ports import Ports
from k5web.storage.books import ledger
from k5web.storage.calls import past_call_rows
from k5web.storage.pbx import pbx_rows, recording_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

PAGE: Final = 20
OWNER: Final = "subscriber"  # who deleted a recording


@dataclass(frozen=True, slots=True)
class Page:
    """A page of recordings, newest first; `next_before` is the key of the next page."""

    entries: list[Entry]
    next_before: tuple[datetime, str] | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether talks are recorded, since which order, and how many messages of the voice mail are new."""

    is_recorded: bool
    orders: list[RecordingOrder]
    unheard: int


@transactional
def standing(ports: Ports, owner_id: int) -> Standing:
    """Return how it stands with an owner's recordings."""
    with ports.sessions.read() as db:
        return Standing(
            recording_rows.is_recorded(db, owner_id),
            recording_rows.orders(db, owner_id, PAGE),
            recording_rows.count_unheard(db, owner_id),
        )


@transactional
def order(ports: Ports, owner_id: int, *, is_recorded: bool) -> None:
    """Have all talks of an owner recorded, or none any more; what is so already is no order. The order is kept (B3)."""
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, owner_id)
        if recording_rows.is_recorded(db, owner_id) == is_recorded:
            return
        now = ports.clock()
        version = pbx_rows.touch(db, owner_id, now)
        recording_rows.order(db, owner_id, version, now, is_recorded=is_recorded)
    logger.info("recording ordered", extra={"owner_id": owner_id, "is_recorded": is_recorded})


@transactional
def page(ports: Ports, owner_id: int, kind: SoundKind, before: tuple[datetime, str] | None = None) -> Page:
    """Return the owner's recordings of a kind that are there."""
    with ports.sessions.read() as db:
        found = recording_rows.page(db, owner_id, kind, before, PAGE + 1)
        entries = _with_calls(db, owner_id, found[:PAGE])
    last = entries[-1].recording if len(found) > PAGE else None
    return Page(entries, (last.at, last.file) if last else None)


@transactional
def find(ports: Ports, owner_id: int, switch: str, file: str) -> Entry:
    """Return one of the owner's that is there. Raises: NotFound, whatever else the name may be."""
    with ports.sessions.read() as db:
        found = recording_rows.find(db, owner_id, switch, file) if is_own(owner_id, file) else None
        kept = NotFound.unless(found if found and found.deleted_at is None else None, "such recording")
        return _with_calls(db, owner_id, [Entry(kept, recording_rows.parties(db, kept))])[0]


def is_own(owner_id: int, file: str) -> bool:
    """Return whether this is the name of a file of this owner."""
    name = rules.named(file)
    return name is not None and name.owner_id == owner_id


def sound(recording: Recording) -> Sound:
    """Return what is played. Raises: NotFound while the file is still being written."""
    return NotFound.unless(recording.sound, "sound of this recording yet")


def read(ports: Ports, recording: Recording, start: int, length: int) -> bytes:
    """Return a part of the recorded file. Raises: NotFound (it is gone), SwitchUnreachable."""
    return tables(ports, recording.switch).read_recording(recording.file, start, length)


@transactional
def hear(ports: Ports, recording: Recording) -> None:
    """Note that a message of the voice mail was heard, as its owner says."""
    if recording.kind is SoundKind.VOICEMAIL and recording.heard_at is None:
        with ports.sessions.begin() as db:
            recording_rows.hear(db, recording, ports.clock())


@transactional
def delete(ports: Ports, owner_id: int, switch: str, file: str) -> None:
    """Delete one of the owner's, the file first. Raises: NotFound, SwitchUnreachable (nothing was deleted)."""
    kept = find(ports, owner_id, switch, file).recording
    tables(ports, switch).remove_recording(file)
    with ports.sessions.begin() as db:
        recording_rows.end(db, kept, ports.clock(), OWNER)
    logger.info("recording deleted", extra={"owner_id": owner_id, "switch": switch})


def tables(ports: Ports, switch: str) -> SwitchTables:
    """Return the files of a switch. Raises: SwitchUnreachable where they are not on this machine."""
    try:
        return ports.switch_tables[switch]
    except KeyError as error:
        raise SwitchUnreachable(reason=f"the files of {switch} are not on this machine") from error


def _with_calls(db: Session, owner_id: int, entries: list[Entry]) -> list[Entry]:
    """Return the entries, those of callbacks with the numbers of their calls."""
    ns = {at: n for at, each in enumerate(entries) if each.parties is None and (n := _call_n(each.recording))}
    calls = past_call_rows.several(db, owner_id, set(ns.values())) if ns else {}
    told = list(entries)
    for at, n in ns.items():
        if n in calls:
            quote = calls[n].quote
            told[at] = Entry(entries[at].recording, Parties("callback", "", quote.a_number, quote.b_number))
    return told


def _call_n(recording: Recording) -> int | None:
    """Return the number of the callback that was recorded; None where it was none."""
    return rules.callback_n(recording.owner_id, recording.linked_id)
