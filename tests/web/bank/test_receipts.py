"""The receipt for a bank as a page and as a file: filled for its owner, for nobody else, kept by no cache (B13)."""

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from flask import Flask

from k5web.domain.bank import receipt
from k5web.domain.books.ledger import EventName
from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts.accounts import add_subscriber
from k5web.storage.bank import bank_payments
from k5web.storage.bank.bank_payments import KeptPayment
from tests.domain import gost_reader
from tests.fakes.payee import ROMASHKA
from tests.paper.readers import by_zbar, by_zxing, need_readers, picture_of
from tests.services.house import House
from tests.web.conftest import PASSWORD, Browser


def said(page: str) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", page)).replace("\N{NO-BREAK SPACE}", " ")


def test_the_page_shows_the_form_and_the_same_in_words(phone: Browser, k5: House) -> None:
    page = phone.get("/pay/pd4?sum=500").text
    assert page.count('<svg class="sheet"') == 1
    assert page.count('id="sheet-code"') == 1
    words = said(page.partition("<footer")[0])
    for fact in (ROMASHKA.name, ROMASHKA.inn, ROMASHKA.kpp, ROMASHKA.account, ROMASHKA.bic, ROMASHKA.correspondent):
        assert words.count(fact) == 3, fact  # the notice, the receipt, the list
    assert f"Пополнение лицевого счета {k5.caller.id}. Услуги связи. Без НДС" in words
    assert "500,00 ₽" in words
    assert 'value="500"' in page
    assert " style=" not in page


def test_without_a_sum_the_form_leaves_it_to_the_pen(phone: Browser) -> None:
    page = phone.get("/pay/pd4").text
    assert "500" not in said(page)


def test_a_sum_that_cannot_be_is_named_and_nothing_is_printed(phone: Browser) -> None:
    for typed in ("0", "0.00", "-1", "1e3", "10000000", "1.005", "много", "٥"):
        page = phone.get(f"/pay/pd4?sum={typed}")
        assert page.status_code == 400, typed
        assert 'role="alert"' in page.text, typed
        assert "<title>Ошибка:" in page.text, typed
        assert "<svg" not in page.text, typed
        assert f'value="{typed}"' in page.text, typed
        file = phone.get(f"/pay/pd4.pdf?sum={typed}")
        assert (file.status_code, file.mimetype) == (400, "text/html"), typed


@pytest.mark.parametrize("typed", ["1 234,56", "1234.56"])
def test_a_sum_is_read_as_people_write_it(phone: Browser, typed: str) -> None:
    assert "1 234,56 ₽" in said(phone.get(f"/pay/pd4?sum={typed}").text)


def test_the_file_is_a_pdf_that_names_nobody_and_is_kept_by_no_cache(phone: Browser) -> None:
    file = phone.get("/pay/pd4.pdf?sum=500.00")
    assert file.mimetype == "application/pdf"
    assert file.data.startswith(b"%PDF-")
    assert file.headers["Content-Disposition"] == 'inline; filename="pd4.pdf"'
    assert file.headers["Cache-Control"] == "no-store"
    assert phone.get("/pay/pd4").headers["Cache-Control"] == "no-store"


@pytest.mark.paper
@pytest.mark.parametrize("sum_", ["", "500.00", "0.01", "9999999.99"])
def test_the_code_of_the_file_pays_to_the_own_account(phone: Browser, k5: House, tmp_path: Path, sum_: str) -> None:
    need_readers()
    path = tmp_path / "pd4.pdf"
    path.write_bytes(phone.get(f"/pay/pd4.pdf?sum={sum_}").data)
    picture = picture_of(path)
    wanted = receipt.make(ROMASHKA, str(k5.caller.id), rub(sum_) if sum_ else None, k5.caller.name).payload()
    assert by_zbar(picture) == by_zxing(picture) == wanted
    assert gost_reader.read(wanted)["PersAcc"] == str(k5.caller.id)


def test_the_way_stands_beside_the_others(phone: Browser, browser: Browser) -> None:
    assert 'href="/pay/pd4"' in phone.get("/pay").text
    assert 'href="/pay/pd4"' in browser.get("/pay").text


def test_strangers_log_in_first_and_come_back(app: Flask) -> None:
    stranger = Browser(app.test_client())
    assert stranger.get("/pay/pd4?sum=5").headers["Location"] == "/login?next=/pay/pd4?sum%3D5"
    assert "/login" in stranger.get("/pay/pd4.pdf").headers["Location"]


def test_a_house_without_a_payee_prints_nothing(k5: House, make_app: Callable[..., Flask]) -> None:
    k5.ports = replace(k5.ports, payee=None)
    phone = Browser(make_app().test_client())
    phone.log_in()
    assert phone.get("/pay/pd4").status_code == 404
    assert phone.get("/pay/pd4.pdf").status_code == 404
    assert "/pay/pd4" not in phone.get("/pay").text


def test_an_account_in_soms_is_told_that_receipts_are_in_roubles(k5: House, app: Flask) -> None:
    add_subscriber(k5.ports, Msisdn("996555123456"), PASSWORD, "Үсөн", currency="KGS")
    phone = Browser(app.test_client())
    phone.log_in("996555123456")
    page = phone.get("/pay/pd4")
    assert page.status_code == 409
    assert "в рублях" in page.text
    assert "/pay/pd4" not in phone.get("/pay").text
    assert phone.get("/pay/pd4.pdf").status_code == 404


def test_a_name_without_letters_of_ours_is_told(k5: House, app: Flask) -> None:
    add_subscriber(k5.ports, Msisdn("79160000009"), PASSWORD, "漢字")
    phone = Browser(app.test_client())
    phone.log_in("79160000009")
    page = phone.get("/pay/pd4")
    assert page.status_code == 409
    assert "Знак «漢»" in page.text


def test_a_name_is_text_in_the_form_and_not_markup(k5: House, app: Flask) -> None:
    add_subscriber(k5.ports, Msisdn("79160000008"), PASSWORD, "<b>Иван & Ко</b>")
    phone = Browser(app.test_client())
    phone.log_in("79160000008")
    page = phone.get("/pay/pd4").text
    assert "<b>Иван" not in page
    assert page.count("&lt;b&gt;Иван &amp; Ко&lt;/b&gt;") == 2


def pay(k5: House, sum_: str, key: str) -> None:
    """Let a payment of this sum have come to the bank today."""
    name = EventName(f"bank:{ROMASHKA.account}", key)
    with k5.ports.sessions.begin() as db:
        bank_payments.add(
            db, KeptPayment(k5.caller.id, name, key, k5.ports.today(), k5.ports.today(), rub(sum_), b"x"), k5.clock()
        )


def test_a_printed_receipt_is_listed_once_and_waits(phone: Browser) -> None:
    for _ in range(3):
        answer = phone.press("/pay/pd4?sum=500", "/pay/pd4", sum="500")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/pay/pd4.pdf?sum=500")
    assert phone.press("/pay/pd4", "/pay/pd4", sum="").headers["Location"] == "/pay/pd4.pdf"
    page = phone.get("/me/invoices").text
    assert page.count("Квитанция от 01.12.2026") == 2
    assert 'href="/pay/pd4?sum=500.00"' in page
    assert "Ждём оплаты" in page


def test_a_wrong_sum_is_named_and_not_listed(phone: Browser) -> None:
    answer = phone.press("/pay/pd4", "/pay/pd4", sum="много")
    assert phone.get(answer.headers["Location"]).status_code == 400
    assert "Квитанция от" not in phone.get("/me/invoices").text


def test_a_payment_names_the_receipt_it_came_by(phone: Browser, k5: House) -> None:
    phone.press("/pay/pd4?sum=500", "/pay/pd4", sum="500")
    pay(k5, "700.00", "1")
    assert "По квитанции или переводом" in phone.get("/me/invoices").text
    pay(k5, "500.00", "2")
    page = phone.get("/me/invoices").text
    assert "Оплачена, деньги пришли 01.12.2026" in page
    assert "По квитанции от 01.12.2026" in page
    assert "Ждём оплаты" not in page


def test_no_more_than_a_days_twenty_are_listed(phone: Browser) -> None:
    for roubles in range(1, 23):
        assert phone.press("/pay/pd4", "/pay/pd4", sum=str(roubles)).status_code == 303
    assert phone.get("/me/invoices").text.count("Квитанция от") == 20
