"""A file of an archived month proves itself: whatever was changed in it, left out or put in is named."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from k5web.domain.books import archive
from k5web.domain.books.archive import Extent
from k5web.domain.books.ledger import EventName, Posting
from k5web.domain.books.sealing import NOTHING, DayClose, Seal, SealedPosting, digest_of, seal_digest
from k5web.domain.money import Money
from k5web.errors import WrongArchive

NOON = datetime(2021, 11, 29, 9, 0, tzinfo=UTC)
BEFORE = DayClose(100001, 1, date(2021, 10, 3), 2, 500, b"o" * 32)
EXTENT = Extent(date(2021, 11, 1), date(2021, 10, 31), date(2021, 11, 30))


def posted(day: int, seq: int, minor: int, balance: int, account_id: int = 1) -> SealedPosting:
    name = EventName("order", f"{account_id}-{seq}")
    found = Posting(
        100000 + account_id,
        account_id,
        date(2021, 11, day),
        seq,
        Money(minor, "RUB"),
        Money(balance, "RUB"),
        "gift",
        name,
    )
    return SealedPosting(found, b"f", "job", NOON, NOON, None)


def whole() -> list[str]:
    """Two days of two accounts, one of which stood at something before."""
    lines = [archive.head_line(EXTENT), archive.open_line(BEFORE)]
    stood, previous, counts = {1: BEFORE}, b"p" * 32, [0, 0]
    days = {
        29: [posted(29, 3, 100, 600), posted(29, 1, 50, 50, account_id=2)],
        30: [posted(30, 4, -10, 590), posted(30, 5, -20, 570)],
    }
    for day, found in days.items():
        lines.append(archive.day_line(date(2021, 11, day), previous))
        closes = []
        for account_id in (1, 2):
            theirs = [each for each in found if each.posting.account_id == account_id]
            if theirs:
                before = stood.get(account_id)
                digest = digest_of(before.digest if before else NOTHING, (each.canonical for each in theirs))
                last = theirs[-1].posting
                close = DayClose(last.owner_id, account_id, last.day, last.seq, last.balance.minor, digest)
                stood[account_id] = close
                closes.append(close)
                lines += [*map(archive.posting_line, theirs), archive.close_line(close)]
                counts = [counts[0] + len(theirs), counts[1] + 1]
        previous_seal, previous = previous, seal_digest(previous, date(2021, 11, day), closes)
        lines.append(archive.seal_line(Seal(date(2021, 11, day), previous_seal, previous, NOON)))
    return [*lines, archive.end_line(counts[0], counts[1], 2)]


def test_what_was_written_proves_itself() -> None:
    found = archive.prove(whole())
    assert (found.postings, found.accounts) == (4, 2)
    assert (found.first_day, found.last_day) == (date(2021, 11, 29), date(2021, 11, 30))
    assert found.seal.hex() == json.loads(whole()[-2])[1]


def test_the_file_says_what_it_is_and_how_it_is_checked() -> None:
    head = json.loads(whole()[0])
    assert (head["format"], head["version"], head["month"]) == ("k5 ledger archive", 1, "2021-11")
    assert any("SHA-256" in sentence for sentence in head["how"])


Change = Callable[[list[str]], list[str]]


def replaced(was: str, now: str) -> Change:
    def change(lines: list[str]) -> list[str]:
        assert any(was in line for line in lines)
        return [line.replace(was, now, 1) for line in lines]

    return change


def without(n: int) -> Change:
    return lambda lines: lines[:n] + lines[n + 1 :]


FAULTS: dict[str, tuple[str, Change]] = {
    "an amount": ("does not continue", replaced(',100,600,"gift"', ',101,600,"gift"')),
    "an amount and its balance": ("another balance", replaced(',-20,570,"gift"', ',-21,569,"gift"')),
    "who did it": ("another digest", replaced('"job"', '"me"')),
    "a day": ("another day than its own", replaced('"2021-11-30",4', '"2021-11-29",4')),
    "a posting left out": ("does not continue", without(9)),
    "an account left out": ("another seal", lambda lines: lines[:5] + lines[7:]),
    "a closing left out": ("not closed", without(4)),
    "an opening left out": ("does not continue", without(1)),
    "an opening's balance": ("does not continue", replaced('2021-10-03",2,500', '2021-10-03",2,400')),
    "an opening's digest": ("another digest", replaced((b"o" * 32).hex(), (b"x" * 32).hex())),
    "an opening of somebody who did not move": (
        "did not move",
        lambda lines: [*lines[:2], '["open",7,7,"2021-10-01",1,5,"00"]', *lines[2:]],
    ),
    "the seal before the first": ("another seal", replaced((b"p" * 32).hex(), (b"q" * 32).hex())),
    "a day left out": ("does not continue", lambda lines: lines[:2] + lines[8:]),
    "the file cut": ("the end is missing", lambda lines: lines[:-1]),
    "the last day cut, and the count mended": (
        "the month's last day",
        lambda lines: [*lines[:8], archive.end_line(2, 2, 1)],
    ),
    "the count": ("counts other lines", replaced('["end",4', '["end",5')),
    "something after the end": ("after the end", lambda lines: [*lines, lines[-1]]),
    "another month": ("not those of its month", replaced('"2021-11"', '"2021-10"')),
    "another format": ("it is no k5 ledger archive", replaced('"version":1', '"version":2')),
    "no JSON": ("not a line of an archive", lambda lines: [lines[0], "x"]),
    "an unknown line": ("not a line of an archive", lambda lines: [lines[0], '["gift",1]']),
    "a line of another shape": ("not a line of an archive", lambda lines: [lines[0], '["open",1]']),
    "nested without end": ("not a line of an archive", lambda lines: [lines[0], "[" * 100_000]),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_was_changed_is_named_with_its_line(fault: str) -> None:
    said, change = FAULTS[fault]
    with pytest.raises(WrongArchive, match=said) as refused:
        archive.prove(change(whole()))
    if fault == "no JSON":
        assert str(refused.value).startswith("line 2: ")


def test_nothing_at_all_is_no_archive() -> None:
    with pytest.raises(WrongArchive, match="the end is missing"):
        archive.prove([])


def test_a_month_may_leave_so_many_years_after_the_end_of_its_year() -> None:
    assert not archive.may_leave(date(2021, 1, 1), 5, date(2026, 12, 31))
    assert archive.may_leave(date(2021, 12, 1), 5, date(2027, 1, 1))
    assert archive.may_leave(date(2021, 1, 1), 1, date(2023, 1, 1))


def test_months_are_whole_and_the_first_one_has_what_was_there_before() -> None:
    def sealed(*days: date) -> list[Seal]:
        return [Seal(day, b"", b"", NOON) for day in days]

    november = [date(2021, 11, n) for n in range(28, 31)]
    december = [date(2021, 12, n) for n in range(1, 32)]
    january = [date(2022, 1, n) for n in range(1, 31)]
    found = list(archive.extents(sealed(*november, *december, *january), date(2022, 1, 1)))
    assert found == [
        Extent(date(2021, 11, 1), None, date(2021, 11, 30)),
        Extent(date(2021, 12, 1), date(2021, 11, 30), date(2021, 12, 31)),
    ]
    assert [each.month.month for each in archive.extents(sealed(*november, *december), date(2021, 11, 1))] == [11]
