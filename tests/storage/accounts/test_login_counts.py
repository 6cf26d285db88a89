"""Counts of wrong passwords as rows, on both databases."""

import threading
from datetime import UTC, date, datetime, timedelta

from k5web.storage.accounts import login_counts
from k5web.storage.session import Sessions

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


TODAY = date(2026, 12, 1)


def test_a_new_day_begins_a_new_count_but_the_row_of_wrong_ones_goes_on(sessions: Sessions) -> None:
    with sessions.begin() as db:
        login_counts.write(db, login_counts.lock(db, "name", "x", TODAY).with_wrong(NOW))
    with sessions.begin() as db:
        tally = login_counts.lock(db, "name", "x", TODAY + timedelta(days=1))
        assert (tally.in_a_row, tally.in_a_day) == (1, 0)


def test_counts_made_at_the_same_time_are_all_kept(sessions: Sessions) -> None:
    def count() -> None:
        with sessions.begin() as db:
            login_counts.write(db, login_counts.lock(db, "name", "x", TODAY).with_wrong(NOW))

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with sessions.begin() as db:
        assert login_counts.lock(db, "name", "x", TODAY).in_a_day == 8
