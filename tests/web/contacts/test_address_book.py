"""«Ссылки в контакты»: a book goes in and comes back; what would change is shown; nothing is kept."""

from io import BytesIO

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from k5web.domain.contacts.raw_text import LARGEST_MB
from k5web.storage.tables import Base, ThrottleRow
from k5web.web.contacts import address_book
from tests.domain.contacts.books import BOOKS, crlf
from tests.processes import ROOT
from tests.services.house import House
from tests.web.conftest import Browser, token_of

PAGE = "/me/contacts"
HERE = "127.0.0.1:8000"
BOOK = BOOKS["iCloud, 3.0, a link that is there"].replace(b"T.K5.example", HERE.encode())


def send(browser: Browser, content: bytes | None, step: str = "take", name: str = "contacts.vcf") -> TestResponse:
    fields: dict[str, object] = {"csrf_token": token_of(browser.get(PAGE)), "step": step}
    if content is not None:
        fields["book"] = (BytesIO(content), name)
    return browser.client.post(PAGE, base_url=browser.site, data=fields, content_type="multipart/form-data")


def test_a_book_comes_back_with_its_links(phone: Browser) -> None:
    answer = send(phone, BOOK)
    head = {name: answer.headers[name] for name in ("Content-Type", "Content-Disposition", "Cache-Control")}
    assert head == {
        "Content-Type": "text/vcard; charset=utf-8",
        "Content-Disposition": 'attachment; filename="contacts-k5.vcf"',
        "Cache-Control": "no-store",
    }
    assert f"\r\nitem1.URL:http://{HERE}/+74951234567\r\n".encode() in answer.data
    assert send(phone, answer.data).data == answer.data


def test_a_table_comes_back_as_a_table(phone: Browser) -> None:
    answer = send(phone, BOOKS["Google, CSV"], name="contacts.csv")
    assert (answer.mimetype, answer.headers["Content-Disposition"][-9:]) == ("text/csv", 's-k5.csv"')


def test_what_would_change_is_shown_first(phone: Browser) -> None:
    page = send(phone, BOOK + BOOKS["Android 14, 3.0"], "look").text
    said = ("Добавим 2 ссылки.", "Всего в файле 3 контакта.", "У 1 номера ссылка уже есть.", "Такси", "112")
    assert [words for words in said if words not in page] == []
    assert "Выберите тот же файл ещё раз" in page


def test_where_nothing_is_to_be_added_the_page_says_so(phone: Browser) -> None:
    page = send(phone, send(phone, BOOK).data, "look").text
    assert "Добавлять нечего." in page
    assert 'type="file"' not in page


def test_long_lists_are_cut(phone: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address_book, "SHOWN", 1)
    page = send(phone, BOOKS["Android 4, 2.1, quoted-printable"] + BOOKS["Google, 3.0"], "look").text
    assert "И ещё 3 номера." in page


def test_names_are_text(phone: Browser) -> None:
    book = crlf("BEGIN:VCARD", "FN:<b>Анна</b>", "TEL:+74951234567", "TEL:<i>1</i>", "END:VCARD")
    page = send(phone, book, "look").text
    assert "&lt;b&gt;Анна&lt;/b&gt;" in page
    assert "&lt;i&gt;1&lt;/i&gt;" in page


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "Выберите файл и нажмите ещё раз."),
        (b"%PDF-1.7", "Это не файл контактов."),
        (BOOK[:-20], "Файл обрывается на строке 1."),
        (b'Name,Phone 1 - Value\n"A"b"",1\n', "Строка 2 – не строка таблицы."),
        (b"\xff\xfeB", "Файл повреждён."),
    ],
)
def test_what_is_no_book_is_told_at_its_field(phone: Browser, content: bytes | None, words: str) -> None:
    answer = send(phone, content, name="x.vcf" if content is not None else "")
    assert answer.status_code == 400
    assert answer.text.count(words) == 2
    assert 'aria-invalid="true"' in answer.text


def test_a_book_may_be_larger_than_a_form_and_not_without_end(
    phone: Browser, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = BOOK + b"\r\n" * 100_000
    assert send(phone, large).status_code == 200
    monkeypatch.setattr(address_book, "LARGEST", 100_000)
    answer = send(phone, large)
    assert answer.status_code == 413
    assert answer.text.count("Файл больше 20 МБ.") == 2
    assert 'aria-invalid="true"' in answer.text
    assert 'name="book"' in answer.text


def test_a_stranger_sends_no_book(browser: Browser) -> None:
    data = {"csrf_token": token_of(browser.get("/login")), "book": (BytesIO(b"\r\n" * 100_000), "x.vcf")}
    answer = browser.client.post(PAGE, base_url=browser.site, data=data, content_type="multipart/form-data")
    assert answer.status_code == 413


def test_nothing_of_a_book_is_kept(phone: Browser, k5: House) -> None:
    def rows() -> dict[str, int]:
        with k5.ports.sessions.read() as db:
            tables = set(Base.metadata.sorted_tables) - {ThrottleRow.__table__}  # that somebody sent one, and when
            return {table.name: db.scalar(select(func.count()).select_from(table)) or 0 for table in tables}

    phone.get(PAGE)
    before = rows()
    for step in ("look", "take"):
        assert send(phone, BOOK, step).status_code == 200
    assert rows() == before


def test_how_large_a_book_may_be_is_said_alike_everywhere() -> None:
    for place in ("docs/contacts.md", "deploy/nginx/k5.conf"):
        assert f"takes {LARGEST_MB} MB" in (ROOT / place).read_text("utf-8")
