"""What a subscriber spends on services: by the days of a month, by whom they called, and how long they talked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from k5web.domain.books.ledger import Purse
from k5web.domain.books.service import ServiceKind, kind_of
from k5web.domain.money import Money
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.subscription import next_period
from k5web.domain.prices.usage import Every
from k5web.services.books.statements import months_since
from k5web.services.ports import Ports, start_of_day
from k5web.storage.books import ledger, spending_rows, statement_rows
from k5web.storage.books.spending_rows import Spent
from k5web.storage.calls import past_call_rows
from k5web.storage.session import transactional

MONTHS = 12  # of talk that are shown
MOST_SHARES = 8  # directions with a name of their own; the others stand together


@dataclass(frozen=True, slots=True)
class Share:
    """What one direction or one kind of services cost.

    `region`: the country that was called as ISO 3166 letters, "001" for networks of none, "" for what is no call.
    """

    kind: ServiceKind | None  # None: all the others together
    region: str
    spent: Money


@dataclass(frozen=True, slots=True)
class Spending:
    """A month's services, net of what was taken back of them, and the talk of a year that ends with the month."""

    month: date  # its first day
    months: Sequence[date]  # that can be chosen, newest first
    total: Money
    by_day: Sequence[tuple[date, Money]]  # days that cost something
    shares: Sequence[Share]  # the greatest first, the others together at the end
    talked: Sequence[tuple[date, int]]  # months and seconds, oldest first


@transactional
def of_month(ports: Ports, owner_id: int, month: date | None = None) -> Spending:
    """Return what the services of a month cost (of this month by default)."""
    first = (month or ports.today()).replace(day=1)
    days = (first, next_period(Every.MONTH, first))
    firsts = _year_until(first)
    edges = [start_of_day(day) for day in (*firsts, days[1])]
    with ports.reading(days[1] - timedelta(days=1)) as db:
        purse = ledger.purse(db, owner_id)
        unit = purse.balance.currency
        since = statement_rows.first_day(db, owner_id, purse.account_id)
        by_day = spending_rows.by_day(db, owner_id, purse.account_id, days)
        by_sort = spending_rows.by_sort(db, owner_id, purse.account_id, days)
        talked = past_call_rows.talked_between(db, owner_id, edges)
    return Spending(
        month=first,
        months=months_since(since or first, ports.today()),
        total=Money(sum(minor for _day, minor in by_day), unit),
        by_day=[(day, Money(minor, unit)) for day, minor in by_day],
        shares=_shares(by_sort, unit),
        talked=list(zip(firsts, talked, strict=True)),
    )


@transactional
def this_month(ports: Ports, purse: Purse) -> Money:
    """Return what the services of this month cost so far, net of what was taken back of them."""
    first = ports.today().replace(day=1)
    with ports.sessions.read() as db:
        by_day = spending_rows.by_day(db, purse.owner_id, purse.account_id, (first, next_period(Every.MONTH, first)))
    return Money(sum(minor for _day, minor in by_day), purse.balance.currency)


def _shares(found: Iterable[Spent], unit: str) -> list[Share]:
    sums: dict[tuple[ServiceKind, str], int] = {}
    for each in found:
        region = "" if each.number is None else Msisdn(each.number).region or "001"
        key = (kind_of(each.counter, each.name), region)
        sums[key] = sums.get(key, 0) + each.minor
    ordered = sorted(((minor, key) for key, minor in sums.items() if minor), key=lambda each: (-each[0], each[1]))
    named = ordered if len(ordered) <= MOST_SHARES + 1 else ordered[:MOST_SHARES]
    shares = [Share(*key, Money(minor, unit)) for minor, key in named]
    rest = sum(minor for minor, _key in ordered[len(named) :])
    return [*shares, Share(None, "", Money(rest, unit))] if len(named) < len(ordered) else shares


def _year_until(month: date) -> list[date]:
    """Return the first days of the months that end with this one, oldest first."""
    last = month.year * 12 + month.month - 1
    return [date(at // 12, at % 12 + 1, 1) for at in range(last - MONTHS + 1, last + 1)]
