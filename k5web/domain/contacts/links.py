"""Call links in an address book: which number gets one, and what became of each number (docs/contacts.md)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

from k5web.domain.prices.number import HOME, Msisdn, the_reading
from k5web.errors import WrongAddressBook, WrongNumber

MOST_CONTACTS: Final = 25_000  # Google keeps no more in one account
MOST_NUMBERS: Final = 20_000  # of a book; each takes a part of a millisecond
MOST_OF_ONE: Final = 100  # numbers of a contact
LONGEST_ADDRESS: Final = 2_000  # signs; a longer one is no link of ours
LABEL: Final = "K5"  # before the number, so that people see which link is whose


class Fate(StrEnum):
    """What became of one number of a contact."""

    ADDED = "added"
    THERE = "there"  # the contact has this number's link already
    UNCLEAR = "unclear"  # two numbers may be meant; nobody can be asked
    NO_NUMBER = "no_number"  # a short code, an emergency number, a number that no country has


@dataclass(frozen=True, slots=True)
class Entry:
    """One number of a contact, as it is written there; `number` is None where it is not clear which is meant."""

    contact: str
    typed: str
    number: Msisdn | None
    fate: Fate


@dataclass(frozen=True, slots=True)
class Rewritten:
    """An address book with its links, what became of each number, how many contacts there are, and its kind."""

    content: bytes
    entries: tuple[Entry, ...]
    contacts: int
    kind: Literal["vcf", "csv"]

    def of(self, *fates: Fate) -> list[Entry]:
        """Return the numbers that had one of these fates."""
        return [entry for entry in self.entries if entry.fate in fates]


@dataclass(slots=True)
class Count:
    """How much of a book is read: one that nobody has would take the machine minutes and gigabytes."""

    contacts: int = 0
    numbers: int = 0

    def more(self, line: int, numbers: int) -> None:
        """Count one more contact, which begins in this line. Raises: WrongAddressBook."""
        self.contacts += 1
        self.numbers += numbers
        if numbers > MOST_OF_ONE or self.numbers > MOST_NUMBERS or self.contacts > MOST_CONTACTS:
            raise WrongAddressBook.at(line, "too_much")


@dataclass(frozen=True, slots=True)
class Links:
    """The call links of one K5. `root` is its public address, with no slash at the end; `home` as in `Msisdn.parse`."""

    root: str
    home: str = HOME

    def link(self, number: Msisdn) -> str:
        """Return the address that calls this number."""
        return f"{self.root}/{number}"

    def label(self, number: Msisdn) -> str:
        """Return what a contact calls this number's link: plain ASCII, fit for every version of a card."""
        return f"{LABEL} {number.grouped}"

    def number_behind(self, address: str) -> Msisdn | None:
        """Return the number that an address in a contact calls, None where it is not one of this K5's links."""
        if len(address) > LONGEST_ADDRESS:
            return None
        ours, split = urlsplit(self.root), _split(address.strip())
        is_ours = split is not None and split[:2] == (ours.netloc.lower(), True)
        if split is None or not is_ours or not split[2].startswith(f"{ours.path}/"):
            return None
        try:
            return Msisdn.parse(unquote(split[2].removeprefix(f"{ours.path}/")), self.home)
        except WrongNumber:
            return None

    def entries(self, contact: str, typed: list[str], addresses: list[str]) -> list[Entry]:
        """Return what is to become of each number of a contact that has these addresses already, in their order."""
        there = {number for address in addresses if (number := self.number_behind(address))}
        found = []
        for text in typed:
            entry = self._entry(contact, text, there)
            found.append(entry)
            if entry.number is not None:
                there.add(entry.number)  # written twice in one contact: one link
        return found

    def _entry(self, contact: str, text: str, there: set[Msisdn]) -> Entry:
        try:
            number = Msisdn.parse(text, self.home)
        except WrongNumber:
            return Entry(contact, text, None, Fate.NO_NUMBER)
        if number.looks_wrong:
            return Entry(contact, text, None, Fate.NO_NUMBER)
        if the_reading(text, self.home) is None:
            return Entry(contact, text, None, Fate.UNCLEAR)
        return Entry(contact, text, number, Fate.THERE if number in there else Fate.ADDED)


def _split(address: str) -> tuple[str, bool, str] | None:
    """Return host, whether it is a web address, and path."""
    try:
        split = urlsplit(address)
    except ValueError:  # brackets of an address that is none
        return None
    return split.netloc.lower(), split.scheme in {"http", "https"}, split.path
