"""Who a subscriber is, told and erased on a small phone, with scripts and without (B14)."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from k5web.services.accounts import profiles
from k5web.storage.accounts import subscribers
from tests.browser.conftest import PASSWORD, House
from tests.browser.looks import assert_axe_finds_nothing, assert_fits

pytestmark = pytest.mark.browser


@pytest.fixture(params=[True, False], ids=["scripts on", "scripts off"])
def small(request: pytest.FixtureRequest, new_phone: Callable[..., BrowserContext]) -> Page:
    """A page of a fresh phone of 320 pixels."""
    return new_phone(java_script_enabled=request.param, viewport={"width": 320, "height": 568}).new_page()


def assert_looks_well(page: Page, request: pytest.FixtureRequest) -> None:
    assert_fits(page)
    if "scripts on" in request.node.name:  # axe is a script
        assert_axe_finds_nothing(page)


def test_an_organisation_is_told_with_a_mistake_mended_and_then_erased(
    house: House, small: Page, request: pytest.FixtureRequest
) -> None:
    member, page = house.member("0.00"), small
    member.log_in(page, "/me/profile/details")
    page.get_by_role("link", name="Я от организации").click()
    page.get_by_label("Организация или предприниматель").fill("ООО «Ромашка»")
    page.get_by_label("Юридический адрес").fill("Москва, Тверская, 1")
    page.get_by_label("ИНН", exact=True).fill("7708789019")
    page.get_by_label("ОГРН или ОГРНИП").fill("1137746405510")
    page.get_by_label("Согласен").check()
    page.get_by_role("button", name="Сохранить").click()
    expect(page.get_by_role("alert")).to_contain_text("В ИНН ошибка: проверьте цифры.")
    assert_looks_well(page, request)
    expect(page.get_by_label("Юридический адрес")).to_have_value("Москва, Тверская, 1")
    expect(page.get_by_label("Согласен")).to_be_checked()
    page.get_by_label("ИНН", exact=True).fill("7708789018")
    page.get_by_role("button", name="Сохранить").click()
    expect(page.get_by_role("status")).to_have_text("Данные сохранены.")
    assert_looks_well(page, request)
    with house.ports.sessions.begin() as db:
        subscribers.set_ended(db, member.subscriber.id, house.ports.clock())
    page.get_by_role("link", name="Удалить все данные о себе").click()
    page.get_by_label("Напишите слово УДАЛИТЬ").fill("удалить")
    page.get_by_label("Пароль").fill(PASSWORD)
    assert_looks_well(page, request)
    page.get_by_role("button", name="Удалить данные навсегда").click()
    expect(page.get_by_role("heading")).to_have_text("Ваши данные удалены")
    assert profiles.history(house.ports, member.subscriber.id) == []


@pytest.mark.parametrize("path", ["/me/profile/email", "/me/profile/consent"])
def test_the_other_pages_fit_a_small_phone_too(
    house: House, small: Page, request: pytest.FixtureRequest, path: str
) -> None:
    house.member("0.00").log_in(small, path)
    expect(small.get_by_role("heading", level=1)).to_be_visible()
    assert_looks_well(small, request)
