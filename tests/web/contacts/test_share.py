"""«Поделиться → K5»: it leads to the page of the number and does nothing by itself."""

from urllib.parse import quote, urlencode

import pytest

from tests.services.house import House
from tests.web.calls.call_page import plain, words
from tests.web.conftest import Browser


def shared(**fields: str) -> str:
    return f"/share?{urlencode(fields)}"


@pytest.mark.parametrize(
    "fields",
    [
        {"url": "tel:+74951234567"},
        {"text": "8 495 123-45-67"},
        {"title": "Офис", "text": "Офис\n+7 495 123-45-67", "url": ""},
        {"text": "https://t.k5.ru/+74951234567"},
        {"title": "+74951234567"},
    ],
)
def test_one_number_opens_its_call_page(phone: Browser, k5: House, fields: dict[str, str]) -> None:
    answer = phone.get(shared(**fields))
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/+74951234567"


def test_a_link_that_the_browser_hands_over_is_one_field(phone: Browser) -> None:
    """As a protocol handler gets it: `%s` is replaced by the whole link, escaped."""
    assert phone.get("/share?url=" + quote("tel:+7-495-123-45-67", safe="")).headers["Location"] == "/+74951234567"


def test_of_several_numbers_the_reader_chooses(phone: Browser) -> None:
    page = phone.get(shared(text="+7 495 123-45-67, +7 843 212-34-56, +7 495 123-45-67"))
    assert "На какой номер позвонить?" in words(page)
    assert page.text.count('href="/+74951234567"') == page.text.count('href="/+78432123456"') == 1


@pytest.mark.parametrize("fields", [{}, {"text": "Привет <b>"}, {"text": "112"}])
def test_a_text_without_a_number_asks_for_one(phone: Browser, fields: dict[str, str]) -> None:
    answer = phone.get(shared(**fields))
    assert answer.status_code == 400
    assert "нет номера телефона" in plain(answer)
    assert "<b>" not in answer.text


def test_a_stranger_logs_in_and_comes_back_to_what_was_shared(browser: Browser) -> None:
    answer = browser.get(shared(text="+7 495 123-45-67"))
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/login?next=/share?text%3D")
