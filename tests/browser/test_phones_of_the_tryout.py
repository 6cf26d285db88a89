"""The simulated phones of the tryout: registration by SMS (A6, A7) and codes, at 320 pixels, scripts on and off."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import House, open_house
from tests.browser.looks import assert_fits
from tests.processes import PATIENCE_S

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("tryout")]

LONG = "туман над коровой и мостом"


@pytest.fixture(scope="module")
def house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Pages, worker and all simulated providers; nobody calls."""
    var = tmp_path_factory.mktemp("phones")
    shutil.copyfile(sqlite_template, var / "k5.db")
    with open_house(f"sqlite:///{var / 'k5.db'}", var, switch={}, with_providers=True) as opened:
        yield opened


@pytest.fixture(params=[True, False], ids=["scripts on", "scripts off"])
def page(request: pytest.FixtureRequest, new_phone: Callable[..., BrowserContext]) -> Page:
    found = new_phone(java_script_enabled=request.param, viewport={"width": 320, "height": 568}).new_page()
    found.set_default_timeout(2 * PATIENCE_S * 1000)
    return found


def write(house: House, page: Page, phone: str, text: str, to: str = "4443") -> None:
    page.goto(f"{house.processes.settings.tryout_url}/sms/")
    assert_fits(page)
    page.get_by_label("Мой номер").fill(phone)
    page.get_by_label("Кому").select_option(to)
    page.get_by_label("Текст").fill(text)
    page.get_by_role("button", name="Отправить").click()
    page.wait_for_url(re.compile(r"/sms/\?from="))
    assert_fits(page)


def enter(house: House, page: Page, phone: str, password: str) -> None:
    page.get_by_role("link", name="Вернуться в K5").click()
    page.goto(f"{house.url}/login")
    page.fill("#login", phone)
    page.fill("#password", password)
    page.get_by_role("button", name="Войти").click()
    expect(page).to_have_url(f"{house.url}/")


def test_a_stranger_writes_any_text_and_enters_with_the_password_that_comes(house: House, page: Page) -> None:
    """A6."""
    phone = house.stranger()
    write(house, page, phone, "рег")
    inbox = page.get_by_label("Входящие", exact=True).locator("li p")
    expect(inbox).to_have_count(1)
    found = re.search(r"Пароль ([^ ,]+)", inbox.inner_text())
    assert found
    enter(house, page, phone, found[1])


def test_a_stranger_writes_a_password_and_enters_with_it(house: House, page: Page) -> None:
    """A7: the long number does not answer."""
    phone = house.stranger()
    write(house, page, phone, LONG, "+79037976171")
    expect(page.get_by_text("Пока пусто")).to_be_visible()
    enter(house, page, phone, LONG)


def test_a_member_dials_a_code_and_reads_the_answer(house: House, page: Page) -> None:
    member = house.member("50.00")
    page.goto(f"{house.processes.settings.tryout_url}/ussd/")
    assert_fits(page)
    page.get_by_label("Номер телефона").fill(member.phone)
    page.get_by_label("Код", exact=True).fill("*100#")
    page.get_by_role("button", name="Вызвать").click()
    screen = page.get_by_label("Экран телефона")
    expect(screen.get_by_role("status")).to_contain_text("50,00")
    expect(screen).to_contain_text(f"{member.phone} набрал *100#")
    assert_fits(page)
    page.get_by_role("link", name="Вернуться в K5").click()
    page.wait_for_url(f"{house.url}/**")
