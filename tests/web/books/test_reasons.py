"""Each movement and each leg says in words why money moved, or why it did not."""

from k5web.domain.books.ledger import EventName
from k5web.domain.money import rub
from k5web.services.books.corrections import reverse
from tests.services.house import House
from tests.services.prices.test_subscriptions import connect
from tests.web.calls.call_page import words
from tests.web.conftest import Browser


def test_money_given_back_says_so(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    call = k5.talk(k5.order(), "65")
    reverse(k5.ports, k5.caller.id, EventName("call", call.id), actor="staff:1")
    assert "Возврат: Звонок" in words(phone.get("/me/statement"))
    assert k5.balance() == rub("50.00")


def test_a_fee_names_what_it_is_for_and_its_month_or_day(phone: Browser, k5: House) -> None:
    k5.top_up("1000.00")
    connect(k5, "plan", "economny")
    connect(k5, "option", "sms-30")
    page = words(phone.get("/me/statement"))
    assert "Абонентская плата: Включайся, 01.12.2026" in page
    assert "Абонентская плата: SMS пакет 30, 12.2026" in page
    reverse(k5.ports, k5.caller.id, EventName("fee", "2:2026-12-01"), actor="staff:1")
    connect(k5, "plan", "go-100")
    page = words(phone.get("/me/statement"))
    assert "Абонентская плата: GO 100, 12.2026" in page
    assert "Возврат: Абонентская плата: Включайся, 01.12.2026" in page
    assert "Абонентская плата: SMS пакет 30, 12.2026" in page, "also when it has ended"


def test_a_call_shorter_than_three_seconds_says_why_it_was_free(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    call = k5.talk(k5.order(), "2.9")
    page = words(phone.get(f"/me/calls/{call.id}"))
    assert "Деньги не списаны" in page
    assert page.count("Меньше 3 с: бесплатно.") == 2


def test_a_call_nobody_answered_says_why_it_was_free(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    call = k5.order()
    k5.work()
    k5.switch.answer_a(call.id)
    k5.switch.no_answer(call.id, "b")
    k5.work()
    page = words(phone.get(f"/me/calls/{call.id}"))
    assert "Соединить не удалось, поэтому бесплатно." in page
    assert "Не ответил: бесплатно." in page
