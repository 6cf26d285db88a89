"""The contract is accepted by registering, by using a service or by paying enough; once a version (B1).

What is used or paid stands in the books for ever with its time, so nothing is added to the path of money: the worker
reads there who has accepted what, and a repeat finds it accepted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from k5web.domain.accounts.contract import DOCUMENT_KINDS, Acceptance, AcceptedBy, DocumentVersion, in_force
from k5web.domain.money import Money
from k5web.services.accounts import documents
from k5web.services.ports import Ports
from k5web.storage.accounts import acceptance_rows, document_rows
from k5web.storage.accounts.acceptance_rows import InForce
from k5web.storage.session import transactional

OWNERS_AT_ONCE = 100
LOOKED_AT = timedelta(days=7)  # how long after its time a version is still looked for in the books


@dataclass(frozen=True, slots=True)
class Contract:
    """Under which documents a subscriber is. `accepted`: the newest first. `coming`: announced, not in force yet."""

    accepted: tuple[Acceptance, ...]
    in_force: tuple[DocumentVersion, ...]
    coming: tuple[DocumentVersion, ...]

    def of(self, version: DocumentVersion) -> Acceptance | None:
        """Return how a version was accepted, None where it was not."""
        return next((each for each in self.accepted if each.version.id == version.id), None)


def by_registration(ports: Ports, db: Session, owner_id: int) -> None:
    """Keep that somebody registered under the documents in force, in the transaction that makes them a subscriber."""
    versions = [version.id for version in documents.current(ports, document_rows.versions(db))]
    acceptance_rows.accept(db, owner_id, versions, ports.clock(), "registration")


@transactional
def show(ports: Ports, owner_id: int) -> Contract:
    """Return under which contract a subscriber is, also where the worker has not written it down yet."""
    with ports.sessions.read() as db:
        accepted = acceptance_rows.of_owner(db, owner_id)
        published = document_rows.versions(db)
        current = documents.current(ports, published)
        known = {each.version.id for each in accepted}
        for version in current:
            done = {} if version.id in known else _conduct(ports, db, [owner_id], version, None)
            accepted += [Acceptance(version, *how) for how in done.values()]
    newest_first = sorted(accepted, key=lambda each: (each.at, each.version.id), reverse=True)
    return Contract(tuple(newest_first), tuple(current), tuple(documents.coming(ports, published)))


def by_conduct(ports: Ports) -> int:
    """Keep who accepted a version by a use or a payment; return how many. Any number of workers may run it."""
    return sum(_accept_all(ports, version, until) for version, until in _times(ports))


def _times(ports: Ports) -> Iterator[tuple[DocumentVersion, datetime | None]]:
    """Yield the versions that have begun, each with the moment of the next one, but those long out of force."""
    now = ports.clock()
    published = documents.listed(ports)
    for kind in DOCUMENT_KINDS:
        begun = [each for each in published if each.document.kind == kind and each.effective_from <= now]
        for version, later in zip(begun, [*begun[1:], None], strict=False):
            until = later.effective_from if later else None
            if until is None or now < until + LOOKED_AT:
                yield version, until


def _accept_all(ports: Ports, version: DocumentVersion, until: datetime | None) -> int:
    done = after = 0
    while owners := _moved(ports, version, after):
        done += _accept(ports, owners, version, until)
        after = owners[-1]
    return done


@transactional
def _moved(ports: Ports, version: DocumentVersion, after: int) -> list[int]:
    with ports.sessions.read() as db:
        first_day = documents.first_day(version)
        return acceptance_rows.moved_without(db, version.id, first_day, after, OWNERS_AT_ONCE)


@transactional
def _accept(ports: Ports, owners: list[int], version: DocumentVersion, until: datetime | None) -> int:
    with ports.sessions.read() as db:
        done = _conduct(ports, db, owners, version, until)
    if not done:
        return 0
    with ports.sessions.begin() as db:
        return sum(acceptance_rows.accept(db, owner_id, [version.id], *how) for owner_id, how in done.items())


def _conduct(
    ports: Ports, db: Session, owners: list[int], version: DocumentVersion, until: datetime | None
) -> dict[int, tuple[datetime, AcceptedBy]]:
    """Return how each of these owners accepted a version; nobody accepts it before it is published."""
    since = max(version.effective_from, version.published_at)
    time = InForce(since, until, documents.first_day(version), _least(ports, db, version))
    return acceptance_rows.first_conduct(db, owners, time)


def _least(ports: Ports, db: Session, version: DocumentVersion) -> tuple[Money, ...]:
    """Return the least payments that accept a version: the offer's, where the document names none of its own."""
    if version.document.minimum:
        return version.document.minimum
    offer = in_force(document_rows.versions(db, "offer"), ports.clock())
    return offer.document.minimum if offer else ()
