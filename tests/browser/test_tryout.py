"""From K5's own pages to the simulated provider that pays, and back with the money: no number is copied by hand."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from connectors.cards.sandbox_bank import CARDS, Behaviour
from k5web.domain.money import Money
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import accounts
from tests.browser.conftest import PASSWORD, House, Member, follow, leave, open_house, read, shown
from tests.browser.looks import assert_axe_finds_nothing_at, assert_fits
from tests.browser.test_look import assert_targets_are_large, set_text_size
from tests.processes import PATIENCE_S, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("tryout")]

PATIENCE_MS = 2 * PATIENCE_S * 1000
TRY = "text=Попробовать"


@pytest.fixture(scope="module")
def house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Pages, worker and all simulated providers; nobody calls."""
    var = tmp_path_factory.mktemp("tryout")
    shutil.copyfile(sqlite_template, var / "k5.db")
    with open_house(f"sqlite:///{var / 'k5.db'}", var, switch={}, with_providers=True) as opened:
        yield opened


@pytest.fixture
def phone(new_phone: Callable[..., BrowserContext]) -> Page:
    page = new_phone(viewport={"width": 320, "height": 568}).new_page()
    page.set_default_timeout(PATIENCE_MS)
    return page


def balance(house: House, member: Member) -> Money:
    return accounts.purse(house.ports, member.subscriber.id).balance


def has(house: House, member: Member, amount: str) -> None:
    wait_for(lambda: str(balance(house, member)) == amount, f"{amount} on the account")


def test_the_terminal_has_the_account_and_the_sum_filled_in(phone: Page, house: House) -> None:
    member = house.member("0.00")
    member.log_in(phone, "/login?next=/pay/qiwi-terminal?sum%3D300")
    phone.click(TRY)
    phone.click("button:has-text('Оплатить')")
    expect(phone.locator("[role=status]")).to_contain_text("принято")
    has(house, member, "300.00")
    phone.click("text=Вернуться в K5")
    expect(phone).to_have_url(f"{house.url}/me")


# Where an order is at rest: its own page stays where it shows a code to be photographed, else it leads on by itself
RESTS_AT = {"qiwi-bill": r"/form", "cards-demo": r"/me/pay/K5-", "cards-ecom": r"/payment/page"}


@pytest.mark.parametrize("way", RESTS_AT)
def test_an_order_leads_to_the_page_that_pays_it_and_back(phone: Page, house: House, way: str) -> None:
    member = house.member("0.00")
    member.log_in(phone, f"/login?next=/pay/{way}?sum%3D200")
    read(phone)
    phone.click("button.button")
    phone.wait_for_url(re.compile(RESTS_AT[way]))
    leave(phone, f"{house.url}/me/pay")
    phone.click(".rows a >> nth=0")
    phone.click(TRY)
    phone.click("button:has-text('4111111111111111')" if "cards" in way else "button:has-text('Оплатить')")
    expect(phone.locator("h1")).to_have_text("✓ Деньги на счёте")
    has(house, member, "200.00")


def test_a_wallet_in_som_pays_to_the_account_and_by_a_code(phone: Page, house: House) -> None:
    subscriber = accounts.add_subscriber(house.ports, Msisdn("996555123457"), PASSWORD, "Үсөн", "KGS")
    member = house.member("0.00")
    member.phone, member.subscriber = "+996555123457", subscriber
    member.log_in(phone, "/login?next=/pay/elsom-wallet?sum%3D250")
    phone.click(TRY)
    phone.click("text=Далее")
    phone.click("text=Оплатить")
    has(house, member, "250.00")
    leave(phone, f"{house.url}/pay/elsom-merchant?sum=120")
    read(phone)
    phone.click("button.button")
    phone.click(TRY)
    phone.click("text=Оплатить")
    has(house, member, "370.00")


def test_the_bank_pays_a_receipt_and_an_invoice(phone: Page, house: House) -> None:
    member = house.member("0.00")
    member.log_in(phone, "/login?next=/pay/pd4?sum%3D77")
    phone.click(TRY)
    phone.click("button.main")
    expect(phone.locator("li >> nth=0")).to_contain_text("Зачислено 77.00 ₽")
    phone.click("text=Вернуться в K5")
    expect(phone).to_have_url(f"{house.url}/me/invoices")
    assert "77,00 ₽" in shown(phone)
    for field, value in {"name": "ООО «Лютик»", "inn": "7707083893", "kpp": "770701001", "sum": "700"}.items():
        phone.fill(f"#{field}", value)
    read(phone)
    phone.click("button.button")
    phone.click(TRY)
    phone.click("button.main")
    follow(phone.locator("text=Вернуться в K5"))
    assert "✓ Оплачен" in shown(phone)
    has(house, member, "777.00")


def test_every_test_card_is_tried_on_one_day(phone: Page, house: House) -> None:
    member = house.member("0.00")
    member.log_in(phone)
    for card, behaviour in CARDS.items():
        leave(phone, f"{house.url}/pay/cards-ecom?sum=100")
        read(phone)
        phone.click("button.button")
        phone.wait_for_url(re.compile("/payment/page"))
        phone.click(f"button:has-text('{card}')")
        if behaviour is Behaviour.ASKS_ISSUER:
            phone.click("text=Подтвердить")
        if behaviour is Behaviour.DECLINES:
            expect(phone.locator("[role=alert]")).to_be_visible()
    has(house, member, "200.00")


PAGES = [
    "/",
    "/bank/",
    "/bank/try?st=x",
    "/qiwi/",
    "/elsom/900",
    "/elsom/pay",
    "/elsom/code",
    "/elsom/history",
    "/cards/",
    "/sms/",
    "/ussd/",
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_the_providers_fit_a_phone_and_every_eye(
    new_phone: Callable[..., BrowserContext], house: House, scheme: str
) -> None:
    page = new_phone(color_scheme=scheme, viewport={"width": 320, "height": 568}).new_page()
    stand = house.processes.settings.tryout_url
    for path in PAGES:
        set_text_size(page, 100)
        assert_axe_finds_nothing_at(page, stand + path)
        assert_targets_are_large(page, path)
        set_text_size(page, 200)
        assert_fits(page)
