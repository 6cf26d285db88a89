"""Files that staff send: larger than any form, for the views that say so and for whoever is logged in."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath
from typing import IO, Any, Final

from flask import request

from k5web.domain.desk.job import LONGEST_NAME
from k5web.errors import WrongFile, WrongUpload
from k5web.web.desk.door import bp, known_staff

LARGEST: Final = 32 * 1024 * 1024  # bytes of one request
LARGEST_TEXT: Final = 256 * 1024  # bytes of a file that goes with another one
BUFFERED: Final = 512 * 1024  # bytes of a request that are read ahead, its fields among them; files go to the disk
VIEWS: Final = {"desk.deck_upload", "desk.plan_upload", "desk.load_register", "desk.load_statement"}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was handed in, for the worker to read. Units: `size` bytes."""

    name: str
    file: IO[bytes]
    size: int


@bp.url_value_preprocessor
def _allow_file(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Let a file through before the form is read; a stranger's form stays as small as everywhere."""
    if endpoint in VIEWS and request.method == "POST" and known_staff() is not None:
        request.max_content_length = LARGEST
        request.max_form_memory_size = BUFFERED


def sent_text(field: str) -> tuple[str, str] | None:
    """Return name and text of a small file of the form, None where none was chosen. Raises: WrongFile, WrongUpload."""
    sent = request.files.get(field)
    if sent is None or not sent.filename:
        return None
    name, content = _name(sent.filename), sent.stream.read(LARGEST_TEXT + 1)
    if len(content) > LARGEST_TEXT:
        raise WrongFile(file=name, reason=f"it has more than {LARGEST_TEXT} bytes")
    if not content.strip():
        raise WrongFile(file=name, reason="the file is empty")
    try:
        return name, content.decode()
    except UnicodeDecodeError as error:
        raise WrongFile(file=name, reason=str(error)) from error


def nothing(name: str) -> Upload:
    """Return no file, under the name of one that is kept already."""
    return Upload(name, BytesIO(), 0)


def read_upload(field: str = "file") -> Upload:
    """Return a file of the form that is not read here. Raises: WrongUpload."""
    sent = request.files.get(field)
    if sent is None or not sent.filename:
        raise WrongUpload(why="none")
    name = _name(sent.filename)
    size = sent.stream.seek(0, 2)
    sent.stream.seek(0)
    if size == 0:
        raise WrongUpload(why="empty")
    return Upload(name, sent.stream, size)


def _name(sent: str) -> str:
    """Return the name of a file without folders. Raises: WrongUpload for one that nobody can read."""
    name = PurePath(sent.replace("\\", "/")).name
    if not (name.isprintable() and 1 <= len(name) <= LONGEST_NAME):
        raise WrongUpload(why="name")
    return name
