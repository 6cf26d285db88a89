"""`k5 reconcile`: a provider's register against the ledger."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from k5web.cli.context import open_house
from k5web.cli.progress import shown_progress
from k5web.cli.terminal import echo
from k5web.domain.payments.register import Finding, RegisterVerdict
from k5web.services.payments import reconciliation

if TYPE_CHECKING:
    from k5web.services.payments.reconciliation import Summary


@click.command()
@click.argument("connector")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print differences and counts as one JSON object.")
def reconcile(connector: str, file: Path, as_json: bool) -> None:
    """Compare a register FILE of CONNECTOR (the origin of its payments, like "net:bank") with the ledger.

    Each payment that differs, is missing on one side or came late is printed; exit 1 where the two differ.
    """
    told = _Json() if as_json else _Lines()
    with open_house() as ports, shown_progress() as progress:
        summary = reconciliation.reconcile(ports, connector, file, told.finding, progress)
    told.end(summary)
    if not summary.agrees:
        sys.exit(1)


class _Lines:
    """For people: a line for each finding as it is found, the counts below."""

    def finding(self, finding: Finding) -> None:
        line = f"line {finding.line_no}" if finding.line_no else "no line"
        sums = f"theirs {_sum(finding, theirs=True) or '-'}, ours {_sum(finding, theirs=False) or '-'}"
        echo(f"{finding.verdict:<22} {finding.key:<24} {sums} ({line})")

    def end(self, summary: Summary) -> None:
        days = f", {summary.days[0]} to {summary.days[1]}" if summary.days else ""
        echo(f"{summary.lines} lines of {summary.origin}{days}")
        for verdict in RegisterVerdict:
            echo(f"{verdict + ':':<24} {summary.counts[verdict]}")


class _Json:
    """For programs: one object, written as it grows, so that a bad day needs no memory."""

    def __init__(self) -> None:
        self._is_first = True

    def finding(self, finding: Finding) -> None:
        echo('{"differences": [' if self._is_first else ",", nl=False)
        self._is_first = False
        facts = {
            "verdict": finding.verdict,
            "key": finding.key,
            "line": finding.line_no,
            "theirs": _sum(finding, theirs=True),
            "ours": _sum(finding, theirs=False),
            "at": finding.at.isoformat() if finding.at else None,
        }
        echo(json.dumps(facts), nl=False)

    def end(self, summary: Summary) -> None:
        echo('{"differences": [' if self._is_first else "", nl=False)
        facts = {
            "origin": summary.origin,
            "file_sha256": summary.file_sha256,
            "lines": summary.lines,
            "counts": {verdict.value: summary.counts[verdict] for verdict in RegisterVerdict},
            "agrees": summary.agrees,
        }
        echo(f"], {json.dumps(facts)[1:]}")


def _sum(finding: Finding, *, theirs: bool) -> str | None:
    money = finding.theirs if theirs else finding.ours
    return None if money is None else f"{money} {money.currency}"
