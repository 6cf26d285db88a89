"""The ledger looks at itself: every rule it promises, asked of the rows it has."""

from k5web.domain.books.ledger import Breach
from k5web.services.ports import Ports
from k5web.storage.books import invariants as rules
from k5web.storage.session import transactional


@transactional
def verify(ports: Ports) -> list[Breach]:
    """Return every row that breaks an invariant; empty is the only good answer. Raises: Unavailable."""
    with ports.sessions.read() as db:
        return list(rules.find_breaches(db, ports.clock()))
