"""The audit: who saw and did what; filtered by the address, written out as a table."""

import csv
import io
from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

from flask import Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from k5web.domain.books.csv_cells import BOM, DELIMITER, plain
from k5web.domain.desk.action import Action
from k5web.domain.desk.audit import AuditFilter, AuditLine
from k5web.services.desk import audit
from k5web.web.context import ports
from k5web.web.converters import whole
from k5web.web.desk.days import day
from k5web.web.desk.door import bp, staff_may

HEADING = ("id", "at", "actor", "action", "owner", "reason", "facts", "outcome")


@bp.get("/audit")
@staff_may(Action.SEE_AUDIT)
def audit_log() -> ResponseReturnValue:
    """Show the newest lines that are wished."""
    before = whole(request.args.get("before", ""))
    lines = audit.lines(ports(), wished(), before)
    further = urlencode({**_kept(), "before": lines[-1].id}) if len(lines) == audit.A_PAGE else ""
    return render_template("desk/audit.html", lines=lines, further=further, kept=urlencode(_kept()), asked=request.args)


@bp.get("/audit.csv")
@staff_may(Action.SEE_AUDIT)
def audit_table() -> ResponseReturnValue:
    """Send all lines that are wished, as they are read."""
    head = {"Content-Disposition": "attachment; filename=audit.csv"}
    return Response(stream_with_context(_table(wished())), mimetype="text/csv", headers=head)


def wished() -> AuditFilter:
    """Return which lines the address asks for; what cannot be read asks for nothing."""
    asked = request.args
    return AuditFilter(
        actor=asked.get("actor", "").strip(),
        action=asked.get("action", "").strip(),
        owner_id=whole(asked.get("owner", "").strip().upper().removeprefix("K5-")),
        since=day(asked.get("since", "")),
        until=day(asked.get("until", "")),
    )


def _kept() -> dict[str, str]:
    return {name: value for name, value in request.args.items() if name != "before" and value}


def _table(asked: AuditFilter) -> Iterator[str]:
    yield BOM + _row(HEADING)
    for line in audit.stream(ports(), asked):
        yield _row(_cells(line))


def _row(cells: Sequence[str]) -> str:
    written = io.StringIO()
    csv.writer(written, delimiter=DELIMITER).writerow([plain(cell) for cell in cells])
    return written.getvalue()


def _cells(line: AuditLine) -> tuple[str, ...]:
    facts = "; ".join(f"{name}={value}" for name, value in line.facts.items())
    owner = str(line.owner_id or "")
    return (str(line.id), line.at.isoformat(), line.actor, line.action, owner, line.reason, facts, line.outcome)
