"""A file's text that turns back into the very bytes it was made of, and lines put between its own."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from k5web.errors import WrongAddressBook

LARGEST_MB: Final = 20  # of a file: 2 000 contacts with photos are 5; nginx lets more through, so that K5 may say so
MOST_LINES: Final = 500_000  # pictures of so much are 280 000
_LINE: Final = re.compile(r"([^\r\n]*)(\r\n|\n|\r|\Z)")  # str.splitlines would also split at bytes of letters
_GUESSES: Final = ("utf-8", "cp1251")  # of text that does not say how it is written; old phones write the second

Insertion = tuple[int, str]  # where in the text, and what; plain ASCII


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file: its text without the end, where it begins, where the next one begins."""

    text: str
    start: int
    end: int
    newline: str


@dataclass(frozen=True, slots=True)
class Raw:
    """Text in which each sign stands for one byte (latin-1), or UTF-16. `mark` may stand before all of it."""

    text: str
    encoding: str
    mark: str

    def lines(self) -> Iterator[Line]:
        """Yield the lines of the file. Raises: WrongAddressBook for more than there are in any."""
        start = len(self.mark) if self.text.startswith(self.mark) else 0
        for at, found in enumerate(_LINE.finditer(self.text, start), 1):
            if at > MOST_LINES:
                raise WrongAddressBook.at(at, "too_much")
            if found.start() == found.end() and found.start() == len(self.text):
                return
            yield Line(found[1], found.start(), found.end(), found[2])

    def readable(self, part: str, charset: str = "") -> str:
        """Return a part of the text as people read it."""
        if self.encoding != "latin-1":
            return part
        return decoded(part.encode("latin-1"), charset)

    def with_lines(self, insertions: Sequence[Insertion]) -> bytes:
        """Return the file's bytes with these texts put in, all else as it was."""
        parts, at = [], 0
        for place, text in insertions:
            parts += [self.text[at:place], text]
            at = place
        return "".join([*parts, self.text[at:]]).encode(self.encoding)


def decoded(content: bytes, charset: str = "") -> str:
    """Return bytes as text, by the charset they claim where it is one and fits."""
    for name in (charset, *_GUESSES) if charset else _GUESSES:
        try:
            return content.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    return content.decode("utf-8", "replace")
