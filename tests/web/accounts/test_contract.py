"""The contract on pages: every version at its own address; under which one a subscriber is (B1)."""

import re
from datetime import timedelta

from k5web.services.accounts import advances, announcing, endings, profiles
from k5web.services.ports import start_of_day
from k5web.services.prices import objections
from tests.services.accounts.papers import publish
from tests.services.accounts.test_advances import TO
from tests.services.accounts.test_endings import fall
from tests.services.house import House
from tests.web.calls.call_page import plain
from tests.web.conftest import PASSWORD, Browser


def test_each_version_has_an_address_for_ever_and_the_plain_one_is_in_force(browser: Browser, k5: House) -> None:
    publish(k5.ports)
    day = k5.ports.today() + timedelta(days=10)
    publish(k5.ports, 2, day)
    publish(k5.ports, kind="terms")
    for path in ("/offer", "/offer/1"):
        page = plain(browser.get(path))
        assert "1.1. Слово. Редакция 1." in page
        assert f"С {day:%d.%m.%Y} действует новая редакция." in page
    assert "1.1. Слово. Редакция 2." in plain(browser.get("/offer/2"))
    assert "Редакция 1, действует с 01.12.2026." in plain(browser.get("/offer/terms"))
    k5.clock.forward(days=10)
    assert "Редакция 2." in plain(browser.get("/offer"))
    assert "Редакция 1." in plain(browser.get("/offer/1"))
    assert browser.get("/offer/terms/1").status_code == 200


def test_what_is_not_published_is_not_found(browser: Browser, k5: House) -> None:
    for path in (
        "/offer",
        "/offer/1",
        "/offer/terms",
        "/offer/0",
        "/offer/prices/2026-13-01",
        "/offer/prices/9999-12-31",
        "/offer/prices/today",
    ):
        assert browser.get(path).status_code == 404, path
    assert "Договор" not in plain(browser.get("/help"))
    publish(k5.ports)
    assert 'href="/offer"' in browser.get("/help").text


def test_the_price_list_of_the_contract_names_plans_and_lists_of_a_day(browser: Browser, k5: House) -> None:
    page = plain(browser.get("/offer/prices"))
    assert "Приложение к договору, на 01.12.2026." in page
    assert "GO 100" in page
    assert "Прайс-лист «k5» с 01.12.2026" in page
    assert 'href="/plans"' in browser.get("/offer/prices").text
    assert "Прайс-лист" not in plain(browser.get("/offer/prices/2026-11-30"))


def test_a_subscriber_sees_under_which_version_and_since_when(phone: Browser, k5: House) -> None:
    assert "Оператор ещё не опубликовал договор." in plain(phone.get("/me/contract"))
    publish(k5.ports)
    assert "Вступит для вас в силу, когда вы позвоните или внесёте аванс." in plain(phone.get("/me/contract"))
    k5.top_up("10.00")
    page = plain(phone.get("/me/contract"))
    assert "Договор, редакция 1 Принята 01.12.2026 12:00: вы внесли аванс." in page
    publish(k5.ports, 2, k5.ports.today() + timedelta(days=10))
    for path in ("/me", "/me/contract"):
        assert "С 11.12.2026 действует новая редакция" in plain(phone.get(path)), path
    k5.clock.forward(days=10)
    page = plain(phone.get("/me/contract"))
    assert "Принято раньше" not in page, "the books are read for what is in force; the worker writes the rest down"


def test_the_contracts_number_is_the_one_that_papers_name(phone: Browser, k5: House) -> None:
    number = profiles.undersigned(k5.ports, k5.caller.id).contract
    assert f"Номер договора {number} Лицевой счёт {k5.caller.id} " in plain(phone.get("/me/contract"))


def test_the_contract_is_ended_in_the_cabinet_and_the_application_is_taken_back(phone: Browser, k5: House) -> None:
    """B12."""
    assert "последний день договора – 31.12.2026" in plain(phone.get("/me/contract"))
    assert phone.press("/me/contract", "/me/contract/end").headers["Location"] == "/me/contract"
    for path in ("/me", "/me/contract"):
        assert "31.12.2026" in plain(phone.get(path)), path
    phone.press("/me/contract", "/me/contract/keep")
    assert "Подать заявление" in plain(phone.get("/me/contract"))
    assert endings.standing(k5.ports, k5.caller.id) is None


def test_after_the_end_the_rest_is_applied_for_and_the_term_is_shown(phone: Browser, k5: House) -> None:
    """B12."""
    k5.top_up("100.00")
    phone.press("/me/contract", "/me/contract/end")
    k5.clock.forward(days=31)
    assert endings.carry_out(k5.ports) == 1
    page = plain(phone.get("/me/contract"))
    assert "Договор закончился, последний день был 31.12.2026." in page
    assert "На счёте осталось 100,00 ₽." in page
    assert phone.get("/me/statement").status_code == 200
    assert "Договор закончился" in plain(phone.get("/74951234567"))
    typed = {"recipient": TO.recipient, "account": TO.account[:-1], "bank": TO.bank}
    wrong = phone.press("/me/contract", "/me/contract/refund", None, password=PASSWORD, **typed)
    assert wrong.status_code == 400
    assert "Счёт получателя – 20 цифр" in plain(wrong)
    assert f'value="{TO.account[:-1]}"' in wrong.text
    assert 'type="password"' not in wrong.text, "it was right, and is not asked again"
    phone.press("/me/contract", "/me/contract/refund", None, **(typed | {"account": TO.account}))
    assert "Деньги придут до 31.01.2027." in plain(phone.get("/me/contract"))
    advances.pay(k5.ports, k5.caller.id, "17", "staff:ivan")
    assert "Возвращено 100,00 ₽" in plain(phone.get("/me/contract"))


def test_ending_the_contract_asks_for_a_password_that_is_not_fresh(phone: Browser, k5: House) -> None:
    """B12."""
    k5.clock.forward(minutes=16)
    for password in ({}, {"password": "wrong horse"}):
        refused = phone.press("/me/contract", "/me/contract/end", None, **password)
        assert refused.status_code == 403
        assert "Пароль не подходит." in plain(refused)
        assert "<details open>" in refused.text
        assert endings.standing(k5.ports, k5.caller.id) is None
    phone.press("/me/contract", "/me/contract/end", None, password=PASSWORD)
    assert endings.standing(k5.ports, k5.caller.id)
    assert re.search(r"Вы подали заявление [0-9.]+ [0-9:]+\. Последний день", plain(phone.get("/me/contract")))


def test_a_refund_asks_for_a_password_that_is_not_fresh_and_keeps_what_was_typed(phone: Browser, k5: House) -> None:
    """B12."""
    k5.top_up("100.00")
    endings.apply(k5.ports, k5.caller.id)
    k5.clock.forward(days=31)
    endings.carry_out(k5.ports)
    typed = {"recipient": TO.recipient, "account": TO.account, "bank": TO.bank}
    refused = phone.press("/me/contract", "/me/contract/refund", None, password="wrong horse", **typed)
    assert refused.status_code == 403
    assert "Пароль не подходит." in plain(refused)
    assert f'value="{TO.account}"' in refused.text
    assert advances.of_owner(k5.ports, k5.caller.id) == []
    phone.press("/me/contract", "/me/contract/refund", None, password=PASSWORD, **typed)
    assert len(advances.of_owner(k5.ports, k5.caller.id)) == 1
    assert 'type="password"' not in phone.get("/me/contract").text, "the form is gone, and the password is fresh"


def test_an_objection_asks_for_a_password_that_is_not_fresh(phone: Browser, k5: House) -> None:
    """B2: it ends the contract."""
    publish(k5.ports)
    publish(k5.ports, 2, k5.ports.today() + timedelta(days=10), is_worse=True)
    announcing.announce(k5.ports)
    change = objections.announced(k5.ports, k5.caller.id)
    assert change is not None
    k5.clock.forward(minutes=16)
    asked = phone.press("/me/contract", "/me/contract/object", None, change=change.key)
    assert asked.headers["Location"].startswith("/confirm")
    assert objections.said(k5.ports, k5.caller.id) is None


def test_a_debt_after_the_end_is_shown_with_its_term(phone: Browser, k5: House) -> None:
    """B12: due in 30 days, payable."""
    endings.apply(k5.ports, k5.caller.id)
    k5.clock.forward(days=31)
    endings.carry_out(k5.ports)
    fall(k5)
    assert "Долг 1,00 ₽ нужно заплатить до 30.01.2027." in plain(phone.get("/me/contract"))


def test_a_worse_version_is_objected_to_in_the_cabinet(phone: Browser, k5: House) -> None:
    """B2."""
    publish(k5.ports)
    publish(k5.ports, 2, k5.ports.today() + timedelta(days=10), is_worse=True)
    announcing.announce(k5.ports)
    page = phone.get("/me/contract")
    assert "Не согласиться" in plain(page)
    assert "тариф станет дороже" not in plain(phone.get("/me/plan"))
    change = objections.announced(k5.ports, k5.caller.id)
    assert change is not None
    phone.press("/me/contract", "/me/contract/object", None, change=change.key)
    page = phone.get("/me/contract")
    assert "Договор закончится 11.12.2026, если мы не договоримся иначе." in plain(page)
    assert "Не согласиться" not in plain(page)
    k5.clock.now = start_of_day(change.effective)
    objections.carry_out(k5.ports)
    ended = plain(phone.get("/me/contract"))
    assert "Договор закончился, последний день был 10.12.2026." in ended
    assert "Договор закончится" not in ended, "it is said once"
    assert "Вы её не приняли." in ended
    assert "Вступит для вас в силу" not in ended


def test_an_objection_is_taken_back_before_its_day(phone: Browser, k5: House) -> None:
    """B2."""
    publish(k5.ports)
    publish(k5.ports, 2, k5.ports.today() + timedelta(days=10), is_worse=True)
    announcing.announce(k5.ports)
    objections.object_to_change(k5.ports, k5.caller.id, f"subscriber:{k5.caller.id}")
    assert "Договор закончится 11.12.2026" in plain(phone.get("/me/contract"))
    phone.press("/me/contract", "/me/contract/agree")
    page = phone.get("/me/contract")
    assert "Договор закончится" not in plain(page)
    assert "Не согласиться" not in plain(page), "it was agreed to"
    k5.clock.forward(days=11)
    assert objections.carry_out(k5.ports) == 0
