"""The ledger looks at itself: every rule it promises, asked of the rows it has."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from k5web.domain.books.ledger import Breach
from k5web.services.ports import Ports
from k5web.storage.books import invariants as rules
from k5web.storage.books import verification_rows
from k5web.storage.books.chain_invariants import BELOW_ALL as BELOW_ALL
from k5web.storage.books.chain_invariants import LAST as LAST
from k5web.storage.books.chain_invariants import POSTINGS_AT_ONCE
from k5web.storage.books.verification_rows import Verification
from k5web.storage.session import transactional


class Step(NamedTuple):
    """How far a look has come: so many parts of so many, what the last of them found, and up to which owner all rules
    of single owners are asked (None: they all are, of everybody)."""

    done: int
    total: int
    breaches: Sequence[Breach]
    through: int | None


def unseen(_: Step) -> None:
    """Nobody looks."""


def verify(
    ports: Ports, told: Callable[[Step], None] = unseen, above: int = BELOW_ALL, at_once: int = POSTINGS_AT_ONCE
) -> list[Breach]:
    """Return every row that breaks an invariant; empty is the only good answer.

    The owners' rules are asked of the owners above one alone, and of about `at_once` postings in a transaction: nothing
    is kept open for long. `told` hears of each part when it is done, so what was cut is known and can go on.
    Raises: Unavailable.
    """
    with ports.sessions.read_behind() as db:
        parts = rules.parts(db, ports.clock(), above, at_once)
    found: list[Breach] = []
    for done, part in enumerate(parts, 1):
        with ports.sessions.read_behind() as db:
            breaches = rules.ask(db, part)
        found += breaches
        told(Step(done, len(parts), breaches, part.through))
    return found


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
