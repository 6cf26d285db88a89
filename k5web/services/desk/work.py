"""What waits for a person, asked of every subject: when it is due is the subject's own rule."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from k5web.domain.desk import work as rules
from k5web.domain.desk.proposal import ProposalState
from k5web.domain.desk.work import WorkCount, WorkItem, WorkKind
from k5web.domain.reason import checked_reason
from k5web.domain.workday import credited_by
from k5web.errors import NotFound
from k5web.services.accounts import advances, blocking, endings
from k5web.services.bank import doubtful_payments, suspense
from k5web.services.books import acts, claims
from k5web.services.calls import staff_view
from k5web.services.desk import proposals
from k5web.services.messaging import delivery
from k5web.services.ports import Ports
from k5web.services.prices import objections
from k5web.storage.desk import work_tick_rows
from k5web.storage.session import transactional

logger = logging.getLogger(__name__)

PAGE: Final = 50
AT_MOST: Final = 1000  # of one kind: more is no list that anybody works through
SHOWN_FOR: Final = timedelta(days=14)  # a message that did not arrive and that nobody ticks off
TICKED: Final = frozenset({WorkKind.MESSAGE, WorkKind.ACT})  # what is done when somebody says so

BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)

Source = Callable[[Ports], Iterable[WorkItem]]


def listed(ports: Ports, kind: WorkKind | None = None, after: str = "") -> list[WorkItem]:
    """Return what waits, of one kind or of all, below a place in the list; one more than a page if there are more."""
    today = ports.today()
    items = rules.in_order(_found(ports, [kind] if kind else WorkKind), today)
    return [item for item in items if item.place(today) > after][: PAGE + 1]


def counts(ports: Ports) -> list[WorkCount]:
    """Return how many things of each kind wait, and how many are overdue."""
    return rules.counted(_found(ports, WorkKind), ports.today())


@transactional
def tick(ports: Ports, kind: WorkKind, owner_id: int, key: str, reason: str, actor: str) -> None:
    """Note that somebody has dealt with a message or an act that waits.

    Raises: NotFound (nothing waits, or somebody has dealt with it before), WrongReason.
    """
    text = checked_reason(reason)
    known = (item for item in _found(ports, {kind} & TICKED) if (item.owner_id, item.key) == (owner_id, key))
    item = NotFound.unless(next(known, None), f"{kind} {key[:40]}")
    with ports.sessions.begin() as db:
        is_new = work_tick_rows.add(db, kind, item.owner_id, item.key, text, actor, ports.clock())
    if is_new:
        logger.info("ticked off", extra={"kind": kind, "owner_id": owner_id, "actor": actor})


def _found(ports: Ports, kinds: Iterable[WorkKind]) -> Iterator[WorkItem]:
    for source in dict.fromkeys(SOURCES[kind] for kind in kinds):
        yield from (item for item in source(ports) if item.kind in kinds)


def _incidents(ports: Ports) -> Iterator[WorkItem]:
    for each in staff_view.open_incidents(ports, AT_MOST):
        facts = {"kind": each.kind, "reference": each.reference, "facts": each.facts}
        yield WorkItem(
            WorkKind.INCIDENT, each.owner_id, f"{each.kind} {each.reference}", ports.day_of(each.at), None, facts
        )


def _claims(ports: Ports) -> Iterator[WorkItem]:
    for each in claims.waiting(ports):
        kind = WorkKind.CLAIM if each.answered_at is None else WorkKind.CLAIM_PAYMENT
        amount = each.disputed if each.given is None else each.given
        since = ports.day_of(each.answered_at or each.opened_at)
        yield WorkItem(kind, each.owner_id, f"{each.n:09d}", since, each.deadline, {"n": each.n, "amount": amount})


def _advances(ports: Ports) -> Iterator[WorkItem]:
    for each in advances.waiting(ports):
        since = ports.day_of(each.applied_at)
        yield WorkItem(WorkKind.ADVANCE, each.owner_id, f"{each.n}", since, each.due_on, {"amount": each.amount})


def _suspense(ports: Ports) -> Iterator[WorkItem]:
    for each in suspense.longest_waiting(ports, AT_MOST):
        facts = {"number": each.number, "amount": each.amount}
        yield WorkItem(WorkKind.SUSPENSE, 0, f"{each.number}", each.received_on, credited_by(each.received_on), facts)


def _doubts(ports: Ports) -> Iterator[WorkItem]:
    for each in doubtful_payments.doubtful(ports):
        doubt = each.doubt
        facts = {"number": doubt.number, "amount": doubt.amount}
        yield WorkItem(WorkKind.DOUBT, 0, f"{doubt.number}", doubt.received_on, credited_by(doubt.received_on), facts)


def _overdue(ports: Ports) -> Iterator[WorkItem]:
    for each in blocking.overdue(ports):
        yield WorkItem(WorkKind(each.why), each.owner_id, each.why, each.since, each.borne_until)


def _endings(ports: Ports) -> Iterator[WorkItem]:
    for each in endings.listed(ports):
        since = ports.day_of(each.applied_at)
        yield WorkItem(WorkKind.ENDING, each.owner_id, f"{each.n}", since, each.last_day, {"why": each.why})


def _objections(ports: Ports) -> Iterator[WorkItem]:
    for said, stands in objections.listed(ports):
        if stands:
            last = said.ends_on - timedelta(days=1)  # until then something else may be agreed
            key = f"{said.subject} {said.version_id}"
            facts = {"what": said.what, "ends_on": said.ends_on}
            yield WorkItem(WorkKind.OBJECTION, said.owner_id, key, ports.day_of(said.objected_at), last, facts)


def _originals(ports: Ports) -> Iterator[WorkItem]:
    for each in acts.originals(ports):
        since = ports.day_of(each.wanted_at)
        yield WorkItem(WorkKind.ORIGINAL, each.owner_id, each.address, since, None, {"month": each.month})


def _acts(ports: Ports) -> Iterator[WorkItem]:
    done = _ticked(ports, WorkKind.ACT, BEGINNING)
    for owner_id, month in acts.left_behind_lately(ports):
        if (owner_id, f"{month}") in done:
            continue
        yield WorkItem(WorkKind.ACT, owner_id, f"{month}", month, None, {"month": month})


def _messages(ports: Ports) -> Iterator[WorkItem]:
    begin = ports.clock() - SHOWN_FOR
    done = _ticked(ports, WorkKind.MESSAGE, begin)
    for each in delivery.undelivered(ports, begin, AT_MOST):
        if (each.owner_id, each.id) in done:
            continue
        since = ports.day_of(each.created_at)
        yield WorkItem(WorkKind.MESSAGE, each.owner_id, each.id, since, None, {"what": each.kind, "state": each.state})


@transactional
def _ticked(ports: Ports, kind: WorkKind, since: datetime) -> set[tuple[int, str]]:
    with ports.sessions.read() as db:
        return work_tick_rows.ticked(db, kind, since)


def _proposals(ports: Ports) -> Iterator[WorkItem]:
    for each in proposals.page(ports, ProposalState.WAITING):
        since, until = ports.day_of(each.proposed_at), ports.day_of(each.expires_at)
        facts = {"n": each.id, "what": each.wish.kind, "by": each.proposed_by, "amount": each.wish.amount}
        yield WorkItem(WorkKind.PROPOSAL, each.wish.owner_id or 0, f"{each.id:09d}", since, until, facts)


SOURCES: Final[Mapping[WorkKind, Source]] = {
    WorkKind.INCIDENT: _incidents,
    WorkKind.CLAIM: _claims,
    WorkKind.CLAIM_PAYMENT: _claims,
    WorkKind.ADVANCE: _advances,
    WorkKind.SUSPENSE: _suspense,
    WorkKind.DOUBT: _doubts,
    WorkKind.BREACH: _overdue,
    WorkKind.DEBT: _overdue,
    WorkKind.ENDING: _endings,
    WorkKind.OBJECTION: _objections,
    WorkKind.ORIGINAL: _originals,
    WorkKind.ACT: _acts,
    WorkKind.MESSAGE: _messages,
    WorkKind.PROPOSAL: _proposals,
}
