"""Rows of an operator's file that cannot be taken, each with its line and reason; always on stderr."""

from k5web.cli.terminal import echo
from k5web.domain.prices.deck import RejectedRow

ROWS_SHOWN = 50  # a file in the wrong format has thousands


def echo_rejected(rejected: object) -> None:
    """Tell the first of the rows, and how many more there are."""
    rows = [row for row in rejected if isinstance(row, RejectedRow)] if isinstance(rejected, tuple) else []
    for row in rows[:ROWS_SHOWN]:
        echo(f"line {row.line}: {row.reason}" if row.line else row.reason, err=True)
    if len(rows) > ROWS_SHOWN:
        echo(f"and {len(rows) - ROWS_SHOWN} more", err=True)
