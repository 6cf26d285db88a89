"""Files of bank statements become records: the format by the first line, the letters by what can be read."""

import codecs
import mmap
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

from k5web.domain.bank.csv_statement import read_table
from k5web.domain.bank.exchange_text import SIGNATURE, read_exchange
from k5web.domain.bank.statement import MOST_DOCUMENTS, BankDocument, Lenience, Line, Notes, OtherDocument, Record
from k5web.errors import WrongFile, WrongStatement

LARGEST_FILE = 256 * 1024 * 1024  # bytes; a year of ten thousand payments a day is less
LONGEST_LINE = 65_536  # bytes
HEAD = 4096  # bytes in which a file shows what it is
PIECE = 256 * 1024

# What the letters may be, and words every statement has; the first in which one of them stands is it
CODINGS = ("cp1251", "cp866", "koi8_r")
_WORDS = ("секция", "номер", "счет", "дата", "сумма")
# What «Кодировка» may say: the standard has Windows and DOS
_SAID = {"win": "cp1251", "1251": "cp1251", "ansi": "cp1251", "dos": "cp866", "866": "cp866", "oem": "cp866"}
_SAID |= {"utf": "utf-8", "koi": "koi8_r"}
_CODING_LINE = re.compile(r"^[ \t]*+Кодировка[ \t]*+=([^\r\n]*)", re.MULTILINE | re.IGNORECASE)
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

Progress = Callable[[int, int], None]  # bytes read, bytes in all


def read_statement(
    path: Path,
    own: frozenset[str],
    account: str,
    notes: Notes,
    progress: Progress = lambda done, total: None,
) -> Iterator[Record]:
    """Yield what the file says, in memory that does not grow with it.

    `own` are our accounts, `account` that of a table that names none; what is read leniently is counted in `notes`.
    Raises: WrongFile, WrongStatement naming the line.
    """
    documents = 0
    try:
        total = path.stat().st_size
        if total > LARGEST_FILE:
            raise WrongFile(file=path.name, reason=f"the file is larger than {LARGEST_FILE // 1024 // 1024} MB")
        with path.open("rb") as raw:
            file = _narrow(raw)
            head = file.read(HEAD)
            file.seek(0)
            if not head.strip(b"\x00\x1a \t\r\n").removeprefix(codecs.BOM_UTF8):
                raise WrongFile(file=path.name, reason="the file is empty")
            is_exchange = _first_words(head).startswith(SIGNATURE.lower().encode())
            codings = _codings(file, is_exchange, is_wide=file is not raw, notes=notes)
            lines = _lines(file, codings, lambda: progress(min(raw.tell(), total), total))
            for record in read_exchange(lines, own, notes) if is_exchange else read_table(lines, own, account, notes):
                documents += isinstance(record, BankDocument | OtherDocument)
                if documents > MOST_DOCUMENTS:
                    raise WrongStatement(line=record.line, reason=f"more than {MOST_DOCUMENTS} documents in one file")
                yield record
    except OSError as error:
        raise WrongFile(file=path.name, reason=(error.strerror or "cannot be read").lower()) from error
    except UnicodeError as error:
        raise WrongFile(file=path.name, reason="the file ends within a letter, or is no text") from error
    progress(total, total)


def _narrow(raw: BinaryIO) -> BinaryIO:
    """Return the file in letters of eight bits: UTF-16, as spreadsheets write it, becomes UTF-8 on the way."""
    head = raw.read(HEAD)
    raw.seek(0)
    if head.startswith(_WIDE):
        return cast(BinaryIO, codecs.EncodedFile(raw, "utf-8", "utf-16"))
    for coding, at in (("utf-16-le", 1), ("utf-16-be", 0)):
        if len(head) > len(SIGNATURE) and head[at:20:2].count(0) == len(head[at:20:2]):
            return cast(BinaryIO, codecs.EncodedFile(raw, "utf-8", coding))
    return raw


def _first_words(head: bytes) -> bytes:
    return head.removeprefix(codecs.BOM_UTF8).lstrip(b" \t\r\n").lower()


def _codings(file: BinaryIO, is_exchange: bool, is_wide: bool, notes: Notes) -> list[str]:
    """Return what the letters of each part are; several exchange files may be put into one. Leaves it at its begin."""
    if is_wide:
        notes[Lenience.CODING] += is_exchange
        return ["utf-8"]
    try:
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
            starts = [match.start() for match in _SIGNATURES.finditer(whole)] if is_exchange else []
            starts = [0, *starts[1:]]
            found = [
                _coding(whole, start, end, is_exchange, notes)
                for start, end in zip(starts, [*starts[1:], len(whole)], strict=True)
            ]
    finally:
        file.seek(0)
    return found


_SIGNATURES = re.compile(
    rb"^(?:\xef\xbb\xbf)?[ \t]*" + SIGNATURE.encode() + rb"[ \t]*\r?$", re.MULTILINE | re.IGNORECASE
)


def _coding(whole: mmap.mmap, start: int, end: int, is_exchange: bool, notes: Notes) -> str:
    """Return the coding of one part: UTF-8 where all of it is, else the one in which its words stand."""
    head = whole[start : min(end, start + LONGEST_LINE)]
    if _is_utf8(whole, start, end):
        coding = "utf-8"
    else:
        texts = {name: head.decode(name, "replace").lower() for name in CODINGS}
        coding = max(CODINGS, key=lambda name: sum(texts[name].count(word) for word in _WORDS))
    said = _CODING_LINE.search(head.decode(coding, "replace"))
    word = said[1].lower() if said else ""
    if is_exchange and not any(part in word and named == coding for part, named in _SAID.items()):
        notes[Lenience.CODING] += 1
    return coding


def _is_utf8(whole: mmap.mmap, start: int, end: int) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for at in range(start, end, PIECE):
            decoder.decode(whole[at : min(end, at + PIECE)], final=at + PIECE >= end)
    except UnicodeDecodeError:
        return False
    return True


def _lines(file: BinaryIO, codings: list[str], tell_progress: Callable[[], None]) -> Iterator[Line]:
    """Yield lines that end as on any system; letters that cannot be read stay as marks for whom they concern."""
    part, rest, number = -1, b"", 0
    while True:
        piece = file.read(PIECE)
        raws = (rest + piece).splitlines(keepends=True)
        # the last may go on in the next piece, also where only one half of its end is here
        rest = raws.pop() if piece and raws and not raws[-1].endswith(b"\n") else b""
        for raw in raws:
            number += 1
            part += _SIGNATURES.match(raw.rstrip(b"\r\n")) is not None
            if len(raw) > LONGEST_LINE:
                raise WrongStatement(line=number, reason=f"the line is longer than {LONGEST_LINE} bytes")
            coding = codings[min(max(part, 0), len(codings) - 1)]
            yield number, raw.rstrip(b"\r\n").decode(coding, "surrogateescape").lstrip("\ufeff")
        if len(rest) > LONGEST_LINE:
            raise WrongStatement(line=number + 1, reason=f"the line is longer than {LONGEST_LINE} bytes")
        tell_progress()
        if not piece:
            return
