"""Everything that is kept of a subscriber, as a file of theirs: JSON, a table after the other."""

import io
import json
from datetime import timedelta

from k5web.domain.throttle import Throttle
from k5web.services.ports import Ports
from k5web.storage import throttles
from k5web.storage.accounts import owned_rows
from k5web.storage.session import transactional

EXPORTING = Throttle(every=timedelta(minutes=1), at_once=3)  # of one subscriber: a file may be long


@transactional
def export(ports: Ports, owner_id: int) -> str:
    """Return all rows of a subscriber as JSON. Sums are in minor units, moments in UTC. Raises: TooOften."""
    now = ports.clock()
    with ports.sessions.begin() as db:
        throttles.book(db, "export", str(owner_id), EXPORTING, now)
    text = io.StringIO()
    text.write(f'{{\n"exported_at": "{now.isoformat()}"')
    with ports.sessions.read() as db:
        for name, rows in owned_rows.given(db, owner_id):
            text.write(f',\n"{name}": [')
            for n, row in enumerate(rows):
                text.write(("," if n else "") + "\n" + json.dumps(row, ensure_ascii=False))
            text.write("]")
    text.write("\n}\n")
    return text.getvalue()
