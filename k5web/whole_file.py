"""A file that appears when all of it is written: whoever finds its name finds the whole of it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


@contextmanager
def appearing(out: Path, encoding: str = "utf-8", errors: str = "strict") -> Iterator[TextIO]:
    """Open a file that takes its name when all of it is on the disk, and leaves nothing behind where it fails."""
    if out.exists() and not out.is_file():  # a terminal, a pipe: it cannot be replaced, only written to
        with out.open("w", newline="", encoding=encoding, errors=errors) as target:
            yield target
        return
    out = out.resolve()  # only now: a link of /dev to a pipe leads nowhere
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        with part.open("w", newline="", encoding=encoding, errors=errors) as target:
            yield target
            target.flush()
            os.fsync(target.fileno())
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
