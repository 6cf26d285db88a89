"""A provider's register against the ledger: every line by its name, nothing credited and nothing taken back by itself.

The file is read twice, line by line: once to believe it, with its totals; once to compare, a thousand lines at a time.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import islice
from pathlib import Path

from sqlalchemy.orm import Session

from k5web.domain.incident import IncidentKind
from k5web.domain.money import Money
from k5web.domain.payments.connector import PaymentConnector, ReadsRegister, RegisterLine
from k5web.domain.payments.register import Finding, RegisterVerdict, is_late, zone_of
from k5web.errors import NotFound, WrongFile
from k5web.services.ports import Ports
from k5web.storage import incidents
from k5web.storage.payments import register_days, registers
from k5web.storage.payments.registers import Booked
from k5web.storage.session import transactional

AT_ONCE = 1000  # lines
LONGEST_LINE = 65_536  # characters: one without an end comes in pieces, which no register takes
Progress = Callable[[str, int, int], None]
Tell = Callable[[Finding], None]
ReadOurs = Callable[[Session, str, datetime, datetime, Booked | None, int], list[Booked]]


@dataclass(slots=True)
class Summary:
    """What a register amounts to. Units: `lines` as read, without headings and totals."""

    origin: str
    file_sha256: str
    lines: int = 0
    days: tuple[date, date] | None = None  # the first and the last, by the provider's clock
    counts: Counter[RegisterVerdict] = field(default_factory=Counter)

    @property
    def agrees(self) -> bool:
        """True where both sides say the same; late payments are listed and differ in nothing."""
        return not any(count for verdict, count in self.counts.items() if verdict not in _AGREE)


_AGREE = {RegisterVerdict.CONFIRMED, RegisterVerdict.LATE}


def reconcile(ports: Ports, origin: str, path: Path, tell: Tell, progress: Progress) -> Summary:
    """Hold a register against the ledger and tell every difference; the same file again changes nothing.

    Raises: NotFound (no such partner, or one without registers), WrongFile, WrongRegister (nothing was marked),
    Unavailable.
    """
    connector = ports.connectors.of(origin)
    if connector is None or not isinstance(connector, ReadsRegister):
        known = ", ".join(sorted(one.origin for one in ports.connectors if isinstance(one, ReadsRegister)))
        raise NotFound(what=f"partner '{origin}' with registers; there are: {known or 'none'}")
    zone = zone_of(connector, connector.partner.currency)
    summary = _believe(connector, path, zone, progress)

    def count(finding: Finding) -> None:
        summary.counts[finding.verdict] += 1
        if finding.verdict is not RegisterVerdict.CONFIRMED:
            tell(finding)

    with _lines(connector, path, "comparing", progress) as lines:
        while batch := list(islice(lines, AT_ONCE)):
            for finding in _compare(ports, summary, batch, zone):
                count(finding)
    for finding in _find_unlisted(ports, summary, zone, tells_back=connector.tells_back):
        count(finding)
    _note_file(ports, summary)
    return summary


def _believe(connector: PaymentConnector, path: Path, zone: tzinfo, progress: Progress) -> Summary:
    """Read the whole file once: where its totals are wrong nothing of it is marked."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise WrongFile(file=path, reason=error.strerror) from error
    summary = Summary(connector.origin, digest)
    first: datetime | None = None
    last: datetime | None = None
    with _lines(connector, path, "reading", progress) as lines:
        for line in lines:
            summary.lines += 1
            if line.at is not None:
                first = line.at if first is None else min(first, line.at)
                last = line.at if last is None else max(last, line.at)
    if first is not None and last is not None:
        summary.days = (first.astimezone(zone).date(), last.astimezone(zone).date())
    return summary


@contextmanager
def _lines(connector: PaymentConnector, path: Path, what: str, progress: Progress) -> Iterator[Iterator[RegisterLine]]:
    assert isinstance(connector, ReadsRegister)
    size = path.stat().st_size
    with path.open(encoding="utf-8", errors="replace") as file:

        def told() -> Iterator[str]:
            done = 0
            while line := file.readline(LONGEST_LINE):
                done += len(line)
                progress(what, min(done, size), size)
                yield line

        yield iter(connector.read_register(told()))
    progress(what, size, size)


@transactional
def _note_file(ports: Ports, summary: Summary) -> None:
    """Note that the file was read whole: its days have their register."""
    with ports.sessions.begin() as db:
        register_days.add_file(db, summary.file_sha256, summary.origin, summary.days, summary.lines, ports.clock())


@transactional
def _compare(ports: Ports, summary: Summary, batch: list[RegisterLine], zone: tzinfo) -> list[Finding]:
    """Judge some lines, keep them with their verdicts, list what differs."""
    keys = {line.key for line in batch}
    findings = []
    with ports.sessions.begin() as db:
        ours = registers.booked(db, summary.origin, keys)
        back = registers.gone_back(db, summary.origin, keys)
        above = registers.lines_before(db, summary.file_sha256, batch[0].line_no, summary.origin, keys)
        rows = []
        for line in batch:
            credits, taken = above.get(line.key, (0, 0))
            if line.amount.minor > 0:
                finding = _judge(line, ours.get(line.key), credits)
                above[line.key] = (credits + 1, taken)
            else:
                taken += line.amount.minor
                finding = _judge_back(line, ours.get(line.key), back.get(line.key), Money(taken, line.amount.currency))
                above[line.key] = (credits, taken)
            findings.append(finding)
            rows.append(_row(summary, line, finding.verdict))
            _list(ports, db, summary, finding, ours.get(line.key))
            if finding.verdict is RegisterVerdict.CONFIRMED and _came_late(line, ours.get(line.key), zone):
                findings.append(replace(finding, verdict=RegisterVerdict.LATE))
        registers.add_lines(db, rows)
    return findings


def _came_late(line: RegisterLine, ours: Booked | None, zone: tzinfo) -> bool:
    return (
        ours is not None and line.at is not None and line.amount.minor > 0 and is_late(line.at, ours.recorded_at, zone)
    )


def _judge(line: RegisterLine, ours: Booked | None, credits_above: int) -> Finding:
    """Return what a payment's line turns out to be. `credits_above`: how often the file has it already."""
    if credits_above:
        verdict = RegisterVerdict.DUPLICATE
    elif ours is None:
        verdict = RegisterVerdict.MISSING_HERE
    else:
        verdict = RegisterVerdict.CONFIRMED if ours.amount == line.amount else RegisterVerdict.SUM_MISMATCH
    return Finding(verdict, line.key, line.line_no, line.amount, ours.amount if ours else None, line.at)


def _judge_back(line: RegisterLine, ours: Booked | None, back: Money | None, taken: Money) -> Finding:
    """Return what a line of money that went back turns out to be. `taken`: by the file so far, with this line.

    A part may go back today and another tomorrow: what the file takes is never more than what went back here.
    """
    if back is None:  # cancelled before it came here: nothing to take back
        verdict = RegisterVerdict.CONFIRMED if ours is None else RegisterVerdict.MISSING_HERE
    elif back.currency == taken.currency and back.minor <= taken.minor:
        verdict = RegisterVerdict.CONFIRMED
    else:
        verdict = RegisterVerdict.SUM_MISMATCH
    return Finding(verdict, line.key, line.line_no, line.amount, back, line.at)


def _row(summary: Summary, line: RegisterLine, verdict: RegisterVerdict) -> dict[str, object]:
    return {
        "file_sha256": summary.file_sha256,
        "line_no": line.line_no,
        "origin": summary.origin,
        "key": line.key,
        "at": line.at,
        "amount_minor": line.amount.minor,
        "currency": line.amount.currency,
        "verdict": verdict,
    }


def _list(ports: Ports, db: Session, summary: Summary, finding: Finding, ours: Booked | None) -> None:
    """List a difference for a person, once."""
    if finding.verdict in _AGREE:
        return
    facts = {"line": finding.line_no, "theirs": str(finding.theirs or "-"), "ours": str(finding.ours or "-")}
    back = " back" if finding.line_no is None and finding.ours is not None and finding.ours.minor < 0 else ""
    reference = f"{finding.verdict}{back} {summary.origin} {finding.key}"
    owner_id = ours.owner_id if ours else 0
    incidents.report(db, owner_id, IncidentKind.REGISTER_DIFFERENCE, reference, ports.clock(), facts)


def _find_unlisted(ports: Ports, summary: Summary, zone: tzinfo, *, tells_back: bool) -> Iterator[Finding]:
    """Yield what only we have of the register's days; a neighbour's register may hold it where clocks differ."""
    if summary.days is None:
        return
    since = datetime.combine(summary.days[0], time(), zone)
    until = datetime.combine(summary.days[1] + timedelta(days=1), time(), zone)
    for read in (registers.unlisted, registers.went_back) if tells_back else (registers.unlisted,):
        last: Booked | None = None
        while batch := _read_ours(ports, summary, read, since, until, last):
            yield from _list_unlisted(ports, summary, batch)
            last = batch[-1]


@transactional
def _read_ours(
    ports: Ports, summary: Summary, read: ReadOurs, since: datetime, until: datetime, after: Booked | None
) -> list[Booked]:
    """Return some of them; by the writing door, for a standby may not have the register's lines yet."""
    with ports.sessions.begin() as db:
        return read(db, summary.origin, since, until, after, AT_ONCE)


@transactional
def _list_unlisted(ports: Ports, summary: Summary, batch: list[Booked]) -> list[Finding]:
    """Return what the registers lack of these payments, and of what went back of them; listed."""
    findings = []
    with ports.sessions.begin() as db:
        told = registers.told_back(db, summary.origin, {ours.key for ours in batch if ours.amount.minor < 0})
        for ours in batch:
            theirs = Money(told.get(ours.key, 0), ours.amount.currency)
            if ours.amount.minor < 0 and theirs <= ours.amount:
                continue
            finding = Finding(
                RegisterVerdict.MISSING_THERE,
                ours.key,
                None,
                theirs if theirs.minor else None,
                ours.amount,
                ours.occurred_at,
            )
            _list(ports, db, summary, finding, ours)
            findings.append(finding)
    return findings
