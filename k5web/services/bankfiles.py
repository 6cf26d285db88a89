"""Files of bank statements become records: the format by the first line, the letters by the file's own word."""

import codecs
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from k5web.domain.bankcsv import read_table
from k5web.domain.bankstatement import CODINGS, SIGNATURE, BankDocument, Line, Record, read_exchange
from k5web.errors import WrongFile, WrongStatement

LARGEST_FILE = 256 * 1024 * 1024  # bytes; a year of ten thousand payments a day is less
LONGEST_LINE = 65_536  # bytes
HEAD = 4096  # bytes in which the file must say what its letters are
LINES_A_REPORT = 2_000
PIECE = 1024 * 1024

Progress = Callable[[int, int], None]  # bytes read, bytes in all


def read_statement(path: Path, account: str, progress: Progress = lambda done, total: None) -> Iterator[Record]:
    """Yield what the file says, in memory that does not grow with it; `account` is whose a table is that names none.

    Raises: WrongFile, WrongStatement naming the line.
    """
    try:
        total = path.stat().st_size
        if total > LARGEST_FILE:
            raise WrongFile(file=path.name, reason=f"the file is larger than {LARGEST_FILE // 1024 // 1024} MB")
        with path.open("rb") as file:
            head = file.read(HEAD)
            file.seek(0)
            if not head.strip():
                raise WrongFile(file=path.name, reason="the file is empty")
            is_exchange = head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(SIGNATURE.encode())
            coding = _exchange_coding(head) if is_exchange else _table_coding(file)
            lines = _lines(file, coding, total, progress)
            yield from read_exchange(lines) if is_exchange else _of_account(read_table(lines), account)
    except OSError as error:
        raise WrongFile(file=path.name, reason=(error.strerror or "cannot be read").lower()) from error
    progress(total, total)


def _exchange_coding(head: bytes) -> str:
    """Return the coding in which the head's own word «Кодировка» can be read, and what it says. Raises: WrongStatement.

    Banks that write UTF-8 often leave «Windows» standing there: what can be read counts.
    """
    for coding in dict.fromkeys(CODINGS.values()):
        text = head.decode(coding, errors="replace")
        said = next((line for line in text.splitlines() if line.strip().startswith("Кодировка=")), None)
        if said is not None:
            named = CODINGS.get(said.partition("=")[2].strip().lower())
            if named is None or named == coding or coding == "utf-8":
                return coding
            raise WrongStatement(line=text.splitlines().index(said) + 1, reason=f"{said.strip()}, but it is {coding}")
    raise WrongStatement(line=1, reason="the file does not say its letters: there is no line Кодировка=")


def _table_coding(file: BinaryIO) -> str:
    """Return UTF-8 where the whole file is, else Windows-1251."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while piece := file.read(PIECE):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1251"
    finally:
        file.seek(0)
    return "utf-8"


def _lines(file: BinaryIO, coding: str, total: int, progress: Progress) -> Iterator[Line]:
    done = 0
    for number, raw in enumerate(iter(lambda: file.readline(LONGEST_LINE + 1), b""), start=1):
        done += len(raw)
        if len(raw) > LONGEST_LINE:
            raise WrongStatement(line=number, reason=f"the line is longer than {LONGEST_LINE} bytes")
        if number == 1:
            raw = raw.removeprefix(codecs.BOM_UTF8)
        try:
            text = raw.decode(coding).rstrip("\r\n")
        except UnicodeDecodeError:
            raise WrongStatement(line=number, reason=f"letters that are not {coding}") from None
        if "\x00" in text:
            raise WrongStatement(line=number, reason="this is no text")
        if number % LINES_A_REPORT == 0:
            progress(done, total)
        yield number, text


def _of_account(records: Iterator[Record], account: str) -> Iterator[Record]:
    """Give a table's rows the account of the statement where they do not name it."""
    for record in records:
        if isinstance(record, BankDocument):
            yield record if record.payee_account else replace(record, payee_account=account)
        else:
            yield record if record.account else replace(record, account=account)
