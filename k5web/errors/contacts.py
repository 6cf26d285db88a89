"""Refusals about address books."""

from typing import Final

from k5web.errors.general import K5Error

REASONS: Final = {
    "no_book": "this is neither a file of contact cards (vCard) nor Google's table of contacts",
    "damaged": "the file begins as UTF-16 and does not go on so: export it again",
    "no_end": "the contact that begins here has no end: the file is cut off, export it again",
    "not_closed": "a quotation mark in this row is not closed: the file is cut off, export it again",
    "not_a_row": "this is no row of a table: export the file again",
    "too_large": "the file is larger than {most_mb} MB: export the contacts without pictures, or in parts",
    "too_much": "there is more up to here than any address book has: split the file",
}


class WrongAddressBook(K5Error):
    """A file that is no whole address book; nothing was changed. Facts: line (0: the file as such), why, reason; with
    too_large most_mb."""

    code, status, text = "wrong_address_book", 400, "line {line}: {reason}"

    @classmethod
    def at(cls, line: int, why: str, **facts: int) -> "WrongAddressBook":
        """Return the refusal for one of the reasons."""
        return cls(line=line, why=why, reason=REASONS[why].format(**facts), **facts)
