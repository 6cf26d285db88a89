"""The field «Кому позвонить?»: every spelling that people of a country have leads to the page of that number. A2."""

from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from k5web.domain.prices.number import Msisdn
from k5web.services.accounts.accounts import add_subscriber
from tests.domain.prices.test_number import SPELLINGS
from tests.services.house import House
from tests.web.calls.call_page import plain
from tests.web.conftest import PASSWORD, Browser

PHONES = {"RU": "+79161234567", "KG": "+996700111222", "KZ": "+77019998877"}
MOSCOW, OSH, ALMATY = "+7 495 123-45-67", "+996 555 123 456", "+7 7272 50 76 12"
PASTED = {
    "RU": {
        "Мама 8 916 123-45-68": "+7 916 123-45-68",
        "☎️ 84951234567": MOSCOW,
        "Офис: (495) 123-45-67, спросить Анну Сергеевну, звонить с девяти до шести": MOSCOW,
        "Позвони мне на +996 555 123456 вечером": OSH,
        "📞 +7 (495) 123-45-67": MOSCOW,
        "<tel:+7-495-123-45-67>": MOSCOW,
        "https://t.k5.ru/+74951234567": MOSCOW,
        "тел. ８４９５１２３４５６７": MOSCOW,
        "8 (495) 123-45-67 Иван": MOSCOW,
        "Anna Ivanova +7 495 123 45 67": MOSCOW,
    },
    "KG": {"Апам 0555 123456": OSH, "үй: 0 (555) 12-34-56": OSH, "Москва 8 495 123-45-67": MOSCOW},
    "KZ": {"Анам 8 (727) 250-76-12": ALMATY, "+996 (555) 123 456 Ош": OSH},
}


def grouped(digits: str) -> str:
    return Msisdn(digits).grouped


def reader(browser: Browser, k5: House, home: str) -> Browser:
    """Return the phone of somebody of this country."""
    if home != "RU":
        add_subscriber(k5.ports, Msisdn.parse(PHONES[home]), PASSWORD, "Айгуль")
    assert browser.log_in(PHONES[home]).status_code == 303
    return browser


def typed(phone: Browser, text: str) -> TestResponse:
    """Press «Узнать цену», and go where it leads."""
    answer = phone.get(f"/?number={quote(text, errors='surrogatepass')}")
    return phone.get(answer.headers["Location"]) if answer.status_code == 303 else answer


@pytest.mark.parametrize("home", PHONES)
def test_every_spelling_leads_to_its_number(browser: Browser, k5: House, home: str) -> None:
    phone = reader(browser, k5, home)
    wished = {text: grouped(digits) for text, of, digits in SPELLINGS if of == home}
    assert len(wished) >= 3
    found = {text: wanted in plain(typed(phone, text)) for text, wanted in (wished | PASTED[home]).items()}
    assert [text for text, is_there in found.items() if not is_there] == []


def test_of_several_pasted_numbers_the_reader_chooses(phone: Browser) -> None:
    answer = typed(phone, "Офис 8 495 123-45-67 или мобильный 8 916 765-43-21")
    assert answer.status_code == 200
    assert "На какой номер позвонить?" in plain(answer)
    assert plain(answer).count("+7 ") == 2


NO_NUMBERS = ["8(495)1234567/68", "112", "скорая 103", "Заказ 12345", "позвони", "+7 495 CALL-NOW", "+7495123456a"]


def test_what_is_no_number_stays_in_the_field(phone: Browser) -> None:
    for text in NO_NUMBERS:
        answer = typed(phone, text)
        assert answer.status_code in {400, 403, 422}, text
        assert 'id="number"' in answer.text, text


def test_the_field_takes_a_line_of_a_contact(phone: Browser) -> None:
    """Cut by the browser at forty letters it would lose the number behind the name."""
    assert 'maxlength="200"' in phone.get("/").text
