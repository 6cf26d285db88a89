"""Months older than the legal term leave as files: the same bytes each time, proved without a database."""

import io
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text

from k5web.errors import ArchiveDiffers, NotArchivable, WrongArchive
from k5web.services.books import archiving, sealing
from k5web.services.books.verify import verify
from k5web.services.ports import Ports
from k5web.storage.books import ledger, seal_rows
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.fakes.doors import open_doors
from tests.services.books.test_sealing import charge, pay
from tests.tamper import tampering

OWNERS = (100001, 100002, 100003)
# The two files of `lived`, on either database
KNOWN = ["11c7b3130b36da31", "438073654c12d27d"]


@pytest.fixture(autouse=True)
def no_clock_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's clock stands where it likes."""
    monkeypatch.setattr(seal_rows, "clock_of", lambda db: None)


@pytest.fixture
def ports(sessions: Sessions, clock: Clock) -> Ports:
    """A house whose books began in September 2021 and whose days are closed since 30 October."""
    clock.now = datetime(2021, 9, 30, 9, 0, tzinfo=UTC)
    opened = open_doors(sessions, clock)
    with sessions.begin() as db:
        for owner_id in OWNERS:
            ledger.open_account(db, owner_id, "main", "RUB")
    pay(opened, "old")
    clock.forward(days=31)
    for day in range(40):
        pay(opened, f"{day}", OWNERS[day % 2])
        if day % 3 == 0:
            charge(opened, f"{day}", OWNERS[day % 2], minor=day + 1)
        clock.forward(days=1)
        if day == 20:
            pay(opened, "one", OWNERS[2])
        sealing.close_due(opened)
    clock.now = datetime(2027, 1, 1, 9, 0, tzinfo=UTC)
    return opened


def silent(what: str, done: int, total: int) -> None:
    """Show nothing."""


def written(ports: Ports, until: date = date(2021, 11, 1)) -> list[str]:
    """The files of all months until this one; each is listed."""
    files = []
    for month in archiving.leaving(ports, until):
        to = io.StringIO()
        archiving.note(ports, archiving.write(ports, month, "staff:anna", to, silent))
        files.append(to.getvalue())
    return files


def test_each_month_is_a_file_that_proves_itself(ports: Ports) -> None:
    october, november = written(ports)
    first, second = (archiving.prove(io.StringIO(file)) for file in (october, november))
    assert (first.month, first.first_day, first.last_day) == (date(2021, 10, 1), date(2021, 10, 31), date(2021, 10, 31))
    assert (second.first_day, second.last_day) == (date(2021, 11, 1), date(2021, 11, 30))
    assert (first.postings, second.postings, second.accounts) == (3, 41, 3)
    seals = {seal.day: seal.digest for seal in sealing.seals(ports)}
    assert (first.seal, second.seal) == (seals[first.last_day], seals[second.last_day])
    assert november.splitlines()[1].startswith(f'["open",{OWNERS[0]},')


def test_both_databases_make_the_same_bytes_again_and_again(ports: Ports) -> None:
    files = written(ports)
    assert written(ports) == files
    made = archiving.listed(ports)
    assert [each.digest.hex()[:16] for each in made] == KNOWN
    assert [(each.month, each.name, each.actor) for each in made] == [
        (date(2021, 10, 1), "k5-ledger-2021-10.jsonl", "staff:anna"),
        (date(2021, 11, 1), "k5-ledger-2021-11.jsonl", "staff:anna"),
    ]
    assert made[1].size_bytes == len(files[1].encode())
    assert verify(ports) == []


def test_pages_of_one_owner_make_the_same_file(ports: Ports, monkeypatch: pytest.MonkeyPatch) -> None:
    files = written(ports)
    monkeypatch.setattr(archiving, "OWNERS_AT_ONCE", 1)
    assert written(ports) == files


@pytest.mark.parametrize(
    ("until", "now", "said"),
    [
        (
            date(2021, 11, 1),
            datetime(2026, 12, 31, 9, 0, tzinfo=UTC),
            "2021-11: its term of 5 years is over on 2027-01-01",
        ),
        (date(2021, 12, 1), datetime(2027, 1, 1, 9, 0, tzinfo=UTC), "2021-12: not all its days are sealed"),
        (date(2021, 9, 1), datetime(2027, 1, 1, 9, 0, tzinfo=UTC), "2021-09: not all its days are sealed"),
    ],
)
def test_a_month_whose_term_runs_or_that_is_not_sealed_stays(
    ports: Ports, clock: Clock, until: date, now: datetime, said: str
) -> None:
    clock.now = now
    with pytest.raises(NotArchivable, match=said):
        archiving.leaving(ports, until)


FAULTS = {
    "a sum": "UPDATE posting SET amount_minor = amount_minor + 1 WHERE key = '9'",
    "a posting taken out": "DELETE FROM posting WHERE key = '9'",
    "a closing taken out": "DELETE FROM day_close WHERE day = '2021-11-08'",
    "a seal": "UPDATE seal SET digest = previous WHERE day = '2021-11-08'",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_books_that_were_changed_do_not_leave(ports: Ports, database_url: str, fault: str) -> None:
    with tampering(database_url) as connection:
        assert connection.execute(text(FAULTS[fault])).rowcount > 0
    with pytest.raises(WrongArchive):
        written(ports)
    assert [each.month for each in archiving.listed(ports)] == [date(2021, 10, 1)]


def test_a_file_that_differs_from_the_one_made_before_is_refused(ports: Ports, database_url: str) -> None:
    """Whoever computed all digests anew behind our back still has the first file against them."""
    written(ports)
    with tampering(database_url) as connection:
        connection.execute(text("UPDATE seal SET sealed_at = '2021-12-25 09:00:00.000000Z' WHERE day = '2021-11-30'"))
    with pytest.raises(ArchiveDiffers, match="2021-11"):
        written(ports)
