"""A file is named by what it tells, and is open until it is made."""

from datetime import date

from k5web.domain.books.export import LEASE, OPEN_STATES, ExportState, ExportWish, Format, Paper
from k5web.domain.books.period import Movements, Period

DECEMBER = Period(date(2026, 12, 1), date(2026, 12, 31))


def test_the_name_of_a_file_says_what_it_tells() -> None:
    assert ExportWish(Paper.STATEMENT, DECEMBER, Movements.ALL, Format.PDF).name == (
        "k5-statement-2026-12-01-2026-12-31.pdf"
    )
    assert ExportWish(Paper.STATEMENT, DECEMBER, Movements.FEES, Format.CSV).name == (
        "k5-statement-fees-2026-12-01-2026-12-31.csv"
    )
    assert ExportWish(Paper.CALLS, DECEMBER, Movements.CALLS, Format.XLSX).name == "k5-calls-2026-12-01-2026-12-31.xlsx"
    whom = ExportWish(Paper.CALLS, DECEMBER, Movements.CALLS, Format.CSV, "74951234567")
    assert whom.name == "k5-calls-74951234567-2026-12-01-2026-12-31.csv"


def test_what_is_open_is_what_is_not_made_yet() -> None:
    assert [state for state in ExportState if state.is_open] == list(OPEN_STATES)
    assert LEASE.total_seconds() > 0
