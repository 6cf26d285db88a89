"""A register and a statement by the desk do what the commands do, once. Promises: B4, R21, I13."""

from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from k5web.domain.desk.job import LEASE, Job, JobState, JobWish
from k5web.domain.money import Money, rub
from k5web.services.bank import statement_import
from k5web.services.desk import jobs
from k5web.services.payments import reconciliation
from k5web.storage.session import Sessions
from tests.bank_files import Came, exchange
from tests.conftest import Clock
from tests.services.net import Net
from tests.services.payments.test_reconciliation import DAY, Books


class Killed(BaseException):
    """The worker dies here: nothing after it runs."""


@pytest.fixture
def books(sessions: Sessions, tmp_path: Path) -> Books:
    """The books on the day after."""
    return Books(sessions, Clock(), tmp_path)


def done(net: Net, kind: str, content: bytes, **options: Any) -> Job:
    """Hand a file in and let the worker do it."""
    wish = JobWish(kind, "file.txt", f"form {len(jobs.page(net.ports))}", options)
    job = jobs.begin(net.ports, "staff:anna", wish, BytesIO(content))
    jobs.run_due(net.ports)
    return jobs.find(net.ports, job.id)


def told(job: Job) -> Mapping[str, Any]:
    assert job.result is not None
    return job.result


def to_anna(net: Net, count: int, amount: Money | None = None) -> bytes:
    day = f"{net.ports.today():%d.%m.%Y}"
    paid = [Came(str(n), amount or rub("500.00"), f"K5-{net.caller.id}", day) for n in range(count)]
    return exchange(paid)


def test_a_register_names_what_differs(books: Books) -> None:
    books.credit("1", DAY, rub("10.00"))
    books.credit("2", DAY, rub("20.00"))
    lines = [("1", DAY, rub("10.00")), ("2", DAY, rub("20.01")), ("3", DAY, rub("30.00"))]
    job = done(books, "register", books.register(lines).read_bytes(), origin="fake:bank")
    facts = told(job)
    assert (job.state, facts["lines"], facts["days"], facts["agrees"]) == (JobState.DONE, 3, ["2026-11-30"] * 2, False)
    assert {name: count for name, count in facts["counts"].items() if count} == {
        "confirmed": 1, "sum_mismatch": 1, "missing_here": 1,
    }  # fmt: skip
    assert [(one["verdict"], one["key"], one["theirs"], one["ours"]) for one in facts["findings"]] == [
        ("missing_here", "3", [3000, "RUB"], None),
        ("sum_mismatch", "2", [2001, "RUB"], [2000, "RUB"]),
    ]


@pytest.mark.parametrize(
    ("content", "origin", "code"),
    [
        ("total;1;100.00\n", "fake:bank", "wrong_register"),
        ("", "fake:bank", "wrong_register"),
        ("not a register\n", "fake:bank", "wrong_register"),
        ("\0\xff\xfe" * 1000, "fake:bank", "wrong_register"),
        ("total;0;0.00\n", "fake:nobody", "not_found"),
    ],
)
def test_what_is_no_register_is_refused_whole_with_its_reason(
    books: Books, content: str, origin: str, code: str
) -> None:
    job = done(books, "register", content.encode("latin-1"), origin=origin)
    assert (job.state, told(job)["code"]) == (JobState.REFUSED, code)
    assert books.incidents() == []


def test_a_statement_credits_once_and_says_whom(books: Books) -> None:
    content = to_anna(books, 3)
    first, again = (told(done(books, "statement", content)) for _ in range(2))
    assert (first["credited"]["count"], first["credited"]["amount"], first["known"]) == (3, "1500.00", 0)
    assert {one["owner_id"] for one in first["credited"]["payments"]} == {books.caller.id}
    assert (again["credited"]["count"], again["known"]) == (0, 3)
    assert books.balance() == rub("1500.00")
    books.assert_sound()


def test_a_large_payment_is_asked_about_and_credited_when_a_person_says_it_is_right(books: Books) -> None:
    books.ports = replace(books.ports, bank_asks_above=rub("400.00"))
    job = done(books, "statement", to_anna(books, 1))
    assert (job.state, books.balance()) == (JobState.ASKING, rub("0.00"))
    assert "500.00 is above 400.00" in told(job)["words"]
    jobs.say_right(books.ports, job.id)
    jobs.run_due(books.ports)
    assert (jobs.find(books.ports, job.id).state, books.balance()) == (JobState.DONE, rub("500.00"))


def test_what_the_bank_says_came_must_be_what_the_file_says(books: Books) -> None:
    job = done(books, "statement", to_anna(books, 2), received="999.00")
    assert (job.state, told(job)["code"], books.balance()) == (JobState.REFUSED, "wrong_statement", rub("0.00"))
    assert done(books, "statement", to_anna(books, 2), received="1000.00").state is JobState.DONE


def test_a_statement_killed_in_the_middle_is_credited_once_in_the_end(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker dies after the first payments were committed; the next one finds them by their names."""
    count = statement_import.BATCH + 20
    booked: list[int] = []

    def die(document: object, *args: object) -> object:
        booked.append(1)
        if len(booked) > statement_import.BATCH + 10:
            raise Killed
        return credit(document, *args)  # type: ignore[arg-type]

    credit = statement_import.credit_document
    monkeypatch.setattr(statement_import, "credit_document", die)
    with pytest.raises(Killed):
        done(books, "statement", to_anna(books, count, rub("1.00")))
    monkeypatch.setattr(statement_import, "credit_document", credit)
    assert books.balance() == Money(100 * statement_import.BATCH)
    books.clock.forward(seconds=LEASE.total_seconds() + 1)
    assert jobs.run_due(books.ports) == 1
    job = jobs.page(books.ports)[0]
    assert (job.state, job.attempts, told(job)["credited"]["count"], told(job)["known"]) == (JobState.DONE, 2, 20, 100)
    assert books.balance() == Money(100 * count)
    books.assert_sound()


def test_a_register_killed_in_the_middle_names_each_difference_once(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [(str(n), DAY, rub("1.00")) for n in range(30)]
    content = books.register(lines).read_bytes()
    times: list[int] = []

    def die(*args: Any) -> Any:
        times.append(1)
        if len(times) == 2:
            raise Killed
        return compare(*args)

    compare = reconciliation._compare
    monkeypatch.setattr(reconciliation, "AT_ONCE", 10)
    monkeypatch.setattr(reconciliation, "_compare", die)
    with pytest.raises(Killed):
        done(books, "register", content, origin="fake:bank")
    monkeypatch.setattr(reconciliation, "_compare", compare)
    assert len(books.incidents()) == 10
    books.clock.forward(seconds=LEASE.total_seconds() + 1)
    assert jobs.run_due(books.ports) == 1
    assert told(jobs.page(books.ports)[0])["counts"]["missing_here"] == 30
    assert len(books.incidents()) == 30
