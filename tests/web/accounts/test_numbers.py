"""Numbers on the phone: found, reserved, paid in a second step that names the sum, returned. Promises: B7, D1, D3."""

import re
from dataclasses import replace
from html import unescape

import pytest
from werkzeug.test import TestResponse

from k5web.domain.accounts.stock_number import MOST_A_DAY, PAGE
from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import number_stock, numbers
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.in_force.plans import PlanBook
from tests.services.accounts.stock import FREEPHONE, GO, PROSTO, A, B, C, fill, on
from tests.services.house import House, subscriber
from tests.web.conftest import PASSWORD, Browser

THEIRS = Msisdn("79160000001")


@pytest.fixture(autouse=True)
def _stock(k5: House) -> None:
    """A stock, and its subscriber on a plan with numbers."""
    on(k5.ports, PROSTO, k5.caller)
    fill(k5.ports)


def form_of(page: TestResponse) -> dict[str, str]:
    """The hidden fields that pay."""
    return dict(re.findall(r'name="(form_key|shown)" value="([^"]+)"', page.text))


def read(page: TestResponse) -> str:
    """The page's words, one space between them."""
    text = unescape(re.sub(r"<[^>]+>", " ", page.text)).replace("\N{NO-BREAK SPACE}", " ")
    return " ".join(text.replace("\N{NON-BREAKING HYPHEN}", "-").split())


def reserve(phone: Browser, digits: str = A) -> TestResponse:
    return phone.press(f"/me/numbers/{digits}", f"/me/numbers/{digits}/reserve")


def pay(phone: Browser, digits: str = A) -> TestResponse:
    """Read the page and press its button."""
    page = phone.get(f"/me/numbers/{digits}")
    phone.read()
    return phone.press(f"/me/numbers/{digits}", f"/me/numbers/{digits}/connect", None, **form_of(page))


def test_a_number_is_chosen_reserved_and_connected_in_a_second_step(phone: Browser, k5: House) -> None:
    k5.top_up("3000.00")
    listed = read(phone.get("/me/numbers?code=495"))
    assert "+7 495 000-01-01 2 500,00 ₽" in listed
    free = read(phone.get(f"/me/numbers/{A}"))
    assert "Подключение, один раз 2 500,00 ₽" in free
    assert "1 000,00 ₽ в месяц следующая 01.01.2027" in free
    assert reserve(phone).headers["Location"] == f"/me/numbers/{A}"
    asked = read(phone.get(f"/me/numbers/{A}"))
    assert "Забронирован за вами до 12:15. Пока ничего не списано." in asked
    assert "Подключить за 2 500,00 ₽" in asked
    assert "Вернуть номер можно в любой день" in asked
    assert k5.balance() == rub("3000.00")
    assert pay(phone).status_code == 303
    assert k5.balance() == rub("500.00")
    assert "Это ваш номер" in read(phone.get(f"/me/numbers/{A}"))
    assert "+7 495 000-01-01 подключён 01.12.2026" in read(phone.get("/me/numbers"))
    assert "Подключение номера +7 495 000-01-01" in read(phone.get("/me/statement"))


def test_a_second_tap_sooner_than_the_page_can_be_read_pays_nothing(phone: Browser, k5: House) -> None:
    k5.top_up("3000.00")
    reserve(phone)
    page = phone.get(f"/me/numbers/{A}")
    hasty = phone.press(f"/me/numbers/{A}", f"/me/numbers/{A}/connect", None, **form_of(page))
    assert (hasty.status_code, k5.balance()) == (409, rub("3000.00"))
    assert "Проверьте сумму и нажмите ещё раз." in hasty.text
    phone.read()
    again = phone.press(f"/me/numbers/{A}", f"/me/numbers/{A}/connect", None, **form_of(hasty))
    assert (again.status_code, k5.balance()) == (303, rub("500.00"))


def test_the_same_form_sent_twice_pays_once(phone: Browser, k5: House) -> None:
    k5.top_up("9000.00")
    reserve(phone)
    fields = form_of(phone.get(f"/me/numbers/{A}"))
    phone.read()
    for _time in range(2):
        assert phone.press("/me", f"/me/numbers/{A}/connect", None, **fields).status_code == 303
    assert k5.balance() == rub("6500.00")


def test_a_kopeck_too_little_is_said_before_the_button_with_the_way_to_pay(phone: Browser, k5: House) -> None:
    k5.top_up("2499.99")
    reserve(phone)
    page = phone.get(f"/me/numbers/{A}")
    assert "Не хватает 0,01 ₽." in read(page)
    refused = pay(phone)
    assert (refused.status_code, k5.balance()) == (402, rub("2499.99"))
    assert "На счёте 2 499,99 ₽, а нужно 2 500,00 ₽. Пополните хотя бы на 0,01 ₽." in read(refused)


def test_a_fee_that_rose_after_the_page_is_shown_again(
    phone: Browser, k5: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    k5.top_up("9000.00")
    reserve(phone)
    fields = form_of(phone.get(f"/me/numbers/{A}"))
    plan = k5.ports.plans.shipped(PROSTO)
    dearer = replace(plan.services["number_495"], price=rub("2600.00"))
    changed, found = replace(plan, services={"number_495": dearer}), PlanBook.current
    monkeypatch.setattr(PlanBook, "current", lambda book, code: changed if code == PROSTO else found(book, code))
    phone.read()
    asked = phone.press("/me", f"/me/numbers/{A}/connect", None, **fields)
    assert (asked.status_code, k5.balance()) == (409, rub("9000.00"))
    assert "Подключение стоит уже не 2 500,00 ₽, а 2 600,00 ₽. Деньги не списаны." in read(asked)
    assert phone.press("/me", f"/me/numbers/{A}/connect", None, **form_of(asked)).status_code == 303
    assert k5.balance() == rub("6400.00")


def test_a_form_is_good_for_its_own_number_sum_and_subscriber(phone: Browser, k5: House) -> None:
    k5.top_up("9000.00")
    reserve(phone, A)
    fields = form_of(phone.get(f"/me/numbers/{A}"))
    phone.press("/me", f"/me/numbers/{A}/release")
    reserve(phone, B)
    phone.read()
    for forged in (fields["form_key"], fields["form_key"][:-3], "", "W10.x"):
        answer = phone.press("/me", f"/me/numbers/{B}/connect", None, form_key=forged)
        assert (answer.status_code, k5.balance()) == (400, rub("9000.00"))


def test_a_number_taken_by_somebody_a_second_ago_has_its_words(phone: Browser, k5: House) -> None:
    page = phone.get(f"/me/numbers/{A}")
    assert "Забронировать на 15 минут" in page.text
    numbers.reserve(k5.ports, on(k5.ports, PROSTO, subscriber(k5, 5)), A)
    late = phone.press("/me", f"/me/numbers/{A}/reserve")
    assert late.status_code == 409
    assert "Номер +7 495 000-01-01 только что занял другой абонент. Выберите другой. Деньги не списаны." in read(late)
    assert "+7 495 000-01-02" in read(late), "the others stand below"


def test_a_reservation_that_is_over_is_said_so(phone: Browser, k5: House) -> None:
    k5.top_up("9000.00")
    reserve(phone)
    fields = form_of(phone.get(f"/me/numbers/{A}"))
    k5.clock.forward(minutes=15)
    late = phone.press("/me", f"/me/numbers/{A}/connect", None, **fields)
    assert (late.status_code, k5.balance()) == (409, rub("9000.00"))
    assert "Бронь номера +7 495 000-01-01 закончилась." in read(late)
    assert "Забронировать на 15 минут" in late.text


def test_limits_of_reserving_have_their_words(phone: Browser) -> None:
    reserve(phone, A)
    assert "За вами уже забронирован номер +7 495 000-01-01." in read(phone.press("/me", f"/me/numbers/{B}/reserve"))
    phone.press("/me", f"/me/numbers/{A}/release")
    for _time in range(MOST_A_DAY - 1):
        reserve(phone, B)
        phone.press("/me", f"/me/numbers/{B}/release")
    refused = phone.press("/me", f"/me/numbers/{B}/reserve")
    assert refused.status_code == 429
    assert f"За день можно забронировать {MOST_A_DAY} номеров. Завтра можно снова." in read(refused)


def test_a_plan_without_numbers_of_a_code_says_so_before_the_button(phone: Browser) -> None:
    """D5."""
    page = phone.get(f"/me/numbers/{FREEPHONE}")
    assert "На тарифе «Профи» номеров с кодом 8-800 нет." in read(page)
    assert "/reserve" not in page.text
    assert "На тарифе «Профи»" in read(phone.press("/me", f"/me/numbers/{FREEPHONE}/reserve"))
    assert "8-800: нет на вашем тарифе" in read(phone.get("/me/numbers"))


def test_the_one_number_of_the_plan_costs_nothing_and_a_second_one_is_refused(phone: Browser, k5: House) -> None:
    """B7."""
    on(k5.ports, GO, k5.caller)
    reserve(phone)
    assert "Подключение, один раз без доплаты" in read(phone.get(f"/me/numbers/{A}"))
    pay(phone)
    assert "На тарифе «GO» может быть только 1 такой номер." in read(phone.get(f"/me/numbers/{C}"))


def test_a_number_is_returned_in_a_second_step_and_only_once(phone: Browser, k5: House) -> None:
    k5.top_up("2500.00")
    reserve(phone)
    pay(phone)
    page = read(phone.get(f"/me/numbers/{A}"))
    assert "Плата за подключение не возвращается. Подключить его снова нельзя 60 дней" in page
    for _time in range(2):
        assert phone.press("/me", f"/me/numbers/{A}/return").headers["Location"] == "/me/numbers"
    assert "Своего номера у вас пока нет." in read(phone.get("/me/numbers"))
    gone = phone.get(f"/me/numbers/{A}")
    assert (gone.status_code, "Такого свободного номера нет." in read(gone)) == (404, True)


def test_free_numbers_are_searched_by_digits_and_code_in_the_address(phone: Browser, k5: House) -> None:
    number_stock.add(k5.ports, "+74957770000", is_beautiful=True, actor="staff:anna")
    assert "+7 495 777-00-00 красивый" in read(phone.get("/me/numbers?digits=777&where=anywhere"))
    assert "Таких свободных номеров нет." in read(phone.get("/me/numbers?digits=777"))
    assert "+7 495 000-01-01" in read(phone.get("/me/numbers?digits=8+(495)+000-01-01"))
    assert "+7 499 000-01-03" not in read(phone.get("/me/numbers?code=495"))
    odd = phone.get("/me/numbers?code=<b>&digits=%25_&where=x&after=zzz")
    assert (odd.status_code, "+7 495 000-01-01" in read(odd)) == (200, True)


def test_a_page_has_twenty_five_numbers_and_the_next_follows(phone: Browser, k5: House) -> None:
    fill(k5.ports, *[f"7843000{n:04d}" for n in range(PAGE + 1)])
    first = phone.get("/me/numbers?code=843&digits=0")
    assert read(first).count("+7 843 000-") < PAGE, "the numbers that end by 0 fit"
    first = phone.get("/me/numbers?code=843")
    assert read(first).count("+7 843 000-") == PAGE
    following = re.search(r'href="([^"]+)" rel="next"', first.text)
    assert following
    second = read(phone.get(unescape(following[1])))
    assert ("+7 843 000-00-25" in second, second.count("+7 843 000-")) == (True, 1)


def test_an_empty_stock_is_said_to_be_empty(browser: Browser, k5: House) -> None:
    browser.log_in()
    for digits, n in zip((A, B, C), (1, 2, 3), strict=True):
        numbers.reserve(k5.ports, on(k5.ports, PROSTO, subscriber(k5, n)), digits)
    assert read(browser.get("/me/numbers?code=495")).count("Таких свободных номеров нет.") == 1


def test_an_account_in_som_is_offered_no_price_in_roubles(browser: Browser, k5: House) -> None:
    on(k5.ports, PROSTO, add_subscriber(k5.ports, THEIRS, PASSWORD, "Айгуль", "KGS"))
    browser.log_in(THEIRS.digits)
    assert "номеров с кодом 495 нет" in read(browser.get(f"/me/numbers/{A}"))


def test_an_old_form_brings_its_page_again(phone: Browser, k5: House) -> None:
    k5.top_up("9000.00")
    reserve(phone)
    stale = phone.post(f"/me/numbers/{A}/connect", csrf_token="old")
    assert (stale.status_code, "Подключить за 2 500,00 ₽" in read(stale)) == (400, True)
