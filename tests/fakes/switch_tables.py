"""A switch's files that a test plays: what K5 wrote there, and how often."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from k5web.domain.pbx.switch_tables import AheadKey, PbxImage
from k5web.errors import SwitchSilent


class FakeSwitchTables:
    """One switch's files. `is_closed`: they cannot be had now."""

    def __init__(self, name: str = "k5") -> None:
        self.name = name
        self.images: dict[int, PbxImage] = {}
        self.sounds: dict[tuple[int, str], bytes] = {}
        self.ahead: dict[AheadKey, str] = {}
        self.writes: list[int] = []  # how many organisations each time
        self.settings_told = 0  # how often
        self.is_closed = False

    @property
    def entries(self) -> Mapping[str, str]:
        """All that the dialplan finds."""
        return {key: value for image in self.images.values() for key, value in image.entries.items()}

    def versions(self) -> Mapping[int, int]:
        self._open()
        return {owner_id: image.version for owner_id, image in self.images.items()}

    def tell_settings(self) -> None:
        self._open()
        self.settings_told += 1

    def write(self, images: Sequence[PbxImage]) -> None:
        self._open()
        self.writes.append(len(images))
        self.images |= {image.owner_id: image for image in images}

    def forget(self, owner_ids: Sequence[int]) -> None:
        self._open()
        for owner_id in owner_ids:
            self.images.pop(owner_id, None)

    def hold_ahead(self, key: AheadKey, answer: str, until: datetime) -> None:
        self._open()
        self.ahead[key] = answer

    def withdraw(self, key: AheadKey) -> bool:
        self._open()
        return self.ahead.pop(key, None) is not None

    def greeting_owners(self) -> frozenset[int]:
        self._open()
        return frozenset(owner_id for owner_id, _digest in self.sounds)

    def greetings(self, owner_id: int) -> frozenset[str]:
        self._open()
        return frozenset(digest for owner, digest in self.sounds if owner == owner_id)

    def put_greeting(self, owner_id: int, digest: str, sound: bytes) -> None:
        self._open()
        self.sounds[owner_id, digest] = sound

    def remove_greeting(self, owner_id: int, digest: str) -> None:
        self._open()
        self.sounds.pop((owner_id, digest), None)

    def recordings(self) -> Iterator[tuple[str, int, datetime]]:
        return iter(())

    def read_recording(self, file: str, start: int, length: int) -> bytes:
        return b""

    def remove_recording(self, file: str) -> None:
        pass

    def disk_used(self) -> float:
        return 0.0

    def _open(self) -> None:
        if self.is_closed:
            raise SwitchSilent(reason="closed")
