"""Invoices in the cabinet: made out by a form, shown with their state, printed, taken back. Promises: B13."""

import re
from html import unescape

from k5web.services.bank import invoices
from tests.services.house import House
from tests.web.conftest import Browser

FORM = {"name": "ООО «Лютик»", "inn": "7708789018", "kpp": "772401001", "address": "", "sum": "1 500,50"}
PAGE = "/me/invoices"


def said(page: str) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", page)).replace("\N{NO-BREAK SPACE}", " ")


def test_a_form_makes_an_invoice_that_can_be_printed(phone: Browser) -> None:
    made = phone.press(PAGE, PAGE, None, **FORM, form_key="k")
    assert (made.status_code, made.headers["Location"]) == (303, "/me/invoices/1")
    page = phone.get("/me/invoices/1")
    assert "Ждём оплаты" in said(page.text)
    assert "(Одна тысяча пятьсот рублей 50 копеек)" in said(page.text)
    assert page.text.count('id="sheet-code"') == 1
    assert " style=" not in page.text
    file = phone.get("/me/invoices/1.pdf")
    assert (file.mimetype, file.data[:5]) == ("application/pdf", b"%PDF-")
    assert file.headers["Content-Disposition"] == 'inline; filename="invoice-1.pdf"'
    assert file.headers["Cache-Control"] == "no-store"


def test_a_form_sent_twice_makes_one_invoice(phone: Browser, k5: House) -> None:
    for _ in range(2):
        assert phone.press(PAGE, PAGE, None, **FORM, form_key="k").headers["Location"] == "/me/invoices/1"
    assert len(invoices.papers(k5.ports, k5.caller.id).invoices) == 1


MISTAKES = [
    ({"inn": "7708789019"}, "inn", "Такого ИНН не бывает"),
    ({"kpp": "1"}, "kpp", "КПП – это девять знаков"),
    ({"name": ""}, "name", "Напишите название организации"),
    ({"name": "漢"}, "name", "Напишите название организации"),
    ({"address": "漢"}, "address", "Напишите адрес"),
    ({"sum": "много"}, "sum", "Это не похоже на сумму"),
    ({"sum": "0"}, "sum", "на сумму от"),
]


def test_a_mistake_is_named_at_its_field_and_nothing_typed_is_lost(phone: Browser, k5: House) -> None:
    for wrong, where, words in MISTAKES:
        page = phone.press(PAGE, PAGE, None, **(FORM | wrong), form_key="k")
        assert page.status_code == 400, wrong
        assert f'href="#{where}"' in page.text, wrong
        assert words in said(page.text), wrong
        assert 'value="ООО «Лютик»"' in page.text or "name" in wrong, wrong
        assert not invoices.papers(k5.ports, k5.caller.id).invoices, wrong


def test_a_form_without_its_key_is_asked_again(phone: Browser) -> None:
    assert phone.press(PAGE, PAGE, None, **FORM).status_code == 400


def test_an_invoice_is_listed_and_taken_back(phone: Browser) -> None:
    phone.press(PAGE, PAGE, None, **FORM, form_key="k")
    assert "Счёт № 1 от 01.12.2026" in said(phone.get(PAGE).text)
    phone.press("/me/invoices/1", "/me/invoices/1/cancel")
    assert "✗ Отменён" in said(phone.get(PAGE).text)
    assert "/me/invoices/1/cancel" not in phone.get("/me/invoices/1").text
    assert 'value="ООО «Лютик»"' in phone.get(PAGE).text, "the next one is for the same buyer"


def test_the_cabinet_leads_there(phone: Browser) -> None:
    assert 'href="/me/invoices"' in phone.get("/me").text


def test_an_invoice_that_is_not_there_is_not_found(phone: Browser) -> None:
    assert phone.get("/me/invoices/7").status_code == 404
    assert phone.get("/me/invoices/7.pdf").status_code == 404
