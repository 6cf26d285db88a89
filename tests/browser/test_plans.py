"""A plan on a small phone without scripts: chosen, an option ordered and ended, no money, topped up, resumed,
and a number taken with another plan. B7, B9."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import insert, select, update

from k5web.domain.books.ledger import EventName
from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import accounts, number_stock
from k5web.services.payments.topups import credit
from k5web.storage.tables import SubscriptionPeriodRow, SubscriptionRow
from k5web.web.forms import READ_FOR
from tests.browser.conftest import House, Member, follow
from tests.browser.looks import assert_axe_finds_nothing, assert_fits
from tests.processes import wait_for

pytestmark = pytest.mark.browser
NUMBER = "74950000909"  # of the stock


def balance(house: House, member: Member) -> str:
    return str(accounts.purse(house.ports, member.subscriber.id).balance)


def let_a_day_pass(house: House, member: Member) -> None:
    """Move what is connected a day back, so that the next fee is due today, under a number whose name is not taken."""
    owner_id, today = member.subscriber.id, house.ports.today()
    yesterday = today - timedelta(days=1)
    with house.ports.sessions.begin() as db:
        own = SubscriptionPeriodRow.owner_id == owner_id
        db.execute(update(SubscriptionPeriodRow).where(own).values(began_on=yesterday))
        daily = (SubscriptionRow.owner_id == owner_id, SubscriptionRow.code == "vklyuchaysya")
        row = db.scalars(select(SubscriptionRow).where(*daily)).one()
        kept = {column.key: getattr(row, column.key) for column in SubscriptionRow.__table__.columns}
        fresh = {"n": 90, "form_key": "a day before", "began_on": yesterday, "next_due": today}
        db.execute(update(SubscriptionRow).where(*daily).values(state="ended", ended_on=yesterday))
        db.execute(insert(SubscriptionRow).values(**kept | fresh))
        period = {"owner_id": owner_id, "n": 90, "began_on": yesterday, "state": "paid", "fee_minor": 0}
        period |= {"fee_key": f"90:{yesterday}", "plan_version": 0, "noted_at": house.ports.clock()}
        db.execute(insert(SubscriptionPeriodRow).values(**period))


def press(page: Page, name: str) -> None:
    """Read the step for a while, then press its button."""
    page.wait_for_timeout(READ_FOR.total_seconds() * 1000)
    page.get_by_role("button", name=name).click()


def test_a_plan_from_its_choice_to_its_return_at_320_pixels_without_scripts(
    house: House, new_phone: Callable[..., BrowserContext]
) -> None:
    member = house.member("48.00")
    page = new_phone(java_script_enabled=False, viewport={"width": 320, "height": 568}).new_page()
    member.log_in(page, "/me/plan")
    assert_fits(page)
    page.get_by_role("link", name="Посмотреть и перейти: Экономный").click()
    expect(page.locator("main")).to_contain_text("Вместе с тарифом включается: Включайся, 5,00 ₽ в день.")
    assert_fits(page)
    press(page, "Подключить за 5,00")
    expect(page.locator("h1")).to_contain_text("Тариф «Экономный»")
    expect(page.locator("main")).to_contain_text("50 из 50 мин. на сегодня")
    follow(page.get_by_role("link", name="Услуги и пакеты"))
    assert_fits(page)
    follow(page.get_by_role("link", name="Подключить «SMS пакет 30»"))
    assert_fits(page)
    press(page, "Подключить за 40,00")
    assert balance(house, member) == "3.00"
    page.get_by_role("button", name="Отключить: SMS пакет 30").click()
    expect(page.locator("main")).to_contain_text("потом выключится")

    let_a_day_pass(house, member)
    wait_for(lambda: "остановлен: на плату не хватило денег" in shown(page, house), "the option stops")
    assert_fits(page)
    name = EventName("test:bank", f"resume-{member.subscriber.id}")
    credit(house.ports, member.subscriber.id, name, rub("10.00"), "cash.test", "test", house.ports.clock())
    wait_for(lambda: "остановлен" not in shown(page, house), "it comes back by itself")
    assert balance(house, member) == "8.00"
    _take_a_number(page, house, member)


def _take_a_number(page: Page, house: House, member: Member) -> None:
    """The plan that was paid has no numbers; GO has one for nothing."""
    number_stock.add_all(house.ports, {Msisdn(NUMBER): False}, "staff:anna")
    name = EventName("test:bank", f"number-{member.subscriber.id}")
    credit(house.ports, member.subscriber.id, name, rub("600.00"), "cash.test", "test", house.ports.clock())
    page.get_by_role("link", name="Посмотреть и перейти: GO", exact=True).click()
    expect(page.locator("main")).to_contain_text("Вместо этого сегодня закончится: Экономный")
    press(page, "Подключить за")
    expect(page.locator("h1")).to_contain_text("Тариф «GO»")
    before = balance(house, member)
    page.goto(f"{house.url}/me/numbers/{NUMBER}")
    assert_fits(page)
    page.get_by_role("button", name="Забронировать").click()
    expect(page.get_by_role("status")).to_contain_text("Пока ничего не списано.")
    press(page, "Подключить")
    expect(page.locator("main")).to_contain_text("Это ваш номер.")
    assert_fits(page)
    assert balance(house, member) == before, "the plan's number costs nothing"


def shown(page: Page, house: House) -> str:
    page.goto(f"{house.url}/me/plan")
    return page.locator("main").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_of_plans(
    house: House, new_phone: Callable[..., BrowserContext], scheme: str
) -> None:
    member = house.member("48.00")
    page = new_phone(color_scheme=scheme).new_page()
    member.log_in(page, "/me/plan")
    for path in (
        "/me/plan",
        "/me/services",
        "/me/services/plan/economny",
        "/me/plan/go/month",
        "/plans?to=84951234567",
    ):
        page.goto(house.url + path)
        assert_axe_finds_nothing(page)
