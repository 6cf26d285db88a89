"""Four tasks of the desk in a real browser, with scripts and without, in at most five pages for each person.

A payment found by the wallet's code, prices of next month by two persons, a claim answered, a register's difference
resolved. Every page on the way fits the smallest phone and a wide screen, light and dark, and axe finds nothing on it.
"""

import shutil
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from connectors.elsom.wire import BISHKEK
from k5web.domain.books.claim import Claim, ClaimForm
from k5web.domain.books.ledger import Event, EventName, Move
from k5web.domain.money import Money, rub
from k5web.domain.payments.top_up import TopUp
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import accounts
from k5web.services.books import claims
from k5web.services.payments import reconciliation, register_days, topups
from k5web.services.payments.topups import TopUpRequest
from k5web.services.prices import ratedecks
from k5web.storage.books import ledger
from tests.browser.conftest import PASSWORD, House, Member, open_house
from tests.browser.desk.test_money import MOST_PAGES, counted
from tests.browser.looks import assert_axe_finds_nothing, assert_fits
from tests.processes import PATIENCE_S, wait_for
from tests.services.house import PRICES

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("desk tasks")]

Desk = Callable[..., Page]
WALLET = "elsom:wallet"
SIZES = [(320, 640), (1280, 800)]


@pytest.fixture(scope="module")
def house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Pages, worker and the simulated providers; nobody calls."""
    var = tmp_path_factory.mktemp("tasks")
    shutil.copyfile(sqlite_template, var / "k5.db")
    with open_house(f"sqlite:///{var / 'k5.db'}", var, switch={}, with_providers=True) as opened:
        yield opened


@pytest.fixture(params=[True, False], ids=["scripts on", "scripts off"])
def scripts(request: pytest.FixtureRequest) -> bool:
    """Whether the browser runs scripts."""
    return bool(request.param)


@pytest.fixture
def in_som(house: House) -> Member:
    """Somebody who pays in som, without money."""
    member = house.member("0.00")
    member.phone = member.phone.replace("+7916", "+99655") + "0"
    member.subscriber = accounts.add_subscriber(house.ports, Msisdn.parse(member.phone), PASSWORD, "Үсөн", "KGS")
    return member


@pytest.fixture
def coded(house: House, in_som: Member, new_phone: Callable[..., BrowserContext]) -> TopUp:
    """A payment by the wallet's code that has come."""
    wish = TopUpRequest("elsom:merchant", Money.parse("250.00", "KGS"), "form-1", f"{house.url}/me/pay/{{reference}}")
    begun = topups.begin(house.ports, in_som.subscriber, wish)
    page = new_phone().new_page()
    page.set_default_timeout(2 * PATIENCE_S * 1000)
    in_som.log_in(page, f"/login?next=/me/pay/{begun.reference}")
    page.click("text=Попробовать")
    page.click("text=Оплатить")
    wait_for(lambda: accounts.purse(house.ports, begun.owner_id).balance.minor, "the payment is credited")
    return begun


@pytest.fixture
def claimed(house: House) -> Claim:
    """Somebody says that a number cost too much."""
    member = house.member("100.00")
    now = house.ports.clock()
    with house.ports.sessions.begin() as db:
        account_id = ledger.lock_purse(db, member.subscriber.id).account_id
        name = EventName("order", "number 74950000101 form")
        event = Event(member.subscriber.id, name, (Move(account_id, -10_00, "sale.order"),), "test", now)
        seq = ledger.record(db, event, house.ports.today(), now).postings[0].seq
    form = ClaimForm(rub("10.00"), "price", "Номер обещали за 5 рублей", "form-1")
    return claims.open_claim(house.ports, member.subscriber.id, seq, form, "subscriber")


@pytest.fixture
def differing(house: House, in_som: Member, tmp_path: Path) -> date:
    """The wallet's register of a day has a payment that never came here."""
    at = house.ports.clock().astimezone(BISHKEK) - timedelta(days=1)
    register = tmp_path / "register.txt"
    line = f"ELS-{in_som.subscriber.id}\t{at:%d.%m.%Y}\t12:00:00\tK5-{in_som.subscriber.id}\t250.00\tP\n"
    register.write_text(f"{line}Total:\t1\t250.00\n")
    reconciliation.reconcile(house.ports, WALLET, register, lambda _finding: None, lambda *_: None)
    register_days.count(house.ports, WALLET, at.date())
    return at.date()


def seen(page: Page, scripts: bool) -> None:
    """Let the page be looked at in both sizes, light and dark."""
    for width, height in SIZES:
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            assert_fits(page)
            if scripts:
                assert_axe_finds_nothing(page)


def test_a_payment_is_found_by_the_wallets_code(at_desk: Desk, coded: TopUp, scripts: bool) -> None:
    page = at_desk("desk", java_script_enabled=scripts)
    opened = counted(page)
    page.get_by_role("searchbox").fill(coded.code)
    page.get_by_role("button", name="Найти").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Платёж")
    expect(page.get_by_text("Зачислен.")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text=coded.code)).to_contain_text("250,00")
    expect(page.get_by_role("link", name=f"K5-{coded.owner_id}")).to_be_visible()
    seen(page, scripts)
    assert len(opened) <= MOST_PAGES, opened


def next_month(house: House) -> date:
    return (house.ports.today().replace(day=28) + timedelta(days=4)).replace(day=1)


def test_prices_of_next_month_are_published_by_two_persons(
    at_desk: Desk, house: House, scripts: bool, tmp_path: Path
) -> None:
    """S26."""
    name = "one" if scripts else "two"
    file = tmp_path / f"{name}.csv"
    file.write_text("".join(f"{prefix},{title},{price},RUB\n" for prefix, (title, price) in PRICES.items()))
    anna = at_desk("prices", java_script_enabled=scripts)
    opened = counted(anna)
    anna.get_by_role("link", name="Прайс-листы").first.click()
    expect(anna.get_by_role("heading", level=1)).to_have_text("Прайс-листы")
    seen(anna, scripts)
    anna.get_by_label("Название списка").fill(name)
    anna.get_by_label("Действует с").fill(str(next_month(house)))
    anna.get_by_label("Файл CSV").set_input_files(file)
    anna.get_by_role("button", name="Проверить").click()
    anna.wait_for_url("**/prices/drafts/*", timeout=PATIENCE_S * 1000)  # the page of the check leads on by itself
    expect(anna.get_by_role("heading", name="Что меняется")).to_be_visible()
    expect(anna.get_by_text(f"Новые: {len(PRICES)}").first).to_be_visible()
    expect(anna.get_by_role("heading", name="Что это изменило бы")).to_be_visible()
    seen(anna, scripts)
    anna.get_by_label("Зачем").fill("цены на новый месяц")
    anna.get_by_role("button", name="Предложить к публикации").click()
    expect(anna.get_by_text("Решает другой сотрудник")).to_be_visible()
    expect(anna.get_by_role("button", name="Одобрить и опубликовать")).to_have_count(0)
    boris = at_desk("prices", java_script_enabled=scripts)
    seconds = counted(boris)
    boris.get_by_role("link", name="Прайс-листы").first.click()
    boris.get_by_role("row").filter(has_text=f"{name}.csv").filter(has_text="ждёт").get_by_role("link").click()
    expect(boris.get_by_role("heading", name="Ждёт второго сотрудника")).to_be_visible()
    seen(boris, scripts)
    boris.get_by_role("button", name="Одобрить и опубликовать").click()
    boris.wait_for_url("**/prices/drafts/*", timeout=PATIENCE_S * 1000)
    expect(boris.get_by_text("Состояние: опубликован")).to_be_visible()
    assert max(len(opened), len(seconds)) <= MOST_PAGES, (opened, seconds)
    boris.get_by_role("link", name="Прайс-листы").first.click()
    coming = boris.get_by_role("row").filter(has_text=f"{name}.csv").filter(has_text="вступит в силу")
    expect(coming).to_have_count(1)
    [version] = [one for one, _in_force in ratedecks.versions(house.ports) if one.name == name]
    assert version.effective_from > house.ports.clock()


def test_a_claim_is_answered(at_desk: Desk, house: House, claimed: Claim, scripts: bool) -> None:
    """B11."""
    page = at_desk("money", java_script_enabled=scripts)
    opened = counted(page)
    page.get_by_role("link", name="Претензии").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Претензии")
    seen(page, scripts)
    page.get_by_role("link", name=f"K5-{claimed.owner_id} № {claimed.n}").click()
    expect(page.get_by_text("Номер обещали за 5 рублей")).to_be_visible()
    page.get_by_label("Сколько").fill("5")
    page.get_by_role("button", name="Показать, что будет").click()
    expect(page.get_by_text("Строки, которые появятся")).to_be_visible()
    seen(page, scripts)
    page.get_by_label("Ответ абоненту").fill("вернули разницу")
    page.get_by_role("button", name="Вернуть и ответить").click()
    expect(page.get_by_role("heading", name="Отказать")).to_have_count(0)
    seen(page, scripts)
    answered = claims.find(house.ports, claimed.owner_id, claimed.n)
    assert (answered.given, answered.answer) == (rub("5.00"), "вернули разницу")
    assert accounts.purse(house.ports, claimed.owner_id).balance == rub("95.00")
    assert len(opened) <= MOST_PAGES, opened


def test_a_difference_of_a_register_is_resolved(
    at_desk: Desk, house: House, in_som: Member, differing: date, scripts: bool
) -> None:
    """R21."""
    page = at_desk("money", java_script_enabled=scripts)
    opened = counted(page)
    page.get_by_role("link", name="Реестры").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Реестры и выписки")
    seen(page, scripts)
    page.get_by_role("row").filter(has_text="расхождени").get_by_role("link").click()
    part = page.locator("section.part").filter(has_text=f"ELS-{in_som.subscriber.id}")
    expect(part).to_contain_text("только у них")
    seen(page, scripts)
    credit = part.locator("form").filter(has_text="Зачислить")
    credit.get_by_label("Кому").fill(str(in_som.subscriber.id))
    credit.get_by_label("Почему").fill("кошелёк подтвердил")
    credit.get_by_role("button", name="Зачислить").click()
    expect(part).to_have_count(0)
    expect(page.get_by_role("row").filter(has_text=f"ELS-{in_som.subscriber.id}").first).to_contain_text(
        "кошелёк подтвердил"
    )
    seen(page, scripts)
    assert accounts.purse(house.ports, in_som.subscriber.id).balance == Money.parse("250.00", "KGS")
    assert len(opened) <= MOST_PAGES, opened
