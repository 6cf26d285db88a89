"""The switch's records: a file of one JSON object a line, read on from where the last reading stopped."""

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from k5web.domain.calls.call import DamagedRecord, EventKind, Records, SwitchEvent
from k5web.domain.calls.endings import Heard
from k5web.domain.calls.missed_calls import MissedCall
from k5web.domain.calls.pbx_record import PbxRecord, PbxRecordKind

LINES_AT_ONCE = 2000
BYTES_AT_ONCE = 1 << 20  # a record has some 300 bytes; a "line" as long as this is rubbish
KEPT = 500  # characters of a damaged line
OUR_CALL = re.compile(r"k5-([1-9][0-9]{0,9}-[1-9][0-9]{0,9})-a([2-9]?)", re.ASCII)  # leg A's channel: call, attempt

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CHANNEL = re.compile(r"PJSIP/(.+)-[0-9a-f]{8}", re.ASCII)
_TIME = re.compile(r"([0-9]{1,10})\.([0-9]{6})", re.ASCII)
_SUMMARY = re.compile(  # stage|dialstatus|cause|SIP code|what was heard; the last two not from older dialplans
    r"([a-z0-9_]*)\|([A-Z_]*)\|([0-9]{0,3})(?:\|([0-9]{0,3}))?(?:\|(progress|ringing|))?", re.ASCII
)
_MISSED = re.compile(r"(\+?[0-9]{0,40})\|\+?([0-9]{1,40})", re.ASCII)  # caller|access number, the carrier's
_POSITION = re.compile(r"([0-9]{1,20}):([0-9]{1,20})", re.ASCII)
_ROTATED = re.compile(r"[.-][0-9][0-9.T_-]*", re.ASCII)  # cel.json.1, cel.json-20261120; a packed one is not read
_KINDS = frozenset(EventKind)
_PBX_KINDS = frozenset(PbxRecordKind)
_MISSED_CALL = "K5_MISSED"
_ACCOUNT = re.compile(r"[1-9][0-9]{0,9}(?:-[1-9][0-9]{0,9})?", re.ASCII)  # an owner, or the call that pays
_OF_CALLBACK = re.compile(r"k5-[0-9]+-[0-9]+-a", re.ASCII)  # a leg that K5 asked for, under whatever name
_LOCAL = "Local/"  # halves of a way within the switch: no leg of anybody's
_OWNER, _WORD = r"([0-9]{1,10})", r"([A-Za-z0-9_.-]{0,80})"
_SAYS: dict[PbxRecordKind, re.Pattern[str]] = {  # the dialplan's own records: owner 0 is nobody's yet
    kind: re.compile(shape, re.ASCII)
    for kind, shape in {
        PbxRecordKind.K5_IN: rf"{_OWNER}\|{_WORD}\|([0-9]{{1,15}})\|(\+?[0-9]{{0,40}})",
        PbxRecordKind.K5_HOLD: rf"{_OWNER}\|([0-9]{{1,4}})\|(in|forward|out)\|([0-9]{{0,40}})"
        r"\|((?:[1-9][0-9]{0,9}-[1-9][0-9]{0,9})?)\|([a-z_]{0,20})",
        PbxRecordKind.K5_XFER: rf"{_OWNER}\|([0-9]{{0,40}})\|(.{{0,100}})",
        PbxRecordKind.K5_REC: rf"{_OWNER}\|{_WORD}",
        PbxRecordKind.K5_VOICEMAIL: rf"{_OWNER}\|{_WORD}\|{_WORD}\|([A-Z]{{0,20}})",
        PbxRecordKind.K5_FAULT: rf"([a-z_]{{0,20}})\|{_WORD}\|{_WORD}\|([0-9]{{0,4}})",
        PbxRecordKind.K5_DONE: rf"{_OWNER}\|{_WORD}\|([A-Z_]*)\|([0-9]{{0,3}})\|([0-9]{{0,3}})"
        r"\|([a-z_]{0,20})\|([A-Z]*)",
    }.items()
}
_LINE_START = '{"eventtime"'


Found = SwitchEvent | MissedCall | PbxRecord


def parse_record(line: str) -> Found | None:
    """Return the event of one line, or None for a record that K5 has no use for.

    Raises: ValueError for what is no record, or is one of ours with a field missing or malformed.
    """
    record = _mapping(line)
    ours = OUR_CALL.fullmatch(_text(record, "linkedid"))
    kind = _text(record, "eventtype")
    if kind == _MISSED_CALL:
        return _missed(record)
    if kind in _PBX_KINDS and (ours is None or kind == PbxRecordKind.K5_REC):
        return _of_pbx(record, PbxRecordKind(kind))
    if ours is None or kind not in _KINDS:
        return None
    leg_uuid = _text(record, "uniqueid")
    is_a = leg_uuid == ours[0]
    channel = _CHANNEL.fullmatch(_text(record, "channame"))
    event = SwitchEvent(
        call_id=ours[1],
        leg_uuid=leg_uuid,
        is_a=is_a,
        kind=EventKind(kind),
        at=_time(_text(record, "eventtime")),
        trunk=channel[1] if channel else "",
        attempt=int(ours[2] or 1),
    )
    if event.kind is EventKind.HANGUP:
        extra = _mapping(_text(record, "eventextra"))
        source = _who(_text(extra, "hangupsource"), _text(record, "channame"), is_a)
        return replace(event, cause=_cause(extra), source=source, dial_status=_text(extra, "dialstatus"))
    if event.kind is EventKind.K5_END:
        end = _summary(record)
        return replace(
            event, cause=end.cause, dial_status=end.dial_status, stage=end.stage, sip=end.sip, heard=end.heard
        )
    return event


@dataclass(frozen=True, slots=True)
class _Summary:
    """What K5_END says of a leg's end, as in SwitchEvent."""

    stage: str
    dial_status: str
    cause: int | None
    sip: int | None
    heard: Heard | None


def _summary(record: dict[str, Any]) -> _Summary:
    said = _SUMMARY.fullmatch(_text(_mapping(_text(record, "eventextra")), "extra"))
    if said is None:
        raise ValueError("K5_END does not say stage|dialstatus|cause|SIP code|heard")
    cause, sip = (int(digits) if digits else None for digits in said.group(3, 4))
    return _Summary(said[1], said[2], cause, sip, None if said[5] is None else Heard(said[5]))


def _missed(record: dict[str, Any]) -> MissedCall:
    numbers = _MISSED.fullmatch(_text(_mapping(_text(record, "eventextra")), "extra"))
    if numbers is None:
        raise ValueError("K5_MISSED does not say caller|access number")
    return MissedCall(_text(record, "uniqueid")[:100], numbers[1], numbers[2], _time(_text(record, "eventtime")))


def _of_pbx(record: dict[str, Any], kind: PbxRecordKind) -> PbxRecord | None:
    """Return the record of a call that the switch began by itself; None where it is about no leg of anybody's."""
    own_channel = _text(record, "channame")
    is_callbacks = kind is not PbxRecordKind.K5_REC and _OF_CALLBACK.match(_text(record, "uniqueid"))
    if own_channel.startswith(_LOCAL) or is_callbacks:
        return None
    channel, account = _CHANNEL.fullmatch(own_channel), _text(record, "accountcode")
    found = PbxRecord(
        kind=kind,
        linked_id=_text(record, "linkedid")[:100],
        leg_uuid=_text(record, "uniqueid")[:100],
        at=_time(_text(record, "eventtime")),
        account=account if _ACCOUNT.fullmatch(account) else "",
        endpoint=channel[1] if channel else "",
    )
    if kind is PbxRecordKind.HANGUP:
        extra = _mapping(_text(record, "eventextra"))
        source = _who(_text(extra, "hangupsource"), own_channel, is_a=False)
        return replace(found, cause=_cause(extra), source=source)
    if kind is PbxRecordKind.K5_END:
        end = _summary(record)
        return replace(found, sip=end.sip, heard=end.heard)
    if kind in _SAYS:
        said = _SAYS[kind].fullmatch(_text(_mapping(_text(record, "eventextra")), "extra"))
        if said is None:
            raise ValueError(f"{kind} does not say what it is to")
        return replace(found, facts=said.groups())
    return found


def read_records(path: Path, position: str, limit: int = LINES_AT_ONCE) -> Records:
    """Return the whole lines after `position` ("" = the start of the file) as events, at most `limit` lines.

    The switch opens the file for each record, so it is rotated by renaming: the renamed file, known by its inode,
    is read to its end, then the new one from its start. A missing file is an empty batch.
    """
    try:
        return _read_on(_generations(path), position, limit)
    except FileNotFoundError:  # renamed or removed this moment: the next reading finds out which
        return Records([], [], position)


def _read_on(generations: Sequence["_File"], position: str, limit: int) -> Records:
    """Read one file; where nothing whole is left in it and a later one exists, go on there.

    The files were listed before reading: one that has a successor will not grow any more.
    """
    place, damaged = _resume(generations, position)
    # An inode alone is no proof: another machine's file may have the same
    is_elsewhere = bool(damaged) or bool(position and place and str(place) != position)
    while place is not None:
        lines, rest, is_full = _lines(place, limit)
        following = generations[generations.index(place.file) + 1 :]
        if lines or not following:
            found: list[Found] = []
            for end, line in lines:
                taken, broken = _take(line, str(place))
                found.extend(taken)
                damaged.extend(broken)
                place = _Place(place.file, end)
            events = [event for event in found if isinstance(event, SwitchEvent)]
            missed = [call for call in found if isinstance(call, MissedCall)]
            pbx = [record for record in found if isinstance(record, PbxRecord)]
            return Records(events, damaged, str(place), missed, is_full or bool(following), pbx, is_elsewhere)
        if rest:
            damaged.append(DamagedRecord(str(place), _shown(rest), "the file ends inside a record"))
        place = _Place(following[0], 0)
    return Records([], damaged, position, is_elsewhere=is_elsewhere or place is None)


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    inode: int


@dataclass(frozen=True, slots=True)
class _Place:
    file: _File
    offset: int

    def __str__(self) -> str:
        return f"{self.file.inode}:{self.offset}"


def _generations(path: Path) -> list[_File]:
    """Return the record file and its renamed forerunners, oldest first, the one being written last."""
    found: list[tuple[bool, int, _File]] = []
    for entry in path.parent.glob(f"{path.name}*"):
        suffix = entry.name.removeprefix(path.name)
        if suffix and not _ROTATED.fullmatch(suffix):
            continue
        status = entry.stat()
        found.append((not suffix, status.st_mtime_ns, _File(entry, status.st_ino)))
    return [file for _, _, file in sorted(found, key=lambda item: item[:2])]


def _resume(generations: Sequence[_File], position: str) -> tuple[_Place | None, list[DamagedRecord]]:
    """Return where to read on. Where the file of the position is gone, it is reported and all others are read."""
    if not generations:
        return None, []
    if not position:
        return _Place(generations[-1], 0), []
    match = _POSITION.fullmatch(position)
    if match is None:
        raise ValueError(f"'{position}' is no position in a record file")
    inode, offset = int(match[1]), int(match[2])
    for file in generations:
        if file.inode == inode:
            return _Place(file, offset if _is_line_start(file.path, offset) else 0), []
    lost = DamagedRecord(position, "", "this file is gone: records after this position may be missing")
    return _Place(generations[0], 0), [lost]


def _is_line_start(path: Path, offset: int) -> bool:
    """False where the file was cut short, or is another one that got the inode of a deleted file."""
    if offset == 0:
        return True
    with path.open("rb") as file:
        file.seek(offset - 1)
        return file.read(1) == b"\n"


def _lines(place: _Place, limit: int) -> tuple[list[tuple[int, bytes]], bytes, bool]:
    """Return whole lines with the offset of their end, what stands after them, and whether more lines may follow."""
    with place.file.path.open("rb") as file:
        if os.fstat(file.fileno()).st_ino != place.file.inode:
            raise FileNotFoundError(place.file.path)
        file.seek(place.offset)
        block = file.read(BYTES_AT_ONCE)
        if len(block) == BYTES_AT_ONCE and b"\n" not in block:
            return _overlong(file, block), block, True
    lines: list[tuple[int, bytes]] = []
    start = 0
    while len(lines) < limit:
        end = block.find(b"\n", start) + 1
        if end == 0:
            break
        lines.append((place.offset + end, block[start:end]))
        start = end
    return lines, block[start:], len(lines) == limit or len(block) == BYTES_AT_ONCE


def _overlong(file: BinaryIO, block: bytes) -> list[tuple[int, bytes]]:
    """Return the beginning of a line too long to be a record, and where it ends; nothing if it has no end yet."""
    while more := file.read(BYTES_AT_ONCE):
        if b"\n" in more:
            return [(file.tell() - len(more) + more.index(b"\n") + 1, block)]
    return []


def _take(line: bytes, position: str) -> tuple[list[Found], list[DamagedRecord]]:
    text = line.decode("utf-8", "replace").strip()
    if not text:
        return [], []
    try:
        event = parse_record(text)
    except ValueError as error:
        damaged = [DamagedRecord(position, _shown(line), str(error))]
        # A switch that died inside a record may have gone on in the same line: the later record is whole.
        start = text.rfind(_LINE_START)
        return (_take(text[start:].encode(), position)[0] if start > 0 else []), damaged
    return ([event] if event else []), []


def _shown(line: bytes) -> str:
    """Text that any database takes: no NUL, no broken UTF-8."""
    return line[: 4 * KEPT].decode("utf-8", "replace").strip("\n").replace("\0", "\\0")[:KEPT]


def _mapping(text: str) -> dict[str, Any]:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("not a JSON object")
    return found


def _text(record: dict[str, Any], name: str) -> str:
    value = record.get(name)
    if not isinstance(value, str):
        raise ValueError(f"{name} is missing")
    return value


def _cause(extra: dict[str, Any]) -> int:
    cause = extra.get("hangupcause")
    if type(cause) is not int:
        raise ValueError("hangupcause is missing")
    return cause


def _who(source: str, own_channel: str, is_a: bool) -> str:
    """Return who hung up in our words; the switch names a channel, ours or the other leg's, or the dialplan."""
    if not source:
        return ""
    if source.startswith("dialplan/"):
        return "dialplan"
    return "a" if (source == own_channel) == is_a else "b"


def _time(text: str) -> datetime:
    """Return the instant exactly: a float would lose microseconds."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError(f"eventtime is no seconds.microseconds: {text[:40]}")
    return _EPOCH + timedelta(seconds=int(match[1]), microseconds=int(match[2]))
