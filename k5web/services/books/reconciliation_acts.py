"""What stands in an act of reconciliation: the ledger between two days, services by months, all else singly."""

from collections.abc import Sequence
from dataclasses import dataclass

from k5web.domain.books.period import Period
from k5web.domain.books.reconciliation_act import Services, services_by_month
from k5web.domain.money import Money
from k5web.services.books.statements import StatementLine
from k5web.services.ports import Ports
from k5web.storage.books import ledger, spending_rows, statement_rows
from k5web.storage.books.statement_rows import Line
from k5web.storage.session import transactional


@dataclass(frozen=True, slots=True)
class Reconciled:
    """An account over a period: services by months, all other movements one by one."""

    period: Period
    opening: Money
    closing: Money
    services: Sequence[Services]
    movements: Sequence[StatementLine]


@transactional
def usual_period(ports: Ports, owner_id: int) -> Period:
    """Return the days that are reconciled where none are chosen: of this year, as far as there was an account."""
    today = ports.today()
    with ports.sessions.read() as db:
        first = statement_rows.first_day(db, owner_id, ledger.purse(db, owner_id).account_id) or today
    return Period(max(first, today.replace(month=1, day=1)), today)


@transactional
def over(ports: Ports, owner_id: int, period: Period) -> Reconciled:
    """Return the account over a period; one that goes on ends today. Raises: WrongPeriod."""
    reached = Period(period.first, min(period.last, ports.today()))
    with ports.sessions.read() as db:
        purse = ledger.purse(db, owner_id)
        unit = purse.balance.currency
        turnover = statement_rows.turnover(db, owner_id, purse.account_id, reached.days)
        services = spending_rows.by_posting(db, owner_id, purse.account_id, reached.days)
        movements = statement_rows.other_lines(db, owner_id, purse.account_id, reached.days)
    return Reconciled(
        reached,
        Money(turnover.opening, unit),
        Money(turnover.closing, unit),
        services_by_month((day, of, Money(minor, unit)) for day, of, minor in services),
        [_line(each) for each in movements],
    )


def _line(found: Line) -> StatementLine:
    """Return a movement without who stood on the other side: a paper shown to others names no third person."""
    return StatementLine(found.posting, None, None, found.occurred_at, found.recorded_at, found.reverses)
