"""A month on a plan: a file of uses is priced line by line, with the fees of the plan, its options and services."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path

from k5web.domain.money import Money
from k5web.domain.prices.allowances import AllowanceBook
from k5web.domain.prices.deck_cells import shown
from k5web.domain.prices.plan import Plan
from k5web.domain.prices.plan_rating import Part, RatedUse
from k5web.domain.prices.rating import share_of
from k5web.domain.prices.usage import Every, Kind, UsageEvent
from k5web.errors import K5Error, NotInPlan
from k5web.services.ports import start_of_day
from k5web.services.prices.dated_plans import DatedPlan
from k5web.services.prices.usage_file import Row, WrongRow, read_rows

_UNITS = {"SEC": "s", "SMS": "parts", "KB": "KB"}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the file as it was priced; `charge` is None where it could not be."""

    at: str
    kind: str
    charge: Money | None
    why: str


@dataclass(frozen=True, slots=True)
class FeeLine:
    """A fee that was due."""

    at: datetime
    what: str
    charge: Money


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a month costs on a plan."""

    currency: str
    lines: tuple[Line, ...]
    fees: tuple[FeeLine, ...]

    @property
    def total(self) -> Money:
        """All charges and fees."""
        charges = [line.charge for line in self.lines if line.charge] + [fee.charge for fee in self.fees]
        return sum(charges, Money(0, self.currency))

    @property
    def failed(self) -> int:
        """How many rows could not be priced."""
        return sum(line.charge is None for line in self.lines)


@dataclass(slots=True)
class _Seen:
    """What the uses have shown so far, from which fees follow."""

    months: dict[date, None] = field(default_factory=dict)
    days: dict[date, None] = field(default_factory=dict)
    options: dict[tuple[str, date], datetime] = field(default_factory=dict)  # option and period: since when
    pieces: dict[str, int] = field(default_factory=dict)  # of a service, so far
    services: dict[tuple[str, date], int] = field(default_factory=dict)  # service and month of its order: pieces paid


def simulate(plan: DatedPlan, path: Path, own_number: str = "") -> Simulation:
    """Return what the uses of a file cost on a plan, with the fees of the months that they lie in.

    Each use and each fee is priced by the version of its day. The plan is held all month; an option is paid for the
    days, or the months, in which a use names it.
    Raises: WrongFile. A row that cannot be priced keeps its place and its reason.
    """
    rows = list(read_rows(path))
    found = [_line(row, None, "") for row in rows]
    events = []
    for n, row in enumerate(rows):
        try:
            events.append((row.use(), n))
        except WrongRow as wrong:
            found[n] = _line(row, None, str(wrong))
    book, seen = AllowanceBook(plan.plan_on), _Seen()
    for event, n in sorted(events, key=lambda entry: entry[0].at):  # allowances are used up in the order of time
        found[n] = _priced(rows[n], event, plan, book, seen, own_number)
    currency = plan.plan_on(max(seen.days, default=date.max)).currency
    return Simulation(currency, tuple(found), tuple(_fees(plan, seen)))


def _priced(row: Row, event: UsageEvent, plan: DatedPlan, book: AllowanceBook, seen: _Seen, own_number: str) -> Line:
    try:
        terms = plan.on(event.at.date())
        _check_options(terms.plan, event)
        _note(terms.plan, event, seen)
        if event.kind is Kind.SERVICE:
            return _line(row, *_service(terms.plan, event, seen))
        use = terms.meter.rate(event, book.left(event), own_number)
        book.take(use.used)
        return _line(row, use.charge, explain(use, terms.version))
    except K5Error as error:
        if error.status >= 500:
            raise  # our own trouble, not the row's
        return _line(row, None, str(error))


def _check_options(plan: Plan, event: UsageEvent) -> None:
    """Raises: NotInPlan where an option is unknown or another takes its place."""
    named = event.options | event.unpaid
    for code in sorted(named):
        option = plan.options.get(code)
        if option is None:
            close = get_close_matches(code[:40], plan.options, n=1)
            raise NotInPlan(plan=plan.code, what=f"option '{shown(code)}'{f', perhaps {close[0]}' if close else ''}")
        for other in sorted(option.excludes & named):
            raise NotInPlan(plan=plan.code, what=f"{code} and {other} at once: one takes the place of the other")


def _note(plan: Plan, event: UsageEvent, seen: _Seen) -> None:
    day = event.at.date()
    seen.months[day.replace(day=1)] = None
    seen.days[day] = None
    for code in sorted(event.options):
        seen.options.setdefault((code, plan.options[code].fee.every.began(day)), event.at)


def _service(plan: Plan, event: UsageEvent, seen: _Seen) -> tuple[Money, str]:
    """Return what pieces of a service cost now, and why. Raises: NotInPlan."""
    service = plan.services.get(event.to)
    if service is None:
        raise NotInPlan(plan=plan.code, what=f"service {event.to}")
    before = 0 if service.every is Every.DAY else seen.pieces.get(service.counted_as, 0)  # days count from its order
    after = before + event.quantity
    if service.most is not None and after > service.most:
        raise NotInPlan(plan=plan.code, what=f"more than {service.most} of {event.to}")
    seen.pieces[service.counted_as] = after
    paid = max(0, after - service.included) - max(0, before - service.included)
    whole = Money(service.price.minor * paid, plan.currency)
    why = f"{event.quantity} of {service.title}: {paid} at {service.price}"
    if service.every is not Every.MONTH:
        return whole, why
    day = event.at.date()
    month = day.replace(day=1)
    seen.services[service.code, month] = seen.services.get((service.code, month), 0) + paid
    length = _length(month)
    left = length - day.day + 1
    return share_of(whole, left, length), f"{why} a month, {left} of {length} days"


def _fees(plan: DatedPlan, seen: _Seen) -> Iterator[FeeLine]:
    """Yield the fees of the months and days that were used, in the order of time."""
    found = [*_own_fees(plan, seen), *_option_fees(plan, seen), *_service_fees(plan, seen)]
    yield from sorted((fee for fee in found if fee.charge.minor), key=lambda fee: fee.at)


def _own_fees(plan: DatedPlan, seen: _Seen) -> Iterator[FeeLine]:
    for every, days in ((Every.MONTH, seen.months), (Every.DAY, seen.days)):
        for day in sorted(days):
            of_day = plan.plan_on(day)
            for fee in of_day.fees:
                if fee.every is every:
                    yield FeeLine(start_of_day(day), of_day.code, fee.amount)


def _option_fees(plan: DatedPlan, seen: _Seen) -> Iterator[FeeLine]:
    for (code, _), since in seen.options.items():
        fee = plan.plan_on(since.date()).options[code].fee
        yield FeeLine(start_of_day(since.date()) if fee.every is Every.DAY else since, code, fee.amount)


def _service_fees(plan: DatedPlan, seen: _Seen) -> Iterator[FeeLine]:
    """Yield what services cost in the months after that of their order; one that the plan gave up costs nothing."""
    for (code, ordered), pieces in seen.services.items():
        for month in sorted(month for month in seen.months if month > ordered):
            service = plan.plan_on(month).services.get(code)
            if service is not None:
                charge = Money(service.price.minor * pieces, service.price.currency)
                yield FeeLine(start_of_day(month), code, charge)


def explain(use: RatedUse, version: str = "") -> str:
    """Return why a use costs what it costs: group, version and rule, what was counted, who paid, at which price."""
    unit = _UNITS[use.unit]
    to = f" to {use.group}" if use.group else ""
    place = f" ({use.destination})" if use.destination else ""
    paid = [f"{part.units} {unit} {_paid_by(use, part)}" for part in use.parts]
    covering = {part.allowance for part in use.parts}
    money = [f"{_shown_sum(use, amount)} from {code}" for code, amount in use.used.items() if code not in covering]
    refused = [f"refused: {use.refused}"] if use.refused else []
    told = "; ".join([*paid, *money, *refused]) or "nothing is counted"
    rule = f"{version}, {use.rule}" if version else use.rule
    return f"{use.event.kind}{to}{place}, {rule}: counted {use.counted} {unit}; {told}"


def _paid_by(use: RatedUse, part: Part) -> str:
    """Return who pays for a part, at which price, and what it comes to."""
    per = {"SEC": "a minute", "SMS": "each", "KB": "a MB"}[use.unit]
    price = f" at {part.price} {per}: {part.charge}" if part.charge.minor or (part.price and part.price.micro) else ""
    return f"from {part.allowance}{price}" if part.allowance else price.strip() or "free"


def _shown_sum(use: RatedUse, minor: int) -> str:
    return str(Money(minor, use.charge.currency))


def _line(row: Row, charge: Money | None, why: str) -> Line:
    return Line(row.cells[0], row.cells[1], charge, why)


def _length(month: date) -> int:
    return calendar.monthrange(month.year, month.month)[1]
