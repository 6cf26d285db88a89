"""Each day of each provider's registers beside the ledger: counted, shown line by line, and what differs resolved.

A difference is asked of the database each time, so one that ended by itself (a notice came late, another register
named it) is gone. What a person said about one is kept under its name, and it does not alarm again.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy.orm import Session

from k5web.domain.books.ledger import EventName
from k5web.domain.incident import IncidentKind
from k5web.domain.money import Money
from k5web.domain.payments.connector import PaymentConnector, ReadsRegister
from k5web.domain.payments.register import RegisterVerdict, zone_of
from k5web.domain.payments.register_day import (
    DIFFERENCES,
    DifferenceName,
    Figure,
    HowResolved,
    RegisterDay,
    RegisterPair,
    Resolution,
)
from k5web.domain.reason import checked_reason
from k5web.domain.workday import LATE_AFTER_DAYS, working_day_after
from k5web.errors import AlreadyThere, NotFound, WrongResolution
from k5web.services.ports import Ports
from k5web.storage import incidents
from k5web.storage.payments import register_days, registers
from k5web.storage.payments.register_days import Span
from k5web.storage.payments.registers import Booked
from k5web.storage.session import transactional

COUNTED_DAYS: Final = 35  # back from today, kept by the worker
ONE_DAY: Final = timedelta(days=1)
A_PAGE: Final = 50
AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decides about a difference. `owner_id`: whom to credit, where it is credited."""

    name: DifferenceName
    day: date
    how: HowResolved
    reason: str
    actor: str
    owner_id: int | None = None


def origins(ports: Ports) -> list[str]:
    """Return the providers that have registers, by their origins."""
    return sorted(one.origin for one in ports.connectors if isinstance(one, ReadsRegister))


def kept_days(ports: Ports, first: date, last: date, origin: str | None = None) -> list[RegisterDay]:
    """Return what was counted of these days last, the newest first."""
    with ports.sessions.read() as db:
        return register_days.days(db, first, last, origin)


@transactional
def differences(ports: Ports, origin: str, day: date) -> list[RegisterPair]:
    """Return what differs on a day, resolved or not, as it is now. Raises: NotFound (no such provider)."""
    connector, span = _span(ports, origin, day)
    with ports.sessions.read() as db:
        return list(_differences(db, connector, span, is_told=register_days.is_told(db, span, day)))


@transactional
def confirmed(ports: Ports, origin: str, day: date, after: str = "") -> list[RegisterPair]:
    """Return some payments of a day on which both agree, by their keys, those after one of them. Raises: NotFound."""
    _, span = _span(ports, origin, day)
    with ports.sessions.read() as db:
        return register_days.pairs(db, span, [RegisterVerdict.CONFIRMED], after, A_PAGE)


@transactional
def late(ports: Ports, origin: str, day: date) -> list[RegisterPair]:
    """Return the payments of a day that were credited more than three working days after (B4). Raises: NotFound."""
    _, span = _span(ports, origin, day)
    with ports.sessions.read() as db:
        return register_days.late(db, span, "", AT_ONCE)


@transactional
def resolutions(ports: Ports, origin: str, day: date) -> list[Resolution]:
    """Return what was said about differences of a day, the newest first."""
    with ports.sessions.read() as db:
        return register_days.resolutions_of_day(db, origin, day)


@transactional
def count(ports: Ports, origin: str, day: date) -> RegisterDay:
    """Count a day anew and keep what it comes to. Raises: NotFound."""
    connector, span = _span(ports, origin, day)
    with ports.sessions.begin() as db:
        counted = _count(db, connector, span, day)
        register_days.save(db, counted, ports.clock())
    return counted


def count_due(ports: Ports) -> int:
    """Count the last days that were not counted, had no register, or have differences; return how many."""
    counted = 0
    for origin in origins(ports):
        connector, _ = _span(ports, origin, ports.today())
        today = ports.clock().astimezone(zone_of(connector, connector.partner.currency)).date()
        first = today - COUNTED_DAYS * ONE_DAY
        settled = {one.day for one in kept_days(ports, first, today, origin) if one.is_told and not one.unresolved}
        for day in (first + n * ONE_DAY for n in range(COUNTED_DAYS)):
            if day not in settled:
                count(ports, origin, day)
                counted += 1
    return counted


@transactional
def open_difference(ports: Ports, decision: Decision) -> RegisterPair:
    """Return the difference that a decision is about, as it is now.

    Raises: NotFound (it does not differ any more), AlreadyThere (it was resolved), WrongResolution, WrongReason.
    """
    with ports.sessions.read() as db:
        return _open_difference(ports, db, decision)


def resolve(ports: Ports, decision: Decision) -> Resolution:
    """Write down what a person decided about a difference; no money moves. Raises: what `open_difference` does."""
    if decision.how is HowResolved.CREDITED:
        raise WrongResolution(verdict=decision.name.verdict.value, how=decision.how.value)
    done = _resolve(ports, decision)
    count(ports, decision.name.origin, decision.day)
    return done


def note_credited(
    ports: Ports, db: Session, credited: EventName, day: date, amount: Money, reason: str, actor: str
) -> None:
    """Write down, in the transaction that credits it, that a payment which only they have was credited.

    Raises: AlreadyThere.
    """
    name = DifferenceName(credited.origin, credited.key, RegisterVerdict.MISSING_HERE)
    _keep(db, Resolution(name, HowResolved.CREDITED, reason, day, amount, None, actor, ports.clock()))


@transactional
def _resolve(ports: Ports, decision: Decision) -> Resolution:
    with ports.sessions.begin() as db:
        pair = _open_difference(ports, db, decision)
        reason, now = checked_reason(decision.reason), ports.clock()
        done = Resolution(
            decision.name, decision.how, reason, decision.day, pair.theirs, pair.ours, decision.actor, now
        )
        _keep(db, done)
    return done


def _keep(db: Session, said: Resolution) -> None:
    if not register_days.resolve(db, said):
        raise AlreadyThere(what=f"what was said about {said.name.key}")
    incidents.resolve(db, IncidentKind.REGISTER_DIFFERENCE, incident_of(said.name), said.at, said.actor)


def _open_difference(ports: Ports, db: Session, decision: Decision) -> RegisterPair:
    name = decision.name
    connector, span = _span(ports, name.origin, decision.day)
    checked_reason(decision.reason)
    pair = _pair(db, connector, span, decision)
    if pair.resolution is not None:
        raise AlreadyThere(what=f"what {pair.resolution.actor} said about {name.key}")
    if decision.how not in pair.choices:
        raise WrongResolution(verdict=name.verdict.value, how=decision.how.value)
    return pair


def incident_of(name: DifferenceName) -> str:
    """Return the reference of the incident that lists a difference."""
    back = " back" if name.is_back and name.verdict is RegisterVerdict.MISSING_THERE else ""
    return f"{name.verdict}{back} {name.origin} {name.key}"


def _pair(db: Session, connector: PaymentConnector, span: Span, decision: Decision) -> RegisterPair:
    """Return a difference as it is now. Raises: NotFound."""
    name = decision.name
    if name.is_back or name.verdict is RegisterVerdict.MISSING_THERE:
        told = register_days.is_told(db, span, decision.day)
        found = [one for one in _of_ours_and_back(db, connector, span, is_told=told) if one.name == name]
    else:
        found = [one for one in register_days.pairs(db, span, [name.verdict]) if one.name == name]
    return NotFound.unless(found[0] if found else None, f"such difference about {name.key} any more")


def _span(ports: Ports, origin: str, day: date) -> tuple[PaymentConnector, Span]:
    """Return a provider and its day, by its own clock. Raises: NotFound."""
    connector = ports.connectors.of(origin)
    if connector is None or not isinstance(connector, ReadsRegister):
        raise NotFound(what=f"partner '{origin}' with registers")
    currency = connector.partner.currency
    zone = zone_of(connector, currency)
    since, until, late_from = (
        datetime.combine(of, time(), zone)
        for of in (day, day + ONE_DAY, working_day_after(day, LATE_AFTER_DAYS) + ONE_DAY)
    )
    return connector, Span(origin, currency, since, until, late_from)


def _count(db: Session, connector: PaymentConnector, span: Span, day: date) -> RegisterDay:
    is_told = register_days.is_told(db, span, day)
    figures = defaultdict(Figure, register_days.figures(db, span))
    unresolved = 0
    for pair in _differences(db, connector, span, is_told=is_told):
        if pair.name.is_back or pair.name.verdict is RegisterVerdict.MISSING_THERE:
            figures[pair.name.verdict] = figures[pair.name.verdict].plus(pair)
        unresolved += pair.resolution is None and is_told
    late_ones = register_days.count_late(db, span)
    return RegisterDay(day, span.origin, span.currency, is_told, unresolved, late_ones, dict(figures))


def _differences(db: Session, connector: PaymentConnector, span: Span, *, is_told: bool) -> Iterator[RegisterPair]:
    """Yield what differs. Of a day without its register all payments are only ours, and none is a difference yet."""
    yield from register_days.pairs(db, span, DIFFERENCES)
    yield from _of_ours_and_back(db, connector, span, is_told=is_told)


def _of_ours_and_back(db: Session, connector: PaymentConnector, span: Span, *, is_told: bool) -> Iterator[RegisterPair]:
    """Yield the differences that no line of a payment shows: only ours, and about money that went back."""
    assert isinstance(connector, ReadsRegister)
    yield from _only_ours(db, span)
    if not is_told:
        return
    yield from _wrongly_back(db, span)
    if connector.tells_back:
        yield from _back_only_ours(db, span)


def _only_ours(db: Session, span: Span) -> Iterator[RegisterPair]:
    last: Booked | None = None
    while batch := registers.unlisted(db, span.origin, span.since, span.until, last, AT_ONCE):
        yield from _said(db, span, [_ours(span, booked, None) for booked in batch])
        last = batch[-1]


def _back_only_ours(db: Session, span: Span) -> Iterator[RegisterPair]:
    last: Booked | None = None
    while batch := registers.went_back(db, span.origin, span.since, span.until, last, AT_ONCE):
        told = registers.told_back(db, span.origin, {booked.key for booked in batch})
        differing = [booked for booked in batch if told.get(booked.key, 0) > booked.amount.minor]
        yield from _said(db, span, [_ours(span, one, told.get(one.key, 0), is_back=True) for one in differing])
        last = batch[-1]


def _ours(span: Span, booked: Booked, told: int | None, *, is_back: bool = False) -> RegisterPair:
    name = DifferenceName(span.origin, booked.key, RegisterVerdict.MISSING_THERE, is_back)
    theirs = Money(told, span.currency) if told else None
    return RegisterPair(name, theirs, booked.amount, booked.occurred_at, booked.owner_id, booked.recorded_at)


def _wrongly_back(db: Session, span: Span) -> Iterator[RegisterPair]:
    """Yield what the registers of a day took back and the ledger did not, or not so much."""
    by_lines = register_days.took_back(db, span)
    keys = list(by_lines)
    for at in range(0, len(keys), AT_ONCE):
        some = keys[at : at + AT_ONCE]
        ours, back = registers.booked(db, span.origin, some), registers.gone_back(db, span.origin, some)
        told = Counter(registers.told_back(db, span.origin, some))
        found = []
        for key in some:
            theirs = Money(min(told[key], by_lines[key]), span.currency)
            verdict = _verdict_of_back(theirs, back.get(key), is_here=key in ours)
            if verdict is not RegisterVerdict.CONFIRMED:
                booked = ours.get(key)
                name = DifferenceName(span.origin, key, verdict, is_back=True)
                owner_id = booked.owner_id if booked else None
                found.append(RegisterPair(name, theirs, back.get(key), span.since, owner_id))
        yield from _said(db, span, found)


def _verdict_of_back(theirs: Money, back: Money | None, *, is_here: bool) -> RegisterVerdict:
    if back is None:  # cancelled before it came here: nothing to take back
        return RegisterVerdict.MISSING_HERE if is_here else RegisterVerdict.CONFIRMED
    is_same = back.currency == theirs.currency and back.minor <= theirs.minor
    return RegisterVerdict.CONFIRMED if is_same else RegisterVerdict.SUM_MISMATCH


def _said(db: Session, span: Span, pairs: Sequence[RegisterPair]) -> Iterator[RegisterPair]:
    """Yield differences with what was said about each."""
    said = register_days.resolutions(db, span.origin, [pair.name.key for pair in pairs]) if pairs else {}
    for pair in pairs:
        yield replace(pair, resolution=said.get(pair.name))
