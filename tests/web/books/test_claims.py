"""A claim as its subscriber meets it: from the charge, by one form, with each step on its page (B11)."""

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from werkzeug.test import TestResponse

from k5web.domain.accounts.ending import Requisites
from k5web.domain.money import Money, rub
from k5web.services.books import claims
from tests.services.accounts.test_advances import TO
from tests.services.books.test_claims import IVAN, take
from tests.services.house import House
from tests.web.calls.call_page import plain as words
from tests.web.conftest import PASSWORD, Browser, token_of

FORM = "/me/claims/new/2"


@pytest.fixture
def charged(phone: Browser, k5: House) -> House:
    """Ten roubles on the account of somebody logged in, of which a call took 2.20 (movement 2)."""
    k5.top_up("10.00")
    k5.talk(k5.order(), "55")
    return k5


def file(phone: Browser, path: str = FORM, **typed: str) -> TestResponse:
    page = phone.get(path)
    found = re.search(r'name="form_key" value="([^"]+)"', page.text)
    assert found, words(page)
    fields = {"form_key": found[1], "reason": "length", "sum": "2,20", "text": ""} | typed
    return phone.post(path, None, csrf_token=token_of(page), **fields)


def to_bank(to: Requisites = TO) -> dict[str, str]:
    return {"to_bank": "1", "recipient": to.recipient, "account": to.account, "bank": to.bank}


def uphold(k5: House, n: int = 1, **said: Any) -> None:
    values = {"given": None, "to_bank": None, "answer": "связь рвалась", "actor": IVAN} | said
    claims.uphold(k5.ports, k5.caller.id, n, **values)


def test_a_call_and_its_charge_lead_to_the_form(charged: House, phone: Browser) -> None:
    for page in (f"/me/calls/{charged.caller.id}-1", "/me/statement/2"):
        assert f'href="{FORM}"' in phone.get(page).text
        assert "Что-то не так? Оспорить можно до 20.01.2027 включительно." in words(phone.get(page))
    assert FORM.replace("2", "1") not in phone.get("/me/statement/1").text
    assert 'value="2,20"' in phone.get(FORM).text


def test_a_claim_is_filed_once_however_often_it_is_pressed(charged: House, phone: Browser) -> None:
    page = phone.get(FORM)
    key = re.findall(r'name="form_key" value="([^"]+)"', page.text)[0]
    for _ in range(2):
        fields = {"reason": "length", "sum": "1,10", "text": "говорили\r\nполминуты"}
        done = phone.post(FORM, None, csrf_token=token_of(page), form_key=key, **fields)
        assert (done.status_code, done.headers["Location"]) == (303, "/me/claims/1")
    shown = words(phone.get("/me/claims/1"))
    assert "… Рассматриваем, срок ответа – 31.12.2026" in shown
    assert "Ответим до 31.12.2026 включительно" in shown
    assert "Списано 2,20 ₽ Оспорено 1,10 ₽ Что не так Время разговора не то говорили полминуты" in shown
    assert "Претензия № 1 : … Рассматриваем" in words(phone.get("/me/statement/2"))
    assert "Претензия № 1 … Рассматриваем, срок ответа – 31.12.2026 1,10 ₽" in words(phone.get("/me/claims"))
    assert charged.balance() == rub("7.80")


MISTAKES = [
    ({"sum": "2,21"}, "sum", "Напишите сумму больше нуля, но не больше списанной: 2,20 ₽."),
    ({"sum": "0"}, "sum", "Напишите сумму больше нуля"),
    ({"sum": "два"}, "sum", "Напишите сумму больше нуля"),
    ({"reason": "mood"}, "reason", "Выберите, что не так."),
    ({"reason": "other"}, "text", "Опишите, что не так: до 1000 знаков обычного текста."),
    ({"text": "ж" * 1001}, "text", "Опишите, что не так"),
    (to_bank(Requisites("Анна", TO.account[:-1] + "2", TO.bank)), "account", "Счёт получателя – 20 цифр"),
    (to_bank(Requisites("", TO.account, TO.bank)), "recipient", "Напишите, кто получит деньги"),
    ({"form_key": ""}, "sum", "Нажмите ещё раз."),
]


def test_what_is_wrong_is_named_at_its_field_and_what_was_typed_stays(charged: House, phone: Browser) -> None:
    for typed, field, said in MISTAKES:
        refused = file(phone, **({"text": "слышно не было"} | typed if "reason" not in typed else typed))
        assert (refused.status_code, f'<a href="#{field}">' in refused.text) == (400, True), typed
        assert said in words(refused), typed
        assert "aria-invalid" in refused.text, typed
        if "text" not in typed and "reason" not in typed:
            assert "слышно не было" in refused.text, typed
        assert claims.of_owner(charged.ports, charged.caller.id) == [], typed


def test_each_step_is_seen(charged: House, phone: Browser) -> None:
    assert file(phone).status_code == 303
    uphold(charged, given=Money(110))
    shown = words(phone.get("/me/claims/1"))
    assert "✓ Удовлетворена частично" in shown
    assert "связь рвалась" in shown
    assert "На счёт возвращено 1,10 ₽" in shown
    assert "Претензия № 1 : ✓ Удовлетворена частично, возвращено 1,10 ₽" in words(phone.get("/me/statement/2"))
    assert "Верная сумма: Звонок +7 495 123-45-67" in words(phone.get("/me/statement/4"))
    assert "Возврат: Звонок +7 495 123-45-67" in words(phone.get("/me/statement/3"))
    assert "Оспорить её ещё раз здесь нельзя." in words(phone.get("/me/claims/new/4"))


def test_money_to_the_bank_needs_the_password_and_its_day_is_shown(charged: House, phone: Browser) -> None:
    charged.clock.forward(hours=1)  # the password of the log-in is forgotten
    refused = file(phone, **to_bank())
    assert (refused.status_code, "Пароль" in words(refused)) == (403, True)
    assert file(phone, password=PASSWORD, **to_bank()).status_code == 303
    uphold(charged)
    assert "✓ Удовлетворена. Деньги в банк до 08.12.2026." in words(phone.get("/me/claims"))
    shown = words(phone.get("/me/claims/1"))
    assert "Отправим в банк до 08.12.2026 включительно" in shown
    assert "До этого деньги отложены на вашем счёте, тратить их нельзя." in shown
    charged.clock.now = datetime(2026, 12, 9, 9, 0, tzinfo=UTC)
    assert "Мы опаздываем. Извините." in words(phone.get("/me/claims/1"))
    claims.pay(charged.ports, charged.caller.id, 1, "п/п 17", IVAN)
    shown = words(phone.get("/me/claims/1"))
    assert "✓ Удовлетворена. Деньги отправлены в банк." in shown
    assert "Отправлено в банк 2,20 ₽ 09.12.2026 12:00 п/п 17" in shown


def test_a_rejection_says_why(charged: House, phone: Browser) -> None:
    file(phone)
    claims.reject(charged.ports, charged.caller.id, 1, "разговор был 55 секунд", IVAN)
    shown = words(phone.get("/me/claims/1"))
    assert "✗ Отклонена" in shown
    assert "разговор был 55 секунд" in shown
    assert "возвращено" not in shown
    assert "Что-то не так?" in words(phone.get("/me/statement/2")), "it may be disputed again in time"


@pytest.mark.parametrize(("second", "status"), [(59, 200), (60, 409)])
def test_after_the_twentieth_the_page_says_what_else_can_be_done(
    charged: House, phone: Browser, second: int, status: int
) -> None:
    charged.clock.now = datetime(2027, 1, 20, 20, 59, tzinfo=UTC)
    charged.clock.forward(seconds=second)
    page = phone.get(FORM)
    assert page.status_code == status
    if status == 409:
        assert "Оспорить эту сумму можно было до 20.01.2027 включительно." in words(page)
        assert "проверим и исправим ошибку" in words(page)
        assert "Что делать теперь" in words(phone.get("/me/statement/2"))


def test_what_is_no_charge_says_so(charged: House, phone: Browser) -> None:
    answer = phone.get("/me/claims/new/1")
    assert (answer.status_code, "Это не плата за услугу" in words(answer)) == (409, True)
    assert phone.get("/me/claims/new/99").status_code == 404


def test_an_open_claim_leads_to_itself(charged: House, phone: Browser) -> None:
    file(phone)
    answer = phone.get(FORM)
    assert (answer.status_code, 'href="/me/claims/1"' in answer.text) == (409, True)
    pressed = phone.post(
        FORM, None, csrf_token=token_of(phone.get("/me/transfer")), form_key="x", reason="length", sum="1", text=""
    )
    assert (pressed.status_code, "Об этой сумме уже есть претензия № 1" in words(pressed)) == (409, True)


def test_reasons_of_calls_are_not_offered_for_a_fee(charged: House, phone: Browser) -> None:
    seq = take(charged, 100, "a")
    assert "Было плохо слышно" in words(phone.get(FORM))
    assert "Было плохо слышно" not in words(phone.get(f"/me/claims/new/{seq}"))


def test_other_peoples_claims_are_not_there(charged: House, phone: Browser) -> None:
    file(phone)
    for path in ("/me/claims/2", "/me/claims/0"):
        assert phone.get(path).status_code == 404
    assert 'href="/me/claims"' in phone.get("/me/documents").text
    charged.clock.now = datetime(2026, 12, 31, 21, 0, tzinfo=UTC)
    assert "Мы опаздываем. Извините." in words(phone.get("/me/claims/1"))
    assert claims.find(charged.ports, charged.caller.id, 1).due_on == date(2026, 12, 31)
