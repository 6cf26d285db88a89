"""Recorded talks and messages of the voice mail: what their files are called, and how browsers get to play them.

The switch writes sound as it goes. What a player must know before it, a header with the length, is computed from the
length of the file, so that a file cut off at any byte is played to its end.
"""

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

KEPT_DAYS: Final = 30  # after the day of the call, by the operator's calendar
QUIET: Final = timedelta(seconds=20)  # a file that did not grow for so long is whole
STRAY_AFTER: Final = timedelta(days=1)  # a file that no record named for so long is nobody's
DISK_ALARM: Final = 80  # per cent of the disk
MISSING: Final = "missing"  # who deleted a recording: its file was gone
EXPIRED: Final = "expired"  # its days were over

_NAME = re.compile(
    r"(?:rec-(?P<talk>[1-9][0-9]{0,17})-(?P<of_talk>[0-9A-Za-z_-]{1,60}(?:\.[0-9]{1,12})?)\.alaw"
    r"|vm-(?P<box>[1-9][0-9]{0,17})-(?P<of_box>[0-9A-Za-z_-]{1,60}(?:\.[0-9]{1,12})?)\.wav)",
    re.ASCII,
)
# The channel that a callback begins by, which is its linked id
_CALLBACK = re.compile(r"k5-([1-9][0-9]{0,17})-([1-9][0-9]{0,9})-a[2-9]?", re.ASCII)
_A_SECOND: Final = 8000  # samples of telephone sound
_A_LAW, _PCM = 6, 1  # Source: RFC 2361
_WAV_HEADER: Final = 44  # bytes that the switch writes before the sound of a message; they are written anew here


class SoundKind(StrEnum):
    """What was recorded."""

    TALK = "talk"
    VOICEMAIL = "voicemail"


@dataclass(frozen=True, slots=True)
class FileName:
    """What the name of a recorded file says."""

    owner_id: int
    kind: SoundKind
    leg_uuid: str


@dataclass(frozen=True, slots=True)
class Recording:
    """A recorded talk or message, by the name of its file on the switch."""

    owner_id: int
    switch: str
    file: str
    kind: SoundKind
    box: str
    linked_id: str
    leg_uuid: str
    at: datetime
    day: date
    size_bytes: int | None  # None: it is still being written
    heard_at: datetime | None
    deleted_at: datetime | None
    deleted_by: str | None

    @property
    def sound(self) -> "Sound | None":
        """What is played; None while it is not known how long it is."""
        return None if self.size_bytes is None else sound_of(self.kind, self.size_bytes)

    @property
    def kept_until(self) -> date:
        """The last day on which it is there."""
        return self.day + timedelta(days=KEPT_DAYS)


@dataclass(frozen=True, slots=True)
class Sound:
    """A WAV file as it is played: a header, then the bytes of the recorded file from `begins_at` on."""

    header: bytes
    begins_at: int
    length: int
    milliseconds: int

    @property
    def size_bytes(self) -> int:
        """How long the WAV file is."""
        return len(self.header) + self.length

    def part(self, start: int, length: int, read: Callable[[int, int], bytes]) -> bytes:
        """Return a part of the WAV file; `read` gives a part of the recorded one."""
        end = min(start + length, self.size_bytes)
        head = self.header[start:end]
        first, wanted = max(start - len(self.header), 0), end - start - len(head)
        return head + read(self.begins_at + first, wanted) if wanted > 0 else head


@dataclass(frozen=True, slots=True)
class Parties:
    """Between whom a conversation was."""

    direction: str
    number: str
    caller: str
    called: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A recording in a list; `parties`: None where there is no conversation of a PBX, as for a callback."""

    recording: Recording
    parties: Parties | None


@dataclass(frozen=True, slots=True)
class RecordingOrder:
    """An order to record talks, or to record them no more."""

    version: int
    is_recorded: bool
    at: datetime


def named(file: str) -> FileName | None:
    """Return what a name says: `rec-8841-k5-1795866191.77.alaw`, `vm-8841-k5-1795866191.77.wav`; None where it is no
    name of a recorded file."""
    found = _NAME.fullmatch(file)
    if found is None:
        return None
    if found["talk"]:
        return FileName(int(found["talk"]), SoundKind.TALK, found["of_talk"])
    return FileName(int(found["box"]), SoundKind.VOICEMAIL, found["of_box"])


def callback_n(owner_id: int, linked_id: str) -> int | None:
    """Return which of an owner's callbacks has this linked id; None where it is no callback of theirs."""
    found = _CALLBACK.fullmatch(linked_id)
    return int(found[2]) if found and int(found[1]) == owner_id else None


def sound_of(kind: SoundKind, size_bytes: int) -> Sound:
    """Return how a recorded file of this length is played: a talk is bare A-law, a message 16-bit samples."""
    if kind is SoundKind.TALK:
        length = size_bytes - size_bytes % 2  # parts of a WAV file have an even length
        return Sound(alaw_header(length), 0, length, length * 1000 // _A_SECOND)
    length = max(size_bytes - _WAV_HEADER, 0)
    length -= length % 2
    return Sound(_pcm_header(length), _WAV_HEADER, length, length * 1000 // (2 * _A_SECOND))


def alaw_header(length: int) -> bytes:
    """Return the 58 bytes before so many of A-law. Source: «Multimedia Programming Interface and Data Specifications
    1.0», WAVE; `fact` is needed by every form but PCM."""
    form = struct.pack("<4sIHHIIHHH", b"fmt ", 18, _A_LAW, 1, _A_SECOND, _A_SECOND, 1, 8, 0)
    fact = struct.pack("<4sII", b"fact", 4, length)
    return _riff(form + fact, length)


def _pcm_header(length: int) -> bytes:
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, _PCM, 1, _A_SECOND, 2 * _A_SECOND, 2, 16)
    return _riff(form, length)


def _riff(chunks: bytes, length: int) -> bytes:
    begun = struct.pack("<4sI4s", b"RIFF", 4 + len(chunks) + 8 + length, b"WAVE")
    return begun + chunks + struct.pack("<4sI", b"data", length)
