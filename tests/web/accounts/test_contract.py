"""The contract on pages: every version at its own address; under which one a subscriber is (B1)."""

from datetime import timedelta

from tests.services.accounts.papers import publish
from tests.services.house import House
from tests.web.calls.call_page import plain
from tests.web.conftest import Browser


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
    for path in ("/offer", "/offer/1", "/offer/terms", "/offer/0", "/offer/prices/2026-13-01", "/offer/prices/today"):
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
