"""Health: whether the database answers, and the figures for monitoring."""

from datetime import datetime

from sqlalchemy.orm import Session

from k5web.domain.calls.routing import is_failing, strikes
from k5web.errors import WrongLogin
from k5web.services.calls import safety
from k5web.services.calls.placing import LONG_AGO
from k5web.services.calls.routing import trunks
from k5web.services.ports import Ports
from k5web.storage import figures as stored
from k5web.storage import incidents
from k5web.storage.calls import call_rows, routes
from k5web.storage.session import is_up, transactional


def is_ready(ports: Ports) -> bool:
    """Return whether the database answers."""
    return is_up(ports.sessions)


@transactional
def figures(ports: Ports) -> dict[str, int]:
    """Return counts by their metric name. Units: as in the names."""
    now: datetime = ports.clock()
    with ports.sessions.read() as db:
        found = {f'k5_calls{{state="{state}"}}': count for state, count in stored.unfinished_calls(db).items()}
        oldest = stored.oldest_waiting(db)
        found["k5_oldest_waiting_order_seconds"] = 0 if oldest is None else int((now - oldest).total_seconds())
        found["k5_open_holds"] = stored.open_holds(db)
        found |= {f'k5_incidents{{kind="{kind}"}}': count for kind, count in incidents.counts(db).items()}
        looks = call_rows.looks(db)
        for switch in ports.switches:
            if not switch.is_read_here:
                unread = now - looks.get(switch.name, LONG_AGO)
                found[f'k5_unread_records_seconds{{switch="{switch.name}"}}'] = int(unread.total_seconds())
        found |= _trunks(ports, db)
        refused = stored.refusals(db)
        found |= {f'k5_refusals_total{{code="{of.code}"}}': refused.get(of.code, 0) for of in safety.COUNTED}
        found["k5_wrong_passwords_total"] = refused.get(WrongLogin.code, 0)
    return found


def _trunks(ports: Ports, db: Session) -> dict[str, int]:
    """Return how many trunks there are, how many fail more than by chance, and what counts against each."""
    known = {trouble.name: trouble for trouble in routes.troubles(db) if trouble.kind == "trunk"}
    counts = {
        trunk.code: strikes(known[trunk.code].failures, known[trunk.code].doubts) if trunk.code in known else 0
        for trunk in trunks(ports.switches)
    }
    found = {f'k5_trunk_strikes{{trunk="{code}"}}': count for code, count in counts.items()}
    failing = sum(is_failing("trunk", count) for count in counts.values())
    return found | {"k5_trunks": len(counts), "k5_trunks_failing": failing}
