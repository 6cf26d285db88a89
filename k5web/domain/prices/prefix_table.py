"""A table of digits: the longest prefix of a number decides. Built whole, never changed."""

from collections.abc import Mapping
from typing import Generic, TypeVar

START = 4  # digits by which a table is divided; no telephone number is shorter

Entry = TypeVar("Entry")


class PrefixTable(Generic[Entry]):
    """What stands under the longest prefix of a number. Most numbers need one or two looks."""

    __slots__ = ("_entries", "_lengths")

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self._entries = dict(entries)
        lengths: dict[str, set[int]] = {}  # by the first four digits: the lengths that occur there
        for prefix in self._entries:
            for start in _starts(prefix):
                lengths.setdefault(start, set()).add(len(prefix))
        self._lengths = {start: tuple(sorted(found, reverse=True)) for start, found in lengths.items()}

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def entries(self) -> Mapping[str, Entry]:
        """What stands under which prefix."""
        return self._entries

    def under(self, number: str) -> Entry | None:
        """Return the entry of the longest prefix of these E.164 digits, None where no prefix fits."""
        entries = self._entries
        for length in self._lengths.get(number[:START], ()):
            entry = entries.get(number[:length])
            if entry is not None:
                return entry
        return None

    def longest(self, digits: str) -> Entry | None:
        """Return the entry of the longest prefix of any digits, be they only the beginning of a number."""
        found = (self._entries.get(digits[:end]) for end in range(len(digits), 0, -1))
        return next((entry for entry in found if entry is not None), None)


def _starts(prefix: str) -> list[str]:
    """Return the first four digits of all numbers under a prefix."""
    missing = START - len(prefix)
    return [prefix[:START]] if missing <= 0 else [f"{prefix}{rest:0{missing}d}" for rest in range(10**missing)]
