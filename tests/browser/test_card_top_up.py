"""A top-up by card in a real browser: to the simulated gateway and back, whatever the tab does (docs/pages.md)."""

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import update

from k5web.domain.money import Money, rub
from k5web.domain.payments.top_up import SavedCard, TopUp, TopUpState
from k5web.services.accounts import accounts
from k5web.services.books import statements
from k5web.services.payments import topups
from k5web.storage.payments import saved_card_rows
from k5web.storage.tables import TopUpRow
from tests.browser.conftest import TALKS_ON, House, Member, follow, open_house, order, read, shown
from tests.browser.looks import assert_axe_finds_nothing_at, assert_fits
from tests.browser.test_look import assert_targets_are_large, set_text_size
from tests.processes import PATIENCE_S, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("cards")]  # one house with its gateway for all of them

PATIENCE_MS = 2 * PATIENCE_S * 1000
PAYS, ASKS_ISSUER, DECLINES = "4111 1111 1111 1111", "5555 5555 5555 4444", "4000 0000 0000 0002"
# Both generations of the gateway: one knows banks' apps too, so the payer chooses; one leads on at once
CHOICE, AT_ONCE = "cards-demo", "cards-ecom"
CODE, WRONG_CODE = "123456", "000000"
PAID, NOT_PAID = "✓ Деньги на счёте", "✗ Оплата не прошла, деньги не списаны"


@pytest.fixture(scope="module")
def house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Pages, worker and the simulated gateway, each a process of its own; nobody calls, so there is no switch."""
    var = tmp_path_factory.mktemp("paying")
    shutil.copyfile(sqlite_template, var / "k5.db")
    with open_house(f"sqlite:///{var / 'k5.db'}", var, switch={}, with_providers=True) as opened:
        yield opened


@pytest.fixture
def member(house: House) -> Member:
    """Somebody without money."""
    return house.member("0.00")


@pytest.fixture
def phone(new_phone: Callable[..., BrowserContext]) -> Page:
    """A page of a fresh phone; what works without scripts is tried with `page`."""
    return new_phone().new_page()


def go_to_the_bank(page: Page, member: Member, way: str = CHOICE) -> str:
    """Log in, type the sum, press; return the address of the bank's page."""
    page.set_default_timeout(PATIENCE_MS)
    member.log_in(page, f"/login?next=/pay/{way}")
    return press(page, way)


def press(page: Page, way: str) -> str:
    """Type the sum and press; return the address of the bank's page."""
    page.fill("#sum", "500")
    page.click("button.button")
    if way == CHOICE:
        page.click("text=Перейти к оплате")
    page.wait_for_url(re.compile("/payment/page"))
    return page.url


def pay(page: Page, card: str, telling: str = "once") -> None:
    """Type a card on the bank's page and pay."""
    page.fill("[name=card]", card)
    page.select_option("[name=telling]", telling)
    with page.expect_navigation():  # the next page may look like this one
        page.click("button:has-text('Оплатить 500')")


def assert_ends(page: Page, words: str) -> None:
    """The payer is back with us, and the page says by itself how it ended."""
    expect(page).to_have_url(re.compile("/me/pay/K5-"), timeout=PATIENCE_MS)
    expect(page.locator("h1")).to_have_text(words, timeout=PATIENCE_MS)


def balance(member: Member) -> Money:
    return accounts.purse(member.house.ports, member.subscriber.id).balance


def begun(member: Member) -> Sequence[TopUp]:
    """The member's top-ups, newest first."""
    return topups.page(member.house.ports, member.subscriber.id)


def assert_one_credit(page: Page, member: Member) -> None:
    """One payment moved five hundred roubles, and the statement shows it once, with the bank's number."""
    assert balance(member) == rub("500.00")
    assert [top_up.state for top_up in begun(member)].count(TopUpState.PAID) == 1
    day = statements.line(member.house.ports, member.subscriber.id, 1).posting.day
    page.goto(f"{member.house.url}/me/statement?month={day:%Y-%m}")
    assert shown(page).count("Пополнение: Карта (демо-банк") == 1
    page.goto(f"{member.house.url}/me/statement/1")
    [number] = [top_up.provider_id for top_up in begun(member) if top_up.state is TopUpState.PAID]
    assert number in page.inner_text("main")


def test_a_card_tops_up_and_the_payer_is_back_with_the_money_on_the_account(page: Page, member: Member) -> None:
    """With scripts and without."""
    go_to_the_bank(page, member)
    pay(page, PAYS)
    assert_ends(page, PAID)
    assert_one_credit(page, member)


def test_no_money_is_one_line_of_taps_away_from_the_call(page: Page, house: House, member: Member) -> None:
    """From the page of a number without money over the bank's page back to it, and the call is ordered; both ways."""
    page.set_default_timeout(PATIENCE_MS)
    member.log_in(page, f"/{TALKS_ON}")
    assert page.locator("#call").count() == 0
    read(page)
    page.click(".bar a.button")
    page.click(".ways a >> nth=0")
    expect(page.locator("#sum")).to_have_value("10.00")
    page.click("button.button")
    page.click("text=Перейти к оплате")
    page.fill("[name=card]", PAYS)
    page.click("button:has-text('Оплатить 10')")
    assert_ends(page, PAID)
    assert "На счёте 10,00 ₽" in shown(page)
    follow(page.locator("a.button:has-text('Позвонить +7')"))
    assert "На счёте 10,00 ₽. Хватит на 4 мин." in shown(page)
    order(page)
    assert len(member.calls()) == 1


def test_who_turns_back_at_the_bank_is_asked_and_pays_in_another_way(page: Page, house: House, member: Member) -> None:
    go_to_the_bank(page, member)
    [top_up] = begun(member)
    page.goto(f"{house.url}/pay/return/{top_up.reference}")
    expect(page.locator("h1")).to_have_text("Оплата не прошла?", timeout=PATIENCE_MS)
    assert page.get_attribute("a.button", "href") == top_up.pay_url
    read(page)
    page.click("text=Другим способом")
    expect(page).to_have_url(re.compile("/pay[?]sum=500.00"))
    assert [top_up.state for top_up in begun(member)] == [TopUpState.CANCELLED]
    page.goto(top_up.pay_url)
    assert not page.is_visible("[name=card]"), "the bank takes no money for it any more"


def test_the_issuer_asks_for_a_code_and_the_money_comes(page: Page, member: Member) -> None:
    """3-D Secure, by the other generation of the gateway; a wrong code is one of the order's three tries."""
    go_to_the_bank(page, member, AT_ONCE)
    for code in (WRONG_CODE, CODE):
        pay(page, ASKS_ISSUER)
        page.fill("[name=code]", code)
        assert balance(member) == rub("0.00")
        page.click("text=Подтвердить")
    assert_ends(page, PAID)
    assert_one_credit(page, member)


def test_a_declined_card_takes_nothing_and_the_form_is_there_again(phone: Page, house: House, member: Member) -> None:
    go_to_the_bank(phone, member)
    for _try in range(3):
        pay(phone, DECLINES)
    assert_ends(phone, NOT_PAID)
    assert balance(member) == rub("0.00")
    phone.click("text=Попробовать ещё раз")
    expect(phone.locator("#sum")).to_have_value("500.00", timeout=PATIENCE_MS)
    assert len(begun(member)) == 1


def test_the_back_key_pays_nothing_a_second_time(phone: Page, house: House, member: Member) -> None:
    """From the end back to the bank, whose order is paid; from there to the form, which waits to be pressed."""
    go_to_the_bank(phone, member)
    pay(phone, PAYS)
    assert_ends(phone, PAID)
    for _press in range(5):
        if phone.url == f"{house.url}/pay/{CHOICE}":
            break
        phone.go_back()
        assert not phone.is_visible("[name=card]"), "the bank's page asks for no card again"
    expect(phone).to_have_url(f"{house.url}/pay/{CHOICE}", timeout=PATIENCE_MS)
    assert len(begun(member)) == 1
    assert_one_credit(phone, member)


def test_the_back_key_from_the_bank_leads_to_the_form_and_not_to_the_bank_again(
    phone: Page, house: House, member: Member
) -> None:
    go_to_the_bank(phone, member, AT_ONCE)
    phone.go_back()
    expect(phone).to_have_url(f"{house.url}/pay/{AT_ONCE}", timeout=PATIENCE_MS)
    press(phone, AT_ONCE)
    pay(phone, PAYS)
    assert_ends(phone, PAID)
    assert [top_up.state for top_up in begun(member)] == [TopUpState.PAID, TopUpState.WAITING]
    assert_one_credit(phone, member)


def test_two_tabs_with_one_order_make_one_credit(phone: Page, house: House, member: Member) -> None:
    """Both are open before either pays, the gateway tells us twice, and both tabs show the same end."""
    order = go_to_the_bank(phone, member)
    other = phone.context.new_page()
    other.set_default_timeout(PATIENCE_MS)
    other.goto(order)
    pay(phone, PAYS, telling="twice")
    assert_ends(phone, PAID)
    pay(other, PAYS, telling="twice")
    expect(other.locator("h1")).to_have_text("Не получилось", timeout=PATIENCE_MS)
    other.goto(phone.url)
    assert_ends(other, PAID)
    assert_one_credit(other, member)


def test_a_closed_tab_is_credited_by_the_worker(phone: Page, house: House, member: Member) -> None:
    """Nobody comes back and no call-back comes: the worker asks."""
    order = go_to_the_bank(phone, member)
    fields: dict[str, str | float | bool] = {"mdOrder": order.partition("=")[2], "card": PAYS, "telling": "never"}
    assert phone.request.post(order, form=fields, max_redirects=0).status == 303  # to us; the tab is gone before
    phone.context.close()
    assert balance(member) == rub("0.00")
    with house.ports.sessions.begin() as db:  # its first look is a minute after the start
        mine = TopUpRow.owner_id == member.subscriber.id
        db.execute(update(TopUpRow).where(mine).values(look_at=house.ports.clock()))
    wait_for(lambda: balance(member) == rub("500.00"), "the worker asked the gateway")
    [top_up] = begun(member)
    assert top_up.state is TopUpState.PAID


def test_the_policy_against_foreign_forms_does_not_stop_the_way_to_the_bank(
    phone: Page, house: House, member: Member
) -> None:
    """docs/pages.md: Chromium stops a redirect of a form to another origin, so the form leads to our own page."""
    hindered: list[str] = []
    phone.on("console", lambda said: hindered.append(said.text) if "Content Security Policy" in said.text else None)
    with phone.expect_response(lambda answer: answer.request.method == "POST" and "/pay/" in answer.url) as posted:
        go_to_the_bank(phone, member, AT_ONCE)
    answer = posted.value
    assert answer.status == 303
    assert answer.headers["location"].startswith("/me/pay/K5-")
    assert "form-action 'self'" in answer.headers["content-security-policy"]
    assert hindered == []


PAGES = ["/pay", f"/pay/{CHOICE}", "/pay/qiwi-terminal", "/pay/elsom-wallet", "/me/pay", "/me/cards", "/me/cards/auto"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_paying_are_for_every_eye_and_the_smallest_screen(
    new_phone: Callable[..., BrowserContext], house: House, member: Member, scheme: str
) -> None:
    """docs/pages.md: axe finds nothing, large print fits 320 pixels, what is touched is large enough."""
    page = new_phone(color_scheme=scheme, viewport={"width": 320, "height": 568}).new_page()
    go_to_the_bank(page, member)
    with house.ports.sessions.begin() as db:
        card = SavedCard("bind", "4111**1111", "203012")
        saved_card_rows.keep(db, member.subscriber.id, "cards:demo", card, house.ports.clock())
    for path in [*PAGES, f"/me/pay/{begun(member)[0].reference}"]:
        set_text_size(page, 100)
        assert_axe_finds_nothing_at(page, house.url + path)
        if scheme == "light":
            assert_targets_are_large(page, path)
        set_text_size(page, 200)
        assert_fits(page)
