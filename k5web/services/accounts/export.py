"""Everything that is kept of a subscriber, as a file of theirs: JSON, a table after the other."""

import json
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from typing import BinaryIO, cast

from sqlalchemy.orm import Session

from k5web.domain.throttle import Throttle
from k5web.services.ports import Ports
from k5web.storage import throttles
from k5web.storage.accounts import owned_rows
from k5web.storage.session import transactional

EXPORTING = Throttle(every=timedelta(minutes=1), at_once=3)  # of one subscriber: a file may be long


@transactional
def export(ports: Ports, owner_id: int) -> BinaryIO:
    """Return all rows of a subscriber as a file of JSON that nobody else can open and that goes when it is closed.

    It is whole before anything of it is sent, and never whole in memory. Sums are in minor units, moments in UTC.
    Raises: TooOften.
    """
    with ports.sessions.begin() as db:
        throttles.book(db, "export", str(owner_id), EXPORTING, ports.clock())
    file = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - the caller closes it
    with ports.sessions.read() as db:
        file.write(f'{{\n"exported_at": "{ports.clock().isoformat()}"'.encode())
        file.writelines(text.encode() for text in _texts(db, owner_id))
    file.seek(0)
    return file


def _texts(db: Session, owner_id: int) -> Iterator[str]:
    """Yield the tables, row by row."""
    for name, rows in owned_rows.given(db, owner_id):
        yield f',\n"{name}": ['
        for n, row in enumerate(rows):
            yield ("," if n else "") + "\n" + json.dumps(row, ensure_ascii=False)
        yield "]"
    yield "\n}\n"
