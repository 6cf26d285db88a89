"""The operator's own TOML files: of a bounded size; what is wrong is named with setting, file, line and key."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from k5web.domain import strict_toml
from k5web.errors import WrongKey, WrongRequisite, WrongSetting

_HEADING = re.compile(r"\s*\[\[\s*([A-Za-z0-9_-]+)\s*\]\]")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a table stands: in a file, from its heading to the next one."""

    setting: str  # that names the file
    path: str
    line: int  # of the heading; 0 for the file's own keys
    lines: tuple[str, ...] = field(repr=False)  # the heading, then what stands below it; secrets may be there

    def wrong(self, key: str, reason: str) -> WrongSetting:
        """Return the refusal that names file, line and key, for the caller to raise."""
        return WrongSetting(name=self.setting, reason=f"{self.path}:{self._line_of(key)}: {key}: {reason}")

    @contextmanager
    def named(self) -> Iterator[None]:
        """Say where a key stands that is found wrong inside. Raises: WrongSetting."""
        try:
            yield
        except (WrongKey, WrongRequisite) as error:
            raise self.wrong(str(error.facts["key"]), str(error.facts["reason"])) from error

    def _line_of(self, key: str) -> int:
        """Return the line of a key; one that is missing stands nowhere: the heading is named."""
        last = key.rpartition(".")[2]
        below = next((at for at, line in enumerate(self.lines) if at and _names(line, last)), 0)
        return max(1, self.line + below)


@dataclass(frozen=True, slots=True)
class File:
    """What an operator's file says, and its text."""

    setting: str
    path: str
    text: str = field(repr=False)
    values: Mapping[str, Any] = field(repr=False)

    @property
    def place(self) -> Place:
        """The file as the place of its own keys."""
        return Place(self.setting, self.path, 0, ("", *self.text.splitlines()))

    def tables(self, name: str) -> Iterator[tuple[Mapping[str, Any], Place]]:
        """Yield the [[tables]] of this name, each with its place. Raises: WrongSetting."""
        found = self.values.get(name, [])
        if not isinstance(found, list) or not all(isinstance(table, dict) for table in found):
            raise self.place.wrong(name, f"write [[{name}]], with two brackets")
        lines = self.text.splitlines()
        headings = [(at, match[1]) for at, line in enumerate(lines) if (match := _HEADING.match(line))]
        own = [at for at, heading in headings if heading == name]
        for index, values in enumerate(found):
            start = own[index] if index < len(own) else 0
            end = next((at for at, _ in headings if at > start), len(lines))
            yield values, Place(self.setting, self.path, start + 1, tuple(lines[start:end]))


def read(setting: str, path: str) -> File:
    """Return what a file says. Raises: WrongSetting."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(strict_toml.LARGEST + 1)
        values = strict_toml.read(content)
        return File(setting, path, strict_toml.decoded(content), values)
    except (OSError, ValueError) as error:
        raise WrongSetting(name=setting, reason=f"{path}: {error}") from error


def _names(line: str, key: str) -> bool:
    """Return whether a line is this key's: `key = 1`, `"key" = 1`, `in.key = 1`, `[in.key]` or `[[key]]`."""
    is_heading = line.lstrip().startswith("[")
    name, equals, _ = line.partition("]" if is_heading else "=")
    return bool(equals) and name.rpartition(".")[2].strip(" \t[\"'") == key
