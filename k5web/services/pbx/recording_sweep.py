"""What the worker does with recorded files: their length is noted, messages are told of, what is past its days goes.

Several workers may do it at once, and any may be killed: a file goes first, and what its row says follows.
"""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

from k5web.domain.incident import IncidentKind
from k5web.domain.pbx import recording as rules
from k5web.domain.pbx.recording import Recording, SoundKind
from k5web.domain.pbx.switch_tables import SwitchTables
from k5web.errors import SwitchUnreachable
from k5web.services.messaging import sending
from k5web.services.ports import Ports
from k5web.storage import figures, incidents
from k5web.storage.calls import call_rows
from k5web.storage.pbx import recording_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

NOTICE: Final = "voicemail"  # kind of the message that tells of one
LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
AT_ONCE: Final = 200  # rows
NEVER_WRITTEN: Final = timedelta(hours=3)  # longer than any call: a file that is not there by then never comes
Listing = Mapping[str, tuple[int, datetime]]  # of each file its bytes and its last change


def measure(ports: Ports) -> None:
    """Note how long the files are that have not grown for a while; a message that is whole is told of."""
    _at_each_switch(ports, _measure_all)


def expire(ports: Ports) -> None:
    """Delete what is past its days, or whose owner was erased; say where the disk is nearly full."""
    _at_each_switch(ports, _expire_all)


def compare(ports: Ports) -> None:
    """Bring files and rows together: a file that nothing names is reported and deleted, a row without its file says so.

    Nothing is a stray before all records of its time were read: a house that was brought back reads them once more.
    Where the folder is empty no row is changed: it is more likely that its disk is not there.
    """
    _at_each_switch(ports, _compare_all)


def _at_each_switch(ports: Ports, step: Callable[[Ports, SwitchTables], None]) -> None:
    """Take a step for each switch whose files are here; the trouble of one keeps no other waiting."""
    for tables in ports.switch_tables.values():
        try:
            step(ports, tables)
        except SwitchUnreachable as error:
            logger.warning("recordings wait", extra={"switch": tables.name, "reason": str(error)})


def _measure_all(ports: Ports, tables: SwitchTables) -> None:
    with ports.sessions.read() as db:
        waiting = recording_rows.unmeasured(db, tables.name, AT_ONCE)
    if not waiting:
        return
    listing, now = _listing(tables), ports.clock()
    for each in waiting:
        size, changed_at = listing.get(each.file, (0, now))
        if each.file in listing and changed_at <= now - rules.QUIET:
            _measure(ports, each, size)
        elif each.file not in listing and each.at <= now - NEVER_WRITTEN:
            _end(ports, each, rules.MISSING)


@transactional
def _measure(ports: Ports, recording: Recording, size_bytes: int) -> None:
    now = ports.clock()
    with ports.sessions.begin() as db:
        recording_rows.measure(db, recording, size_bytes)
        if recording.kind is SoundKind.VOICEMAIL and recording.size_bytes is None:
            parties = recording_rows.parties(db, recording)
            sound = rules.sound_of(recording.kind, size_bytes)
            facts = {"caller": parties.caller if parties else "", "seconds": sound.milliseconds // 1000}
            name = f"{NOTICE} {recording.switch} {recording.file}"
            sending.queue_notice(db, recording.owner_id, NOTICE, facts, name, now)


def _expire_all(ports: Ports, tables: SwitchTables) -> None:
    before = ports.today() - timedelta(days=rules.KEPT_DAYS)
    while due := _due(ports, tables.name, before):
        for each in due:
            tables.remove_recording(each.file)
            _end(ports, each, rules.EXPIRED)
        logger.info("recordings past their days deleted", extra={"switch": tables.name, "count": len(due)})
    used = int(tables.disk_used() * 100)
    if used >= rules.DISK_ALARM:
        _tell_of_disk(ports, tables.name, used)


def _due(ports: Ports, switch: str, before: date) -> list[Recording]:
    with ports.sessions.read() as db:
        return recording_rows.due(db, switch, before, AT_ONCE)


@transactional
def _end(ports: Ports, recording: Recording, by: str) -> None:
    with ports.sessions.begin() as db:
        recording_rows.end(db, recording, ports.clock(), by)
    if by == rules.MISSING:
        logger.warning("a recording has no file", extra={"owner_id": recording.owner_id, "switch": recording.switch})


@transactional
def _tell_of_disk(ports: Ports, switch: str, used: int) -> None:
    facts = {"switch": switch, "used_per_cent": used}
    with ports.sessions.begin() as db:
        reference = f"{switch} {ports.today().isoformat()}"
        if incidents.report(db, 0, IncidentKind.RECORDINGS_DISK, reference, ports.clock(), facts):
            logger.error("the disk of the recordings is nearly full", extra=facts)


def _compare_all(ports: Ports, tables: SwitchTables) -> None:
    listing, old = _listing(tables), ports.clock() - rules.STRAY_AFTER
    read = _read_until(ports, tables.name) - rules.STRAY_AFTER
    unread = {file for file, (_size, changed_at) in listing.items() if changed_at > read}
    files = sorted(file for file, (_size, changed_at) in listing.items() if changed_at <= old and rules.named(file))
    for first in range(0, len(files), AT_ONCE):
        _compare_files(ports, tables, files[first : first + AT_ONCE], unread)
    if listing:
        _compare_rows(ports, tables.name, listing)


def _read_until(ports: Ports, switch: str) -> datetime:
    """Return up to when the records of a switch were read, by a worker or by an importer of its own."""
    with ports.sessions.read() as db:
        said = (figures.beats(db).get(f"{figures.RECORDS}{switch}"), call_rows.looks(db).get(switch))
    return min(ports.clock(), max((at for at in said if at), default=LONG_AGO))


def _compare_files(ports: Ports, tables: SwitchTables, files: Sequence[str], unread: Collection[str]) -> None:
    """Delete those of these old files that no row keeps. Records that may name the `unread` are still to be read."""
    owners = {file: name.owner_id for file in files if (name := rules.named(file))}
    with ports.sessions.read() as db:
        known = recording_rows.of_files(db, tables.name, set(owners.values()), files)
    for file, owner_id in owners.items():
        row = known.get(file)
        if row is None and file in unread:
            continue
        if row is None:
            _report(ports, tables.name, owner_id, file)
        if row is None or row.deleted_at is not None:
            tables.remove_recording(file)


@transactional
def _report(ports: Ports, switch: str, owner_id: int, file: str) -> None:
    with ports.sessions.begin() as db:
        incidents.report(db, owner_id, IncidentKind.STRAY_RECORDING, f"{switch} {file}", ports.clock())
    logger.warning("a recorded file that no record names is deleted", extra={"owner_id": owner_id, "switch": switch})


def _compare_rows(ports: Ports, switch: str, listing: Listing) -> None:
    """Let rows of measured files say what the listing says: another length, or that the file is gone."""
    after, quiet = (0, ""), ports.clock() - rules.QUIET
    while kept := _kept(ports, switch, after):
        for each in kept:
            if each.file not in listing:
                _end(ports, each, rules.MISSING)
            elif listing[each.file][0] != each.size_bytes and listing[each.file][1] <= quiet:
                _measure(ports, each, listing[each.file][0])
        after = kept[-1].owner_id, kept[-1].file


def _kept(ports: Ports, switch: str, after: tuple[int, str]) -> list[Recording]:
    with ports.sessions.read() as db:
        return recording_rows.measured(db, switch, after, AT_ONCE)


def _listing(tables: SwitchTables) -> Listing:
    return {file: (size, changed_at) for file, size, changed_at in tables.recordings()}
