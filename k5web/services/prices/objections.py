"""Objections to dearer plans and price lists: said before their day, on which the contract then ends by rule (B2)."""

import logging
from collections.abc import Callable, Collection

from k5web.domain.prices.objection import SUBJECTS, Change, Objection, Subject
from k5web.errors import ContractEnded, NothingToObject
from k5web.services.ports import Ports
from k5web.services.prices import contract_end, standing_objections
from k5web.services.prices.contract_end import end_contract, nothing
from k5web.services.prices.standing_objections import concerns, ending_by, is_settled, stands, told
from k5web.storage.accounts import subscribers
from k5web.storage.books import ledger
from k5web.storage.prices import objection_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)


@transactional
def announced(ports: Ports, subscriber_id: int, subjects: Collection[Subject] = SUBJECTS) -> Change | None:
    """Return the next dearer change of these that was announced to a subscriber and is not in force yet.

    What was announced of a plan that they left, or of a list that was corrected, is not theirs any more; nor is what
    they objected to before it was agreed that the contract goes on. After the contract's end nothing is.

    Raises: NotFound.
    """
    with ports.sessions.read() as db:
        subscriber = subscribers.get(db, subscriber_id)
        if subscriber.ended_at is not None:
            return None
        settled = {
            (said.subject, said.version_id) for said in objection_rows.of(db, subscriber_id) if is_settled(db, said)
        }
        found = [
            change
            for change in told(db, subscriber_id)
            if change.is_open(ports.today())
            and change.subject in subjects
            and (change.subject, change.version_id) not in settled
        ]
        coming = [change for change in found if concerns(ports, db, subscriber, change)]
    return min(coming, key=lambda change: change.effective, default=None)


@transactional
def object_to_change(ports: Ports, subscriber_id: int, actor: str, key: str | None = None) -> Objection:
    """Note that a subscriber does not take the dearer change that comes; a second objection changes nothing.

    With the `key` of the change that they saw, no other is meant. Raises: NotFound, NothingToObject, ContractEnded.
    """
    _check_goes_on(ports, subscriber_id)
    coming = announced(ports, subscriber_id, SUBJECTS if key is None else _subjects(key))
    if coming is None or key not in (None, coming.key):
        raise NothingToObject(owner_id=subscriber_id)
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, subscriber_id)  # fees are taken under it
        kept = objection_rows.add(db, Objection.to(coming, subscriber_id, ports.clock(), actor))
    facts = {"owner_id": subscriber_id, "subject": kept.subject, "version": kept.version_id}
    logger.warning("subscriber objects to a change", extra=facts)
    return kept


def said(ports: Ports, subscriber_id: int) -> Objection | None:
    """Return the subscriber's last objection that stands, until the day it ends the contract on."""
    with ports.sessions.read() as db:
        theirs = [said for said in objection_rows.of(db, subscriber_id) if stands(ports, db, said)]
    return next((each for each in reversed(theirs) if each.ends_on >= ports.today()), None)


def _check_goes_on(ports: Ports, subscriber_id: int) -> None:
    with ports.sessions.read() as db:
        if subscribers.get(db, subscriber_id).ended_at is not None:
            raise ContractEnded


def _subjects(key: str) -> list[Subject]:
    """Return of what the change with this key is, as `Change.key` says it."""
    return [subject for subject in SUBJECTS if key.startswith(f"{subject}-")]


@transactional
def take_back(ports: Ports, subscriber_id: int) -> bool:
    """Take the subscriber's standing objections back, so the contract goes on; False where there are none.

    What was agreed to so is not objected to again. Raises: NotFound.
    """
    with ports.sessions.begin() as db:
        ledger.lock_purse(db, subscriber_id)
        taken = standing_objections.settle(ports, db, subscriber_id, f"subscriber:{subscriber_id}")
    return taken > 0


@transactional
def listed(ports: Ports) -> list[tuple[Objection, bool]]:
    """Return all objections, the contract that ends first before the others, each with whether it stands."""
    with ports.sessions.read() as db:
        return [(said, stands(ports, db, said)) for said in objection_rows.every(db)]


def carry_out(ports: Ports, note_failed: Callable[[int], None] = nothing) -> int:
    """End the contracts of those whose objection has come to its day; return how many. Repeatable.

    Whoever has another plan by then has agreed to something else. What is due before that day is taken as ever.
    """
    with ports.sessions.read() as db:
        due = objection_rows.due(db, ports.today())
    return contract_end.carry_out(due, lambda said: _end_contract(ports, said), note_failed)


def _end_contract(ports: Ports, said: Objection) -> bool:
    return end_contract(ports, ending_by(said, ports.clock()), lambda db: stands(ports, db, said))
