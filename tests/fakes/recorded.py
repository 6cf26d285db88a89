"""The recorded files of a switch as tests put them there; of the other things a switch is told, nothing is kept."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from k5web.domain.pbx.switch_tables import AheadKey, PbxImage
from k5web.errors import NotFound, SwitchUnreachable


class RecordedFiles:
    """Satisfies `SwitchTables`. `broken`: nothing can be had; `used`: which part of the disk is full."""

    def __init__(self, clock: Callable[[], datetime], name: str = "k5") -> None:
        self.name = name
        self.files: dict[str, tuple[bytes, datetime]] = {}
        self.is_broken = False
        self.used = 0.1
        self.reads: list[tuple[str, int, int]] = []
        self._clock = clock

    def put(self, file: str, content: bytes) -> None:
        """Let the switch have written a file just now."""
        self.files[file] = (content, self._clock())

    def recordings(self) -> Iterator[tuple[str, int, datetime]]:
        """Yield what is there."""
        self._look()
        yield from [(file, len(content), at) for file, (content, at) in self.files.items()]

    def read_recording(self, file: str, start: int, length: int) -> bytes:
        """Return a part of a file."""
        self._look()
        self.reads.append((file, start, length))
        content, _at = NotFound.unless(self.files.get(file), "such file")
        return content[start : start + length]

    def remove_recording(self, file: str) -> None:
        """Forget a file."""
        self._look()
        self.files.pop(file, None)

    def disk_used(self) -> float:
        """Return what the test said."""
        self._look()
        return self.used

    def versions(self) -> Mapping[int, int]:
        """Nothing was told."""
        return {}

    def tell_settings(self) -> None:
        """Keep nothing."""

    def write(self, images: Sequence[PbxImage]) -> None:
        """Keep nothing."""

    def forget(self, owner_ids: Sequence[int]) -> None:
        """Keep nothing."""

    def hold_ahead(self, key: AheadKey, answer: str, until: datetime) -> None:
        """Keep nothing."""

    def withdraw(self, key: AheadKey) -> bool:
        """It is not there."""
        return False

    def greeting_owners(self) -> frozenset[int]:
        """Nothing is there."""
        return frozenset()

    def greetings(self, owner_id: int) -> frozenset[str]:
        """Nothing is there."""
        return frozenset()

    def put_greeting(self, owner_id: int, digest: str, sound: bytes) -> None:
        """Keep nothing."""

    def remove_greeting(self, owner_id: int, digest: str) -> None:
        """Nothing is there."""

    def _look(self) -> None:
        if self.is_broken:
            raise SwitchUnreachable(reason="the test broke it")
