"""Cards of contacts, vCard 2.1 (versit), 3.0 (RFC 2426) and 4.0 (RFC 6350), as far as numbers and links in them."""

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from k5web.domain.contacts.links import Count, Entry, Fate, Links, Rewritten
from k5web.domain.contacts.raw_text import Insertion, Line, Raw, decoded
from k5web.errors import WrongAddressBook

_READ: Final = frozenset({"BEGIN", "END", "TEL", "URL", "FN", "N", "ORG"})
_GROUP: Final = re.compile(r"item([0-9]{1,9})", re.IGNORECASE | re.ASCII)
_ESCAPED: Final = re.compile(r"\\(.)")
_CHARSET: Final = re.compile(  # of text: other codecs of Python take minutes, or make what no page can say
    r"CHARSET=\"?((?:UTF-?8|US-ASCII|ISO|WINDOWS|CP[0-9]|KOI8|MAC|GB|BIG5|EUC|SHIFT)[\w.:-]{0,32})",
    re.IGNORECASE | re.ASCII,
)
_HEAD: Final = re.compile(r'(?:[^":]++|"[^"]*+")*+')
LONGEST_NAME: Final = 200  # signs of a contact's name that are shown


@dataclass(slots=True)
class _Property:
    """A property with what goes on in the next lines."""

    line_number: int
    line: Line
    group: str
    name: str
    parameters: str
    parts: list[str]
    end: int

    @property
    def is_quoted_printable(self) -> bool:
        return "QUOTED-PRINTABLE" in self.parameters

    def goes_on(self) -> bool:
        """Return whether the next line belongs to this one whatever it begins with."""
        return self.is_quoted_printable and self.parts[-1].endswith("=")

    def value(self, raw: Raw) -> str:
        """Return the value as people read it."""
        charset = found[1] if (found := _CHARSET.search(self.parameters)) else ""
        if not self.is_quoted_printable:
            return raw.readable("".join(self.parts), charset)
        soft = [part.removesuffix("=") for part in self.parts[:-1]]
        return decoded(quopri.decodestring("".join([*soft, self.parts[-1]]).encode("latin-1", "replace")), charset)


@dataclass(slots=True)
class _Card:
    """What is read of one card."""

    line_number: int
    numbers: list[tuple[str, _Property]] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    last_item: int = 0

    @property
    def name(self) -> str:
        """The contact's name: as it is shown, else put together, else the organisation."""
        put_together = " ".join(part for part in self.names.get("N", "").split(";") if part.strip())
        return (self.names.get("FN", "").strip() or put_together or self.names.get("ORG", ""))[:LONGEST_NAME]


def rewrite(raw: Raw, links: Links) -> Rewritten:
    """Return the cards with their links, each in the line after its number. Raises: WrongAddressBook."""
    insertions: list[Insertion] = []
    entries: list[Entry] = []
    count = Count()
    for card in _cards(raw):
        count.more(card.line_number, len(card.numbers))
        made = links.entries(card.name, [typed for typed, _where in card.numbers], card.addresses)
        entries += made
        for entry, (_typed, where) in zip(made, card.numbers, strict=True):
            if entry.fate is Fate.ADDED and entry.number is not None:
                card.last_item += 1
                item, newline = f"item{card.last_item}", where.line.newline or "\r\n"
                lines = (f"{item}.URL:{links.link(entry.number)}", f"{item}.X-ABLabel:{links.label(entry.number)}")
                insertions.append((where.end, "".join(f"{line}{newline}" for line in lines)))
    return Rewritten(raw.with_lines(sorted(insertions)), tuple(entries), count.contacts, "vcf")


def _cards(raw: Raw) -> Iterator[_Card]:
    """Yield the cards that end; a card within another (AGENT) is one of its own."""
    open_cards: list[_Card] = []
    for found in _properties(raw):
        if found.name == "BEGIN":
            open_cards.append(_Card(found.line_number))
            continue
        if not open_cards:
            continue  # what stands between cards is nobody's
        if found.name == "END":
            yield open_cards.pop()
            continue
        _note(open_cards[-1], found, raw)
    if open_cards:
        raise WrongAddressBook.at(open_cards[-1].line_number, "no_end")


def _note(card: _Card, found: _Property, raw: Raw) -> None:
    if group := _GROUP.fullmatch(found.group):
        card.last_item = max(card.last_item, int(group[1]))
    if found.name in _READ:
        value = _ESCAPED.sub(r"\1", found.value(raw))
        if found.name == "TEL" and value.strip():
            card.numbers.append((value.strip(), found))
        elif found.name == "URL":
            card.addresses.append(value)
        else:
            card.names.setdefault(found.name, value)


def _properties(raw: Raw) -> Iterator[_Property]:
    """Yield the properties of a file, each with the lines that go on with it."""
    last: _Property | None = None
    for at, line in enumerate(raw.lines(), 1):
        if last is not None and (last.goes_on() or line.text[:1] in {" ", "\t"}):
            text = line.text if last.goes_on() else line.text[1:]
            if last.name not in _READ:
                last.parts.clear()
            last.parts.append(text)
            last.end = line.end
            continue
        if last is not None:
            yield last
        last = _property(at, line)
    if last is not None:
        yield last


def _property(at: int, line: Line) -> _Property | None:
    """Return the property that begins in a line, None where none does: an empty line, a picture's without a space."""
    head, colon, value = _parted(line.text)
    if not colon:
        return None
    name, _, parameters = head.partition(";")
    group, _, bare = name.rpartition(".")
    return _Property(at, line, group.strip(), bare.strip().upper(), parameters.upper(), [value], line.end)


def _parted(text: str) -> tuple[str, str, str]:
    """Return what stands before the first colon outside quotation marks, the colon, and what stands behind it."""
    head = _HEAD.match(text)
    at = head.end() if head else 0
    return (text[:at], ":", text[at + 1 :]) if text[at : at + 1] == ":" else (text, "", "")
