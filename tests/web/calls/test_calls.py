"""The call from its page to its bill, as a browser without scripts sees it."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask

from k5web.domain.books.ledger import EventName
from k5web.domain.money import Money, rub
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import accounts
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.calls import ordering
from k5web.services.payments.topups import credit
from k5web.services.prices.exchange import convert_deck
from k5web.storage.books import ledger
from tests.fakes.doors import change_plan
from tests.services.house import PRICES, House, publish
from tests.web.calls.call_page import PAGE, field, made, plain, press
from tests.web.conftest import PASSWORD, Browser

# The page


def test_a_stranger_gets_the_login_form_and_not_a_word_about_anybody(browser: Browser, k5: House) -> None:
    """A1: the first visit asks who it is, in one answer, and leads back to the same number."""
    k5.top_up("98.60")
    page = browser.get(PAGE)
    assert page.status_code == 200
    assert field(page, "next") == PAGE
    assert "Вход" in page.text
    assert '<meta property="og:title" content="K5">' in page.text
    assert page.headers["X-Robots-Tag"] == "noindex"
    for private in ("Анна", "98,60", "2,20", "0,45", "Москва", 'name="form_key"'):
        assert private not in page.text


def test_the_first_visit_ends_on_the_page_of_the_number(browser: Browser, k5: House) -> None:
    """A1: after the password the price is shown; later visits ask nothing."""
    answer = browser.press(PAGE, "/login", login="8 916 123-45-67", password=PASSWORD, remember="1", next=PAGE)
    assert (answer.status_code, answer.headers["Location"]) == (303, PAGE)
    assert "2,20" in browser.get(PAGE).text


@pytest.mark.parametrize(
    ("own", "to", "own_price", "their_price", "minute"),
    [
        ("+79161234567", "+74951234567", "1,75", "0,45", "2,20"),
        ("+79161234567", "+73433123456", "1,75", "0,52", "2,27"),
        ("+74951234567", "+73433123456", "0,45", "0,52", "0,97"),
        ("+78612123456", "+78432123456", "0,91", "0,99", "1,90"),
        ("+79161234567", "+77172123456", "1,75", "0,26", "2,01"),
        ("+79161234567", "+79261234567", "1,75", "1,75", "3,50"),
        ("+73433123456", "+77172123456", "0,52", "0,26", "0,78"),
        ("+78462123456", "+35929123456", "0,99", "2,08", "3,07"),
    ],
)
def test_the_eight_printed_sums_stand_on_the_page(
    browser: Browser, k5: House, own: str, to: str, own_price: str, their_price: str, minute: str
) -> None:
    """A3, A4: the sum of a minute, and under it its two parts by K5's own names."""
    if own != str(k5.caller.phone):
        add_subscriber(k5.ports, Msisdn.parse(own), PASSWORD, "Другой")
    browser.log_in(login=own)
    words = plain(browser.get(f"/{to}"))
    expected = rf"{minute} ₽ за минуту звонок на ваш телефон .+? {own_price} ₽ звонок собеседнику .+? {their_price} ₽"
    assert re.search(expected, words)


def test_the_page_says_how_far_the_money_goes(phone: Browser, k5: House) -> None:
    k5.top_up("98.60")
    assert "На счёте 98,60 ₽. Хватит на 44 мин." in plain(phone.get(PAGE))


def test_what_is_reserved_is_not_said_to_be_free(phone: Browser, k5: House) -> None:
    """«На счёте» is what the cabinet says too; what a call may still take is named beside it."""
    k5.top_up("98.60")
    with k5.ports.sessions.begin() as db:
        account, soon = k5.purse().account_id, k5.clock() + timedelta(hours=1)
        ledger.hold(db, k5.caller.id, account, "another call", rub("90.00"), k5.clock(), soon)
    assert "На счёте 98,60 ₽, свободно 8,60 ₽. Хватит на 3 мин." in plain(phone.get(PAGE))
    assert "На счёте 98,60 ₽, свободно 8,60 ₽." in plain(phone.get("/"))
    with k5.ports.sessions.begin() as db:
        ledger.hold(db, k5.caller.id, account, "a third call", rub("8.00"), k5.clock(), soon)
    assert "Свободно 0,60 ₽, а минута стоит 2,20 ₽." in plain(phone.get(PAGE))


def test_an_account_of_a_currency_without_prices_is_told_so(browser: Browser, k5: House) -> None:
    add_subscriber(k5.ports, Msisdn("79261234567"), PASSWORD, "Айгуль", "KGS")
    browser.log_in("+79261234567")
    page = browser.get(PAGE)
    assert page.status_code == 409
    assert "Для счёта в сомах цен на звонки пока нет. Деньги не списаны." in page.text
    assert browser.get("/").status_code == browser.get("/me").status_code == 200


def test_a_som_account_calls_at_the_published_rate(browser: Browser, k5: House) -> None:
    """C2: who tops up in som can call."""
    caller = add_subscriber(k5.ports, Msisdn("996555123456"), PASSWORD, "Айгуль", "KGS")
    publish(k5.ports, PRICES | {"996": ("Кыргызстан", "2.00")}, version=9)
    convert_deck(k5.ports, "k5", "k5-kgs", "KGS", Decimal("1.1"), k5.ports.today() + timedelta(days=1))
    k5.clock.forward(days=1)
    credit(k5.ports, caller.id, EventName("opening", "som"), Money(100_00, "KGS"), "opening", "test", k5.clock())
    browser.log_in("+996555123456")
    page = browser.get(PAGE)
    assert "2,70 сом" in plain(page)  # (2.00 + 0.45) · 1.1 = 2.20 + 0.495, each half up to hundredths
    assert "На счёте 100,00 сом." in plain(page)
    ordered = press(browser, page)
    assert ordered.status_code == 303
    k5.talk(ordering.show_call(k5.ports, caller.id, ordered.headers["Location"].removeprefix("/c/")).call, "60")
    assert str(accounts.purse(k5.ports, caller.id).balance) == "97.30"
    tariffs = plain(browser.get("/tariffs?q=москва"))
    assert "по постоянному курсу: 1 рубль = 1,1 сом" in tariffs
    assert "2,70 сом" in tariffs
    assert "по Москве" in plain(browser.get("/me/calls"))


def test_the_page_says_what_an_unanswered_call_costs(
    phone: Browser, k5: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both rules of leg A are said before the button."""
    k5.top_up("98.60")
    assert "Если никто не ответит или у собеседника занято, деньги не спишутся." in plain(phone.get(PAGE))
    change_plan(monkeypatch, a_leg_from="a_answer")
    assert "даже если собеседник не ответит" in plain(phone.get(PAGE))


def test_a_direction_that_the_plan_does_not_have_is_refused_in_words(
    phone: Browser, k5: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    k5.top_up("10.00")
    shown = phone.get(PAGE)
    change_plan(monkeypatch, rates=())
    for answer in (phone.get(PAGE), press(phone, shown)):
        assert "На вашем тарифе сюда звонить нельзя. Деньги не списаны." in plain(answer)
    assert k5.held() == rub("0.00")


def test_a_number_of_an_unusual_shape_is_named_and_may_still_be_called(phone: Browser, k5: House) -> None:
    k5.top_up("10.00")
    page = phone.get("/+359260691808")
    assert "Номер выглядит необычно" in page.text
    assert press(phone, page).status_code == 303
    assert "Номер выглядит необычно" not in phone.get(PAGE).text


def test_two_readings_of_bare_digits_are_both_offered(phone: Browser, k5: House) -> None:
    """docs/pages.md: never guess silently between two valid readings."""
    k5.top_up("10.00")
    page = phone.get("/4951234567")
    assert field(page, "number") == "+74951234567"
    assert 'href="/+4951234567"' in page.text


@pytest.mark.parametrize(
    "typed", ["+7 495 123-45-67 доб. 12", "8(495)1234567,12", "+74951234567;ext=12", "74951234567x12"]
)
def test_an_extension_in_the_address_is_told_to_be_dialled_later(phone: Browser, typed: str) -> None:
    page = plain(phone.get(f"/{typed}"))
    assert "+7 495 123-45-67" in page
    assert "Добавочный номер 12 наберите" in page


def test_no_money_is_said_with_the_sum_that_is_missing_and_there_is_no_button(phone: Browser, k5: House) -> None:
    k5.top_up("1.20")
    page = phone.get(PAGE)
    expected = "На счёте 1,20 ₽, а минута стоит 2,20 ₽. Пополните хотя бы на 1,00 ₽."
    assert expected in plain(page)
    assert 'name="form_key"' not in page.text
    assert '<a class="button" href="/pay?sum=1.00&amp;next=/%2B74951234567">Пополнить</a>' in page.text


def test_where_there_is_no_way_to_pay_no_link_leads_to_one(k5: House, make_app: Callable[..., Flask]) -> None:
    k5.ports = replace(k5.ports, payee=None)
    phone = Browser(make_app().test_client())
    phone.log_in()
    page = phone.get(PAGE).text
    assert "Пополните" in page
    assert "/pay" not in page


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/+99912345678", 404, "Проверьте код страны. Деньги не списаны."),
        ("/+79161234567", 400, "Это ваш собственный номер."),
        ("/12345", 400, "Это не похоже на номер телефона."),
        ("/?number=позвони", 400, "Это не похоже на номер телефона."),
    ],
)
def test_what_cannot_be_called_is_said_before_any_button(phone: Browser, path: str, status: int, words: str) -> None:
    page = phone.get(path)
    assert page.status_code == status
    assert words in plain(page)
    assert "<title>Ошибка:" in page.text
    assert 'name="form_key"' not in page.text


def test_a_wrong_number_stays_in_the_field(phone: Browser) -> None:
    assert 'value="+7 495 12"' in phone.get("/?number=%2B7+495+12").text


def test_a_call_under_way_is_named_with_the_way_back(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    call = k5.order()
    page = phone.get("/78432123456")
    assert "У вас уже идёт звонок на +7 495 123-45-67" in plain(page)
    assert f'href="/c/{call.id}"' in page.text
    assert 'name="form_key"' not in page.text


def test_the_front_page_offers_the_last_numbers(phone: Browser, k5: House) -> None:
    """A2: the field for a number; a number sent from it shows its page at once, without a redirect."""
    k5.top_up("50.00")
    k5.talk(k5.order(to="+78432123456"), "10")
    page = phone.get("/")
    assert 'type="tel"' in page.text
    assert 'href="/+78432123456"' in page.text
    shown = phone.get("/?number=8+495+123-45-67")
    assert shown.status_code == 200
    assert field(shown, "number") == "+74951234567"


def test_a_contact_card_leads_to_the_page_and_tells_nothing_else(browser: Browser) -> None:
    card = browser.get("/+74951234567.vcf")
    assert card.status_code == 200
    assert card.mimetype == "text/vcard"
    assert card.headers["Content-Disposition"] == 'attachment; filename="74951234567.vcf"'
    lines = card.text.split("\r\n")
    assert lines[:2] == ["BEGIN:VCARD", "VERSION:3.0"]
    assert "FN:+7 495 123-45-67" in lines
    assert "TEL:+74951234567" in lines
    assert "URL:http://127.0.0.1:8000/+74951234567" in lines
    assert lines[-2:] == ["END:VCARD", ""]


def test_the_code_of_a_card_leads_to_the_page_and_tells_nothing_else(browser: Browser) -> None:
    code = browser.get("/+74951234567.svg")
    assert code.mimetype == "image/svg+xml"
    assert code.headers["Content-Disposition"] == 'inline; filename="74951234567.svg"'
    assert code.text.startswith(
        '<svg xmlns="http://www.w3.org/2000/svg" class="qr" role="img" aria-label="Позвонить +7 495'
    )
    assert len(code.data) < 10 * 1024
    assert "Анна" not in code.text
    assert browser.get("/8 495 123-45-67.svg").data == code.data
    assert browser.get("/112.svg").status_code == 400


# The order


def test_the_button_makes_one_call_and_leads_to_it(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    answer = press(phone, phone.get(PAGE))
    [call] = made(k5)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/c/{call.id}")
    assert call.quote.b_number == "74951234567"
    assert not call.at_once


def test_the_same_form_is_the_same_call_however_often_it_comes(phone: Browser, k5: House) -> None:
    """A lost answer, an impatient thumb, a reload: one call, and every answer leads to it."""
    k5.top_up("50.00")
    page = phone.get(PAGE)
    places = {press(phone, page).headers["Location"] for _ in range(10)}
    [call] = made(k5)
    assert places == {f"/c/{call.id}"}
    k5.talk(call, "10")
    assert press(phone, page).headers["Location"] == f"/c/{call.id}"
    assert len(made(k5)) == 1


def test_a_second_page_cannot_start_a_second_call(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    first, second = phone.get(PAGE), phone.get("/78432123456")
    press(phone, first)
    answer = press(phone, second)
    [call] = made(k5)
    assert answer.status_code == 409
    assert f'href="/c/{call.id}"' in answer.text


def test_a_price_that_rose_is_asked_about(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    page = phone.get(PAGE)
    k5.reprice("7495", "0.75")
    answer = press(phone, page)
    assert answer.status_code == 409
    assert "была 2,20 ₽, стала 2,50 ₽" in plain(answer)
    assert made(k5) == []
    press(phone, answer)
    assert str(made(k5)[0].quote.per_minute) == "2.50"


def test_a_price_that_fell_is_simply_taken(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    page = phone.get(PAGE)
    k5.reprice("7495", "0.25")
    assert press(phone, page).status_code == 303
    assert str(made(k5)[0].quote.per_minute) == "2.00"


def test_money_that_went_meanwhile_is_said_on_the_same_page(phone: Browser, k5: House) -> None:
    k5.top_up("2.20")
    page = phone.get(PAGE)
    k5.talk(k5.order(to="+77172123456"), "30")
    answer = press(phone, page)
    assert answer.status_code == 402
    assert "На счёте 0,19 ₽, а минута стоит 2,20 ₽. Пополните хотя бы на 2,01 ₽." in plain(answer)


def test_who_was_logged_out_meanwhile_logs_in_and_comes_back_to_the_number(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    page = phone.get(PAGE)
    phone.client.delete_cookie("k5d")
    answer = press(phone, page)
    assert "Вход" in answer.text
    assert field(answer, "next") == "/+74951234567"
    assert made(k5) == []


def test_no_get_moves_anything(app: Flask, phone: Browser, k5: House) -> None:
    """docs/pages.md: every GET route, logged in, by GET, HEAD and OPTIONS: no call, no end of a call, no posting."""
    k5.top_up("50.00")
    call = k5.order()
    k5.work()
    before = (made(k5), k5.purse(), list(k5.switch.orders), list(k5.switch.cancelled))
    values = {"typed": "+78432123456", "call_id": call.id, "seq": 1, "prefix": "7495", "name": "base.css"}
    values |= {"way": "fake-bank", "reference": "K5-1-1", "address": "fake/bank", "code": "none", "invitation": "none"}
    values |= {"invoice": 1, "sort": "plan", "n": 1, "version": 1, "secret": "wrong", "digits": "74950000101"}
    values |= {"number": 1, "day": "2026-12-01", "act": "2026-11", "token": "none"}
    values |= {"switch": "none", "file": "none", "linked_id": "none", "digest": "0" * 64}
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint.startswith("desk."):
            continue  # of the desk: tests/web/desk/test_roles.py
        path = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", lambda name: str(values[name[1]]), rule.rule)
        for method in ("get", "head", "options"):
            answer = getattr(phone.client, method)(path, headers={"User-Agent": "crawler"})
            answer.close()  # as servers do
            assert answer.status_code < 500, f"{method} {path}"
    assert (made(k5), k5.purse(), list(k5.switch.orders), list(k5.switch.cancelled)) == before


def test_a_prefetch_gets_nothing(phone: Browser, k5: House) -> None:
    answer = phone.get(PAGE, **{"Sec-Purpose": "prefetch;prerender"})
    assert (answer.status_code, answer.data) == (503, b"")
