"""Only some views take files, only from staff, and what is no file is said in words. Promises: S23, S26."""

from collections.abc import Callable
from io import BytesIO

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from k5web.services.desk import jobs
from k5web.web.desk import uploads
from tests.services.house import House
from tests.web.conftest import Browser, token_of

Staff = Callable[..., Browser]
MORE_THAN_A_FORM = b"x" * 200_000


def hand_in(browser: Browser, path: str, content: bytes | None, name: str = "день.csv", **fields: str) -> TestResponse:
    """Send a file as the page of registers does."""
    data: dict[str, object] = {
        "csrf_token": token_of(browser.get("/desk/registers")),
        "form_key": "form-0001",
        **fields,
    }
    if content is not None:
        data["file"] = (BytesIO(content), name)
    return browser.client.post(path, data=data, content_type="multipart/form-data")


def test_only_the_named_views_take_more_than_a_form(app: Flask) -> None:
    assert app.view_functions.keys() >= uploads.VIEWS
    assert app.config["MAX_CONTENT_LENGTH"] < uploads.LARGEST == 32 * 1024 * 1024


def test_a_large_file_is_taken_from_staff_and_kept_whole(staff: Staff, k5: House) -> None:
    answer = hand_in(staff("money"), "/desk/registers/statement", MORE_THAN_A_FORM)
    (job,) = jobs.page(k5.ports)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/desk/jobs/{job.id}")
    assert (job.file_name, job.size, job.began_by) == ("день.csv", len(MORE_THAN_A_FORM), "staff:anna")


def test_a_stranger_sends_no_more_than_a_form(browser: Browser) -> None:
    data = {"csrf_token": token_of(browser.get("/desk/login")), "file": (BytesIO(MORE_THAN_A_FORM), "x.csv")}
    answer = browser.client.post("/desk/registers/statement", data=data, content_type="multipart/form-data")
    assert answer.status_code == 413


def test_a_form_of_another_view_takes_no_file_even_from_staff(staff: Staff) -> None:
    answer = hand_in(staff("money"), "/desk/jobs/1/sure", MORE_THAN_A_FORM)
    assert answer.status_code == 413


def test_a_file_above_the_limit_of_its_view_is_refused(
    staff: Staff, k5: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "LARGEST", 100_000)
    assert hand_in(staff("money"), "/desk/registers/statement", MORE_THAN_A_FORM).status_code == 413
    assert jobs.page(k5.ports) == []


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (None, "", "Выберите файл"),
        (b"x", "", "Выберите файл"),
        (b"", "day.csv", "Файл пуст"),
        (b"x", "a" * 130 + ".csv", "имя файла"),
        (b"x", "a\x07b.csv", "имя файла"),
    ],
)
def test_what_is_no_file_is_said_in_words(
    staff: Staff, k5: House, content: bytes | None, name: str, words: str
) -> None:
    answer = hand_in(staff("money"), "/desk/registers/statement", content, name)
    assert answer.status_code == 400
    assert words in answer.text
    assert jobs.page(k5.ports) == []


def test_a_path_in_the_name_is_left_out(staff: Staff, k5: House) -> None:
    hand_in(staff("money"), "/desk/registers/statement", b"x", "bank/../day.txt")
    assert jobs.page(k5.ports)[0].file_name == "day.txt"


def test_the_same_form_twice_begins_one_job(staff: Staff, k5: House) -> None:
    anna = staff("money")
    first, second = (hand_in(anna, "/desk/registers/statement", b"x") for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert len(jobs.page(k5.ports)) == 1
    assert hand_in(anna, "/desk/registers/statement", b"x", form_key="").status_code == 400
