"""Files from the cabinet: asked for with the password, watched, fetched by their owner alone, for a week."""

import csv
import io
from dataclasses import replace

import openpyxl
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from k5web.domain.books.export import KEPT_FOR
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.books import exports
from k5web.web.books import report_files
from tests.services.house import House
from tests.web.calls.call_page import words
from tests.web.conftest import PASSWORD, Browser

PAGE = "/me/documents/files"
DECEMBER = {"paper": "statement", "from": "2026-12-01", "to": "2026-12-31", "kind": "all"}


def ask(phone: Browser, **fields: str) -> TestResponse:
    return phone.press(PAGE, PAGE, None, **{**DECEMBER, "format": "csv", "form_key": "form-1", **fields})


def make(k5: House) -> int:
    """One round of the worker that makes files."""
    return exports.make_due(replace(k5.ports, write_report=report_files.write))


def address_of(answer: TestResponse) -> str:
    """Return where a file will be."""
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"].removesuffix("/state")


def test_a_file_is_asked_for_watched_and_fetched(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    file = address_of(ask(phone))
    waiting = phone.get(f"{file}/state")
    assert "В очереди" in words(waiting)
    assert 'http-equiv="refresh"' in waiting.text
    assert 'http-equiv="refresh"' not in phone.get(f"{file}/state?auto=0").text
    assert phone.get(file).status_code == 404
    assert make(k5) == 1
    ready = phone.get(f"{file}/state")
    assert f'href="{file}"' in ready.text
    assert 'http-equiv="refresh"' not in ready.text
    answer = phone.get(file)
    assert (answer.mimetype, answer.headers["Content-Disposition"]) == (
        "text/csv",
        'attachment; filename="k5-statement-2026-12-01-2026-12-31.csv"',
    )
    assert len(answer.data) == int(answer.headers["Content-Length"])
    [row] = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";")
    assert row["Сумма"] == "50,00"


@pytest.mark.parametrize(
    ("form", "kind", "begin"),
    [
        ("pdf", "application/pdf", b"%PDF-"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK"),
    ],
)
def test_each_format_has_its_own_media_type(phone: Browser, k5: House, form: str, kind: str, begin: bytes) -> None:
    k5.top_up("50.00")
    file = address_of(ask(phone, format=form))
    make(k5)
    answer = phone.get(file)
    assert answer.mimetype == kind
    assert answer.data.startswith(begin)
    assert answer.headers["Content-Disposition"].endswith(f'.{form}"')


def test_the_sums_of_a_workbook_and_of_a_csv_are_the_same_numbers(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    k5.talk(k5.order(), "65")
    of_each = {}
    for form in ("csv", "xlsx"):
        file = address_of(ask(phone, format=form, form_key=form, paper="calls"))
        make(k5)
        of_each[form] = phone.get(file).data
    sheet = openpyxl.load_workbook(io.BytesIO(of_each["xlsx"])).worksheets[0]
    heading, *lines = sheet.values
    at = heading.index("Сумма")
    rows = list(csv.DictReader(io.StringIO(of_each["csv"].decode("utf-8-sig")), delimiter=";"))
    assert [str(line[at]) for line in lines] == [row["Сумма"].replace(",", ".").rstrip("0") for row in rows] == ["-4.4"]


def test_asking_and_fetching_need_the_password(phone: Browser, k5: House) -> None:
    """docs/pages.md: it tells much of a life."""
    k5.top_up("50.00")
    file = address_of(ask(phone))
    make(k5)
    k5.clock.forward(minutes=16)
    assert phone.get(file).headers["Location"].startswith("/confirm?next=")
    assert "Пароль" in words(phone.get(PAGE))
    assert ask(phone, form_key="form-2").status_code == 403
    assert ask(phone, form_key="form-2", password=PASSWORD).status_code == 303


def test_somebody_elses_file_is_not_there(app: Flask, phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    file = address_of(ask(phone))
    make(k5)
    add_subscriber(k5.ports, Msisdn.parse("+79261234567"), PASSWORD, "Борис")
    other = Browser(app.test_client())
    other.log_in(login="+79261234567")
    assert other.get(file).status_code == other.get(f"{file}/state").status_code == 404
    other.press(PAGE, f"{file}/remove")
    assert phone.get(file).status_code == 200


def test_strangers_are_asked_to_log_in(app: Flask, phone: Browser, k5: House) -> None:
    file = address_of(ask(phone))
    make(k5)
    stranger = Browser(app.test_client())
    for path in (PAGE, file, f"{file}/state"):
        assert stranger.get(path).headers["Location"].startswith("/login?next=")


def test_after_a_week_a_file_is_not_found(phone: Browser, k5: House) -> None:
    file = address_of(ask(phone))
    make(k5)
    k5.clock.now += KEPT_FOR
    phone.press("/confirm", "/confirm", password=PASSWORD)
    assert phone.get(file).status_code == phone.get(f"{file}/state").status_code == 404
    assert "Файлов пока нет" in words(phone.get(PAGE))


def test_a_file_can_be_removed(phone: Browser, k5: House) -> None:
    file = address_of(ask(phone))
    make(k5)
    assert phone.press(PAGE, f"{file}/remove").status_code == 303
    assert phone.get(file).status_code == 404


def test_too_many_files_are_refused_on_the_page(phone: Browser, k5: House) -> None:
    for n in range(3):
        ask(phone, form_key=f"form-{n}")
    answer = ask(phone, form_key="form-4")
    assert answer.status_code == 409
    assert "Больше 3 нельзя." in answer.text


@pytest.mark.parametrize("days", [{"from": "2026-12-31", "to": "2026-12-01"}, {"from": "x", "to": ""}])
def test_days_that_make_no_period_are_named(phone: Browser, days: dict[str, str]) -> None:
    answer = ask(phone, **days)
    assert answer.status_code == 400
    assert "Укажите оба дня" in answer.text


def test_a_damaged_form_is_read_as_far_as_it_goes(phone: Browser, k5: House) -> None:
    file = address_of(ask(phone, paper="x", kind="y", format="z", form_key=""))
    make(k5)
    assert phone.get(file).mimetype == "application/pdf"


def test_the_documents_lead_to_the_files(phone: Browser) -> None:
    assert f'href="{PAGE}"' in phone.get("/me/documents").text


def test_a_file_of_one_number_is_asked_for_by_its_page(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    k5.talk(k5.order(), "65")
    k5.talk(k5.order("+78432123456"), "65")
    page = phone.get(f"{PAGE}?paper=calls&number=%2B74951234567")
    assert "Что Детализация звонков С номером +7 495 123-45-67" in words(page)
    assert 'type="hidden" name="number" value="+74951234567"' in page.text
    file = address_of(ask(phone, paper="calls", number="+74951234567"))
    make(k5)
    answer = phone.get(file)
    assert "k5-calls-74951234567-2026-12-01-2026-12-31.csv" in answer.headers["Content-Disposition"]
    [row] = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";")
    assert row["Собеседник"] == "74951234567"
    assert "Детализация звонков, 12.2026, +7 495 123-45-67, CSV" in words(phone.get(PAGE))
    assert ask(phone, paper="calls", number="+7495", form_key="form-2").status_code == 400
