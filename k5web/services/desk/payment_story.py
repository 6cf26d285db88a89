"""Where is my payment: all that is known of one payment in the order of time, what is missing, and what to do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from k5web.domain.bank.payment import ASSIGNED
from k5web.domain.bank.suspense import Closing
from k5web.domain.books.ledger import HOUSE, EventName, Posting
from k5web.domain.desk.payment_case import PaymentCase, PaymentFacts, case_of
from k5web.domain.incident import IncidentKind
from k5web.domain.money import Money
from k5web.domain.payments.connector import ReadsRegister
from k5web.errors import NotFound
from k5web.services.books import corrections
from k5web.services.ports import Ports, start_of_day
from k5web.storage import incidents
from k5web.storage.bank import bank_payments, closings, doubt_rows
from k5web.storage.bank.bank_payments import KeptPayment
from k5web.storage.bank.doubt_rows import Doubt
from k5web.storage.books import ledger
from k5web.storage.desk import search_rows
from k5web.storage.desk.search_rows import WentBack
from k5web.storage.payments import notice_rows, registers, top_up_rows
from k5web.storage.payments.notice_rows import KeptNotice
from k5web.storage.payments.registers import KeptLine
from k5web.storage.payments.top_up_rows import KeptTopUp
from k5web.storage.session import transactional

LISTED = 50  # notices or lines of one payment
LONGEST_NAME = 200  # signs of the origin or the key of a payment
BANK = "bank:"


class Stage(StrEnum):
    """A place where a payment leaves a trace."""

    BEGUN = "begun"
    NOTICE = "notice"
    POSTING = "posting"
    REGISTER = "register"
    BANK = "bank"
    DOUBT = "doubt"
    CLOSED = "closed"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Step:
    """One trace of a payment, and when. `of` is what left it."""

    at: datetime
    stage: Stage
    of: KeptTopUp | KeptNotice | Posting | KeptLine | KeptPayment | Doubt | Closing | WentBack


@dataclass(frozen=True, slots=True)
class Story:
    """All that is known of one payment. `owner_id` None or HOUSE: nobody's. `given`: its name at its owner's."""

    name: EventName
    owner_id: int | None
    amount: Money | None
    case: PaymentCase
    why: str
    left: Money | None
    steps: Sequence[Step]
    missing: frozenset[Stage]
    top_up: KeptTopUp | None
    posting: Posting | None
    doubt: Doubt | None
    given_to: int | None = None


@dataclass(slots=True)
class _Traces:
    """What was found so far."""

    notices: list[KeptNotice] = field(default_factory=list)
    lines: list[KeptLine] = field(default_factory=list)
    backs: list[WentBack] = field(default_factory=list)
    posting: Posting | None = None
    posted_at: datetime | None = None
    left: Money | None = None
    claimant: int | None = None
    top_up: KeptTopUp | None = None
    bank: KeptPayment | None = None
    closing: Closing | None = None
    doubt: Doubt | None = None
    difference: str = ""


@transactional
def of_number(ports: Ports, number: int) -> Story:
    """Return the story of the payment that has our number. Raises: NotFound."""
    with ports.sessions.read() as db:
        posting = NotFound.unless(ledger.find_by_number(db, number), f"payment {number}")
    return of_name(ports, posting.name, posting.owner_id)


@transactional
def of_name(ports: Ports, name: EventName, owner_id: int | None = None) -> Story:
    """Return the story of the payment of this name; that nobody told us of one is a story too.

    `owner_id`: whose event it is, where the name is one of our own.
    """
    with ports.sessions.read() as db:
        claimant = ledger.claimant(db, name) if name.is_outside else owner_id
        traces = _Traces(claimant=claimant)
        if claimant is not None:
            traces.top_up = top_up_rows.by_booked_key(db, claimant, name.origin, name.key)
        return _told(ports, name, _gathered(db, name, traces))


@transactional
def of_top_up(ports: Ports, reference: str) -> Story:
    """Return the story of a top-up, and of the payment that it became. Raises: NotFound."""
    with ports.sessions.read() as db:
        kept = top_up_rows.find(db, reference)
        name = EventName(kept.origin, kept.booked_key or kept.number)
        traces = _Traces(claimant=kept.owner_id if kept.booked_key else None, top_up=kept)
        return _told(ports, name, _gathered(db, name, traces))


@transactional
def of_doubt(ports: Ports, number: int) -> Story:
    """Return the story of a bank's payment that may be a known one. Raises: NotFound."""
    with ports.sessions.read() as db:
        doubt = NotFound.unless(doubt_rows.find(db, number), f"payment {number} in doubt")
        traces = _Traces(claimant=ledger.claimant(db, doubt.name), doubt=doubt)
        return _told(ports, doubt.name, _gathered(db, doubt.name, traces))


def _gathered(db: Session, name: EventName, traces: _Traces) -> _Traces:
    traces.notices = notice_rows.of_name(db, name, LISTED)
    if (top_up := traces.top_up) is not None and top_up.number != name.key:
        traces.notices += notice_rows.of_name(db, EventName(name.origin, top_up.number), LISTED)
    traces.lines = registers.lines_of(db, name, LISTED)
    if (owner_id := traces.claimant) is not None and (event := ledger.find_event(db, owner_id, name)) is not None:
        traces.posting = event.postings[0]
        traces.posted_at = ledger.recorded_at(db, owner_id, name)
        traces.left = corrections.left_of(db, owner_id, name)
        traces.backs = search_rows.went_back(db, owner_id, name)
        traces.difference = _difference(db, owner_id, name)
    if name.origin.startswith(BANK):
        _gather_bank(db, name, traces)
    return traces


def _gather_bank(db: Session, name: EventName, traces: _Traces) -> None:
    """Find the line of the bank's statement: what was given from suspense to its owner has it under the first name."""
    first = EventName(name.origin, name.key.removesuffix(ASSIGNED))
    owner_id = HOUSE if name != first else traces.claimant
    if owner_id is not None:
        traces.bank = bank_payments.find(db, owner_id, first)
    if owner_id == HOUSE:
        traces.closing = closings.find(db, first)
    if traces.doubt is None:
        traces.doubt = doubt_rows.known(db, first.origin, [first.key]).get(first.key)


def _difference(db: Session, owner_id: int, name: EventName) -> str:
    """Return what reconciliation found different about a payment and nobody has dealt with."""
    ends = f" {name.origin} {name.key}"
    kinds = ("missing_there", "sum_mismatch")
    open_ones = incidents.unresolved_of(
        db, owner_id, IncidentKind.REGISTER_DIFFERENCE, [f"{kind}{ends}" for kind in kinds]
    )
    return next((one.partition(" ")[0] for one in open_ones), "")


def _told(ports: Ports, name: EventName, traces: _Traces) -> Story:
    paid = [notice for notice in traces.notices if notice.kind not in {"check", "query", "cancelled"}]
    last = paid[-1] if paid else None
    facts = PaymentFacts(
        last_verdict=last.verdict if last else "",
        why=last.why if last else "",
        is_asked=any(notice.kind == "check" for notice in traces.notices),
        is_barred=traces.claimant == HOUSE and traces.posting is None and traces.bank is None,
        top_up=traces.top_up.state if traces.top_up else None,
        doubt=traces.doubt.state if traces.doubt else "",
        is_posted=traces.posting is not None,
        is_nobodys=traces.posting is not None and traces.posting.owner_id == HOUSE,
        is_given=traces.bank is not None and traces.bank.assigned_to is not None,
        is_closed=traces.closing is not None,
        left=traces.left,
        back=frozenset(one.name.origin for one in traces.backs),
        in_register=any(line.amount.minor > 0 for line in traces.lines),
        difference=traces.difference,
    )
    owner_id = traces.posting.owner_id if traces.posting else traces.top_up.owner_id if traces.top_up else None
    return Story(
        name=name,
        owner_id=owner_id,
        amount=_amount(traces),
        case=case_of(facts),
        why=facts.why,
        left=traces.left,
        steps=sorted(_steps(traces), key=lambda step: step.at),
        missing=_missing(ports, name, traces),
        top_up=traces.top_up,
        posting=traces.posting,
        doubt=traces.doubt,
        given_to=traces.bank.assigned_to if traces.bank else None,
    )


def _amount(traces: _Traces) -> Money | None:
    told = (traces.posting, traces.top_up, traces.doubt, *traces.notices, *traces.lines)
    return next((one.amount for one in told if one is not None and one.amount is not None), None)


def _steps(traces: _Traces) -> Iterable[Step]:
    if traces.top_up is not None:
        yield Step(traces.top_up.created_at, Stage.BEGUN, traces.top_up)
    for notice in traces.notices:
        yield Step(notice.at, Stage.NOTICE, notice)
    if traces.posting is not None and traces.posted_at is not None:
        yield Step(traces.posted_at, Stage.POSTING, traces.posting)
    for line in traces.lines:
        if line.at is not None:
            yield Step(line.at, Stage.REGISTER, line)
    if traces.bank is not None:
        yield Step(start_of_day(traces.bank.received_on), Stage.BANK, traces.bank)
    if traces.doubt is not None:
        yield Step(start_of_day(traces.doubt.received_on), Stage.DOUBT, traces.doubt)
    if traces.closing is not None:
        yield Step(traces.closing.closed_at, Stage.CLOSED, traces.closing)
    for back in traces.backs:
        yield Step(back.at, Stage.BACK, back)


def _missing(ports: Ports, name: EventName, traces: _Traces) -> frozenset[Stage]:
    """Return the traces that such a payment leaves when all is well, and that are not there."""
    connector = ports.connectors.of(name.origin)
    missing = set() if traces.posting else {Stage.POSTING}
    if connector is not None and not traces.notices:
        missing.add(Stage.NOTICE)
    if isinstance(connector, ReadsRegister) and not traces.lines:
        missing.add(Stage.REGISTER)
    if name.origin.startswith(BANK) and traces.bank is None and traces.doubt is None:
        missing.add(Stage.BANK)
    return frozenset(missing)
