"""Registers of providers and statements of banks as jobs of the desk, with plain facts to show."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from k5web.domain.desk.job import Job
from k5web.domain.money import Money
from k5web.domain.payments.register import Finding, RegisterVerdict
from k5web.domain.workday import LATE_AFTER_DAYS
from k5web.services.bank import statement_import
from k5web.services.bank.statement_import import Taken, Tally
from k5web.services.payments import reconciliation, register_days
from k5web.services.ports import Ports

MOST_DAYS: Final = 31  # counted at once
SHOWN: Final = 100  # of each kind; the others are counted
Progress = Callable[[str, int, int], None]


def load_register(ports: Ports, job: Job, path: Path, progress: Progress) -> Mapping[str, Any]:
    """Hold a register against the ledger, as `k5 reconcile` does. Options: origin.

    Raises: NotFound, WrongFile, WrongRegister (nothing was marked), Unavailable.
    """
    shown: defaultdict[RegisterVerdict, list[Mapping[str, Any]]] = defaultdict(list)

    def tell(finding: Finding) -> None:
        if len(shown[finding.verdict]) < SHOWN:
            shown[finding.verdict].append(_finding(finding))

    summary = reconciliation.reconcile(ports, str(job.options["origin"]), path, tell, progress)
    for day in (counted := _days(summary.days)):
        register_days.count(ports, summary.origin, day)
    return {
        "origin": summary.origin,
        "lines": summary.lines,
        "shown_days": [day.isoformat() for day in counted],
        "days": [day.isoformat() for day in summary.days] if summary.days else [],
        "counts": {verdict.value: summary.counts[verdict] for verdict in RegisterVerdict},
        "findings": [one for verdict in RegisterVerdict for one in shown[verdict]],
        "agrees": summary.agrees,
    }


def load_statement(ports: Ports, job: Job, path: Path, progress: Progress) -> Mapping[str, Any]:
    """Credit what a bank's statement says came, as `k5 bank import` does. Options: is_sure, received.

    Raises: WrongFile, WrongStatement, LargePayment (to be asked about): then nothing was credited; WrongSetting.
    """
    received = job.options.get("received")
    done = statement_import.import_statement(
        ports,
        path,
        (),
        progress=lambda read, total: progress("reading", read, total),
        is_sure=bool(job.options.get("is_sure")),
        received=Money.parse(str(received)) if received else None,
    )
    tallies = {"credited": done.credited, "suspended": done.suspended, "late": done.late, "doubtful": done.doubtful}
    return {
        **{name: _tally(tally) for name, tally in tallies.items()},
        "known": done.known,
        "closed": {"count": done.closed.count, "amount": str(done.closed.amount)},
        "left_out": done.outgoing + done.between + done.foreign + done.pending,
        "doubts": done.doubts,
        "agrees": not done.needs_a_person,
    }


def _days(days: tuple[date, date] | None) -> list[date]:
    """Return the days that a register is about, the last ones of a long one: the worker counts the others."""
    if days is None:
        return []
    return [days[1] - timedelta(days=back) for back in range(min((days[1] - days[0]).days + 1, MOST_DAYS))]


def _finding(finding: Finding) -> Mapping[str, Any]:
    return {
        "verdict": finding.verdict.value,
        "key": finding.key,
        "line": finding.line_no,
        "theirs": _sum(finding.theirs),
        "ours": _sum(finding.ours),
        "at": finding.at.isoformat() if finding.at else None,
    }


def _sum(amount: Money | None) -> list[Any] | None:
    return [amount.minor, amount.currency] if amount is not None else None


def _tally(tally: Tally) -> Mapping[str, Any]:
    return {
        "count": tally.count,
        "amount": str(tally.amount),
        "payments": [_taken(taken) for taken in tally.first[:SHOWN]],
    }


def _taken(taken: Taken) -> Mapping[str, Any]:
    """Return a payment without whoever paid it: the result of a job is kept."""
    document = taken.document
    return {
        "line": document.line,
        "document": document.number,
        "day": document.day.isoformat(),
        "came_on": document.came_on.isoformat(),
        "amount": str(document.amount),
        "owner_id": taken.owner_id,
        "number": taken.number or None,
        "why": taken.why.value if taken.why else None,
        "differs": taken.doubt.differs if taken.doubt else None,
        "days_late": max(0, taken.days - LATE_AFTER_DAYS),
    }
