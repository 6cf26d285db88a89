"""Files of archived months are listed once; owners of closed days come in pages."""

from datetime import date

from k5web.services.books import sealing
from k5web.storage.books import archive_rows, seal_rows
from k5web.storage.books.archive_rows import ArchiveFile
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.services.books.test_sealing import OWNERS, pay, two_accounts

MONTH = date(2026, 11, 1)


def test_the_first_file_of_a_month_stays_listed(sessions: Sessions, clock: Clock) -> None:
    made = ArchiveFile(MONTH, "a", b"d", 10, 2, b"s", clock(), "staff:anna")
    with sessions.begin() as db:
        archive_rows.add(db, made)
        archive_rows.add(db, ArchiveFile(MONTH, "b", b"x", 11, 3, b"t", clock(), "staff:boris"))
        assert archive_rows.every(db) == [made]


def test_owners_of_closed_days_come_in_pages(sessions: Sessions, clock: Clock) -> None:
    ports = two_accounts(sessions, clock)
    pay(ports, "1")
    clock.forward(days=1)
    pay(ports, "2", OWNERS[1])
    with sessions.begin() as db:
        for day in (date(2026, 12, 1), date(2026, 12, 2)):
            seal_rows.note_closed(db, day, clock())
    for day in (date(2026, 12, 1), date(2026, 12, 2)):
        sealing._finish(ports, day, sealing.no_progress)
    with sessions.read() as db:
        assert archive_rows.owners_closed(db, None, date(2026, 12, 2), -1, 10) == [*OWNERS]
        assert archive_rows.owners_closed(db, None, date(2026, 12, 2), OWNERS[0], 10) == [OWNERS[1]]
        assert archive_rows.owners_closed(db, date(2026, 12, 1), date(2026, 12, 2), -1, 10) == [OWNERS[1]]
        assert archive_rows.owners_closed(db, None, date(2026, 12, 2), -1, 1) == [OWNERS[0]]
        assert archive_rows.count_postings(db, date(2026, 12, 1), date(2026, 12, 2)) == 1
