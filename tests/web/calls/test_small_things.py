"""A3: what the call page says besides its price: the last talk, a cheaper way, a free number; what its buttons copy."""

import re

from k5web.domain.prices.number import Msisdn
from tests.services.accounts.test_phones import add
from tests.services.house import House, publish
from tests.services.pbx.office import MOSCOW as RENTED
from tests.services.pbx.office import rent
from tests.web.calls.call_page import PAGE, words
from tests.web.conftest import Browser

MOSCOW = Msisdn("74952222222")


def test_the_last_talk_with_this_number_and_its_cost_stand_there(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    assert "В прошлый раз" not in words(phone.get(PAGE))
    k5.talk(k5.order(), "200")
    k5.talk(k5.order("+78432123456"), "61")
    assert "В прошлый раз: 3 мин 20 с, 8,80 ₽." in words(phone.get(PAGE)).replace("\N{NO-BREAK SPACE}", " ")
    k5.talk(k5.order(), "2")
    assert "В прошлый раз: 2 с, бесплатно." in words(phone.get(PAGE)).replace("\N{NO-BREAK SPACE}", " ")
    unanswered = k5.order()
    k5.work()
    k5.switch.no_answer(unanswered.id, "a")
    k5.work()
    assert "В прошлый раз: 2 с, бесплатно." in words(phone.get(PAGE)).replace("\N{NO-BREAK SPACE}", " ")


def test_a_cheaper_phone_of_ones_own_is_named_with_what_it_saves(phone: Browser, k5: House) -> None:
    """From Moscow's landline a minute costs 0.90, from the mobile 2.20."""
    k5.top_up("50.00")
    add(k5, MOSCOW, "Дача")
    said = words(phone.get(PAGE))
    assert "С телефона +7 495 222-22-22 дешевле на 1,30 ₽ за минуту." in said.replace("\N{NO-BREAK SPACE}", " ")
    assert "дешевле" not in words(phone.get(f"{PAGE}?from={MOSCOW.digits}"))


def test_a_number_that_is_free_from_the_phone_itself_says_so(phone: Browser, k5: House) -> None:
    publish(k5.ports, {"79": ("Россия мобильный", "1.75"), "7800": ("Бесплатный номер 8-800", "1.69")}, 2)
    k5.clock.forward(seconds=5)
    k5.top_up("50.00")
    assert "Этот номер бесплатный, если набрать его прямо с телефона" in words(phone.get("/88002000600"))
    assert "Этот номер бесплатный" not in phone.get("/79262345678").text


def test_number_and_link_are_there_for_scripts_and_hidden_without_them(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    page = phone.get(PAGE).text
    assert re.search(r'<button [^>]*data-copies="called"[^>]* hidden>Скопировать номер</button>', page)
    assert '<h1 class="number" id="called">+7 495 123-45-67</h1>' in page
    assert re.search(r'<button [^>]*data-link="http://127.0.0.1:8000/\+74951234567" hidden>', page)


def test_an_own_number_over_which_a_talk_costs_less_is_named_with_what_it_saves(phone: Browser, k5: House) -> None:
    """Called back, a minute costs the way from the number to the own phone: 1.75 instead of 2.20."""
    k5.top_up("50.00")
    assert "Если вам позвонят" not in words(phone.get(PAGE))
    rent(k5.ports, k5.caller.id, RENTED)
    said = words(phone.get(PAGE)).replace("\N{NO-BREAK SPACE}", " ")
    assert "Если вам позвонят на +7 495 000-01-01, минута будет для вас дешевле на 0,45 ₽." in said
    assert "Собеседник заплатит своему оператору." in said
