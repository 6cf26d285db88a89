"""What a switch is told ahead of its calls, and the port that tells it: a free call never asks K5 anything."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class SipLogin:
    """An account by which a phone or a browser registers at the switch."""

    login: str  # u<owner>-<n>, w<owner>-<16 hexadecimal digits>
    digest: str  # MD5 of login:realm:password, 32 hexadecimal digits
    kind: Literal["phone", "browser"]
    networks: tuple[str, ...] = ()  # it may register from; none: any
    until: datetime | None = None  # a browser's may not dial after it


@dataclass(frozen=True, slots=True)
class Queue:
    """Who answers those that wait, by their logins."""

    name: str  # k5-<owner>, k5-<owner>-<n>
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PbxImage:
    """All that a switch knows of one organisation. Source: docs/telephony.md, «What the switch knows ahead»."""

    owner_id: int
    version: int  # a digest of all that it says: equal images have equal versions, other ones others
    entries: Mapping[str, str]  # key: value, as `in/74951110001`: `8841|8841r3|free|`, `rule/8841r3/start`: `ring|…`
    logins: tuple[SipLogin, ...] = ()
    queues: tuple[Queue, ...] = ()


@dataclass(frozen=True, slots=True)
class AheadKey:
    """What a hold ahead is for: one thing of one organisation."""

    owner_id: int
    kind: Literal["in", "forward"]
    number: str  # E.164 digits: the 8-800 number itself, or where a forward leads


class SwitchTables(Protocol):
    """The files of one switch on this machine. Every method raises SwitchUnreachable where they cannot be had."""

    @property
    def name(self) -> str:
        """The switch's name in the settings."""

    def versions(self) -> Mapping[int, int]:
        """Return which version of each organisation the switch has; none where its file was absent."""

    def tell_settings(self) -> None:
        """Tell the switch what the settings say of all its calls (by which trunk emergency calls go), where it has
        heard otherwise."""

    def write(self, images: Sequence[PbxImage]) -> None:
        """Put these organisations in place of what was there of them, all or nothing. Rules that a call may still
        follow, and are in no image any more, stay for a day."""

    def forget(self, owner_ids: Sequence[int]) -> None:
        """Take everything of these organisations away."""

    def hold_ahead(self, key: AheadKey, answer: str, until: datetime) -> None:
        """Give the switch an answer (`yes|<call>|…`) that it takes once, where K5 is silent, until that moment."""

    def withdraw(self, key: AheadKey) -> bool:
        """Take such an answer back; False where it is not there: it is being spent."""

    def greeting_owners(self) -> frozenset[int]:
        """Return which organisations have prompts of their own there."""

    def greetings(self, owner_id: int) -> frozenset[str]:
        """Return the digests of an organisation's own prompts that are there."""

    def put_greeting(self, owner_id: int, digest: str, sound: bytes) -> None:
        """Put a prompt where rules find it as `o/<owner>/<digest>`: A-law, 8 kHz, mono, without a header."""

    def remove_greeting(self, owner_id: int, digest: str) -> None:
        """Take it away; one that is not there is fine."""

    def recordings(self) -> Iterator[tuple[str, int, datetime]]:
        """Yield name, size in bytes and last change of each recorded file."""

    def read_recording(self, file: str, start: int, length: int) -> bytes:
        """Return a part of a recorded file. Raises: NotFound for a name that is none, or no file."""

    def remove_recording(self, file: str) -> None:
        """Delete a recorded file; one that is not there is fine."""

    def disk_used(self) -> float:
        """Return which part of the disk that holds the recordings is full, 0 to 1."""
