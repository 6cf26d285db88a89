"""The ledger looks at itself: every rule it promises, asked of the rows it has."""

from collections.abc import Callable, Sequence

from k5web.domain.books.ledger import Breach
from k5web.services.ports import Ports
from k5web.storage.books import invariants as rules
from k5web.storage.books import verification_rows
from k5web.storage.books.verification_rows import Verification
from k5web.storage.session import transactional


@transactional
def verify(ports: Ports, told: Callable[[int, int], None] = rules.no_progress) -> list[Breach]:
    """Return every row that breaks an invariant; empty is the only good answer.

    `told` hears how many rules of how many are asked. Raises: Unavailable.
    """
    with ports.sessions.read_behind() as db:
        return list(rules.find_breaches(db, ports.clock(), told))


@transactional
def note(ports: Ports, breaches: Sequence[Breach], actor: str) -> Verification:
    """Write down how the ledger came out, for whoever asks later. Raises: Unavailable."""
    first = f"{breaches[0].invariant}  {breaches[0].where}: {breaches[0].found}" if breaches else ""
    noted = Verification(ports.clock(), actor, len(breaches), first)
    with ports.sessions.begin() as db:
        verification_rows.add(db, noted)
    return noted


@transactional
def last(ports: Ports) -> Verification | None:
    """Return how the ledger came out last; None where nobody asked it yet."""
    with ports.sessions.read() as db:
        return verification_rows.last(db)
