"""Days, seals with who got them, the last verification, the archive; days are closed by a press."""

from collections.abc import Callable

import pytest

from k5web.domain.books.ledger import Breach
from k5web.services.books import archiving, sealing
from k5web.services.books import verify as verifying
from k5web.storage.books import seal_rows
from k5web.storage.books.archive_rows import ArchiveFile
from tests.services.house import House
from tests.web.conftest import Browser

Staff = Callable[..., Browser]


@pytest.fixture(autouse=True)
def no_clock_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's clock stands where it likes."""
    monkeypatch.setattr(seal_rows, "clock_of", lambda db: None)


def test_days_that_are_due_are_closed_by_a_press(staff: Staff, k5: House) -> None:
    k5.top_up("100.00")
    k5.clock.forward(days=2)
    browser = staff("money")
    before = browser.get("/desk/books").text
    assert "Пора закрыть: 02.12.2026." in before
    assert browser.press("/desk/books", "/desk/books/close", None).status_code == 303
    after = browser.get("/desk/books").text
    assert "Все прошедшие дни закрыты" in after
    (seal,) = sealing.seals(k5.ports)
    assert seal.digest.hex() in after
    assert "02.12.2026" in after


def test_an_auditor_sees_the_days_and_closes_none(staff: Staff, k5: House) -> None:
    k5.top_up("100.00")
    k5.clock.forward(days=2)
    browser = staff("auditor")
    assert "Закрыть и опечатать" not in browser.get("/desk/books").text
    assert browser.press("/desk/books", "/desk/books/close", None).status_code == 403
    assert sealing.seals(k5.ports) == []


def test_seals_come_in_pages(staff: Staff, k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "PAGE", 2)
    k5.top_up("100.00")
    k5.clock.forward(days=1)
    sealing.close_due(k5.ports)
    k5.clock.forward(days=4)
    sealing.close_due(k5.ports)
    browser = staff("auditor")
    first = browser.get("/desk/books").text
    assert "05.12.2026</th>" in first
    assert "03.12.2026</th>" not in first
    assert "?before=2026-12-04" in first
    second = browser.get("/desk/books?before=2026-12-04").text
    assert "03.12.2026</th>" in second
    assert "05.12.2026</th>" not in second


def test_how_the_books_came_out_last_is_said(staff: Staff, k5: House) -> None:
    browser = staff("auditor")
    assert "Книги ещё не сверяли" in browser.get("/desk/books").text
    verifying.note(k5.ports, [], "system:k5")
    assert "все правила соблюдены" in browser.get("/desk/books").text
    k5.clock.forward(minutes=1)
    verifying.note(k5.ports, [Breach("I1", "owner 1", "kept 7")], "system:k5")
    page = browser.get("/desk/books").text
    assert "правила нарушены, строк 1" in page
    assert "I1  owner 1: kept 7" in page


def test_files_of_archived_months_are_listed_with_their_digests(staff: Staff, k5: House) -> None:
    browser = staff("auditor")
    assert "Файлов ещё нет" in browser.get("/desk/archive").text
    month = k5.ports.today().replace(day=1)
    archiving.note(k5.ports, ArchiveFile(month, "k5.jsonl", b"\xab" * 32, 10, 7, b"s", k5.clock(), "system:root"))
    page = browser.get("/desk/archive").text
    assert "ab" * 32 in page
    assert "12.2026" in page
