"""A number of one's own that rings, on a small phone, by the pages alone: taken, given people and a rule, rung from the
tryout's page, missed, rung back, listened to, deleted.

Promises: B3, B7, D3.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from k5web.domain.prices.number import Msisdn
from k5web.errors import Unavailable
from k5web.services.accounts import number_stock
from tests.browser.conftest import PHONE, House, Member, follow, open_house, read
from tests.browser.looks import assert_axe_finds_nothing_at, assert_fits
from tests.processes import PATIENCE_S, wait_for
from tests.services.accounts.stock import A
from tests.telephony.sounds import tone

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("tryout")]

CALLER = "79161112200"
NUMBER = re.compile("7.495.000.01.01")
PEOPLE = {"201": "Анна", "180": "Борис"}
SMALL: dict[str, Any] = {"java_script_enabled": False, "viewport": {"width": 320, "height": 568}}

# Resolves to the seconds that a sound says it has
LENGTH = """sound => new Promise((done, failed) => {
    sound.onloadedmetadata = () => done(sound.duration);
    sound.onerror = () => failed(new Error(sound.error.message));
    sound.preload = 'auto';
    sound.load();
})"""


@pytest.fixture(scope="module")
def house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Pages, worker, simulated switch and all simulated providers, and one number to rent."""
    var = tmp_path_factory.mktemp("incoming")
    shutil.copyfile(sqlite_template, var / "k5.db")
    with open_house(f"sqlite:///{var / 'k5.db'}", var, with_providers=True) as opened:
        wait_for(partial(has_number, opened), "the house is past the first rounds of its worker")
        yield opened


def has_number(house: House) -> bool:
    """Put the number into the stock; False where the worker's rounds do not let anybody else write meanwhile."""
    try:
        number_stock.add_all(house.ports, {Msisdn(A): False}, "staff:anna")
    except Unavailable:
        return False
    return True


@pytest.fixture(scope="module")
def member(house: House, chromium: Browser) -> Iterator[Member]:
    """Whoever took, on a small phone and by the pages alone: a plan, a number, two people with phones, recording, and
    the rule of an office, a step of which was changed."""
    found = house.member("1000.00")
    context = chromium.new_context(**PHONE | SMALL)
    page = context.new_page()
    page.set_default_timeout(2 * PATIENCE_S * 1000)
    wait_for(partial(is_let_in, found, page), "the member is let in")
    take_plan_and_number(page)
    for extension, title in PEOPLE.items():
        add_person(page, extension, title)
    make_rule(page)
    follow(page.get_by_role("link", name="Счёт", exact=True))
    follow(page.get_by_role("link", name="Записи разговоров"))
    follow(page.get_by_role("button", name="Записывать разговоры"))
    expect(page.get_by_role("heading", name="Запись включена")).to_be_visible()
    yield found
    context.close()


def is_let_in(member: Member, page: Page) -> bool:
    """Log in and return whether that went well: a busy house may ask to try again in a minute."""
    member.log_in(page, "/me/plan")
    return "Тариф" in page.locator("h1").inner_text()


def take_plan_and_number(page: Page) -> None:
    """From the page of the plan to the rule of a rented number."""
    follow(page.get_by_role("link", name="Посмотреть и перейти: GO", exact=True))
    read(page)
    follow(page.get_by_role("button", name="Подключить за"))
    expect(page.locator("h1")).to_contain_text("Тариф «GO»")
    follow(page.get_by_role("link", name="Счёт", exact=True))
    follow(page.get_by_role("link", name="Мои номера: выбрать"))
    page.get_by_label("Цифры номера").fill("01-01")
    follow(page.get_by_role("button", name="Показать номера"))
    follow(page.get_by_role("link", name="+7 495 000"))
    follow(page.get_by_role("button", name="Забронировать"))
    read(page)
    follow(page.get_by_role("button", name="Подключить"))
    expect(page.locator("main")).to_contain_text("Это ваш номер.")
    assert_fits(page)
    follow(page.get_by_role("link", name="Что услышат звонящие"))


def add_person(page: Page, extension: str, title: str) -> None:
    """From the page of the rule and back: a person whose phone has an account."""
    follow(page.get_by_role("link", name="Сотрудники ВАТС"))
    page.get_by_label("Имя или должность").fill(title)
    page.get_by_label("Внутренний номер").fill(extension)
    follow(page.get_by_role("button", name="Добавить"))
    assert_fits(page)
    follow(page.get_by_role("button", name="Подключить телефон"))
    expect(page.get_by_role("heading", name="Пароль телефона")).to_be_visible()
    assert_fits(page)
    follow(page.get_by_role("link", name="Сотрудники ВАТС"))
    assert_fits(page)
    follow(page.get_by_role("link", name="Что услышат звонящие"))
    follow(page.get_by_role("link", name=NUMBER))


def make_rule(page: Page) -> None:
    """From the page of a number's rule: the rule of an office, in whose menu one has seven seconds."""
    assert_fits(page)
    page.get_by_label("Офис с голосовым меню").check()
    follow(page.get_by_role("button", name="Взять это правило"))
    assert_fits(page)
    follow(page.get_by_role("link", name="1. Меню"))
    assert_fits(page)
    page.get_by_label("Сколько секунд").select_option("7")
    follow(page.get_by_role("button", name="Сохранить шаг"))
    expect(page.get_by_role("link", name="1. Меню")).to_be_visible()
    assert_fits(page)


@pytest.fixture
def page(new_phone: Callable[..., BrowserContext]) -> Page:
    """A small phone without scripts."""
    found = new_phone(**SMALL).new_page()
    found.set_default_timeout(2 * PATIENCE_S * 1000)
    return found


def ring(house: House, page: Page, keys: str, seconds: int) -> str:
    """Ring the number from the tryout's page, as soon as the switch was told of it; return what the caller lived
    through."""
    address = f"{house.processes.settings.tryout_url}/incoming/"
    while True:
        page.goto(address)
        assert_fits(page)
        page.get_by_label("Кто звонит").fill(f"+{CALLER}")
        page.get_by_label("На какой номер").fill(f"+{A}")
        page.get_by_label("Что нажмёт").fill(keys)
        page.get_by_label("Через сколько секунд").fill(str(seconds))
        follow(page.get_by_role("button", name="Позвонить"))
        assert_fits(page)
        expect(page.get_by_role("status")).to_contain_text("Звонок окончен.", timeout=PATIENCE_S * 1000)
        told = page.get_by_label("Что происходит").inner_text()
        if "Этот номер никто не снял" not in told:
            return told


def look_until(page: Page, address: str, what: str) -> None:
    """Open a page again and again until this is on it: the worker needs a while."""

    def is_there() -> bool:
        page.goto(address)
        return page.locator(what).count() > 0

    wait_for(is_there, f"{what} at {address}", look_every_s=0.5)
    assert_fits(page)


def test_a_missed_call_is_seen_and_rung_back(house: House, member: Member, page: Page) -> None:
    """The caller hears the greeting, presses 2, nobody answers; its owner sees that and is one press from ringing."""
    told = ring(house, page, keys="2", seconds=25)
    assert "Вы слышите: «Здравствуйте! Вы позвонили в организацию." in told
    assert "Вы нажали 2." in told
    assert "Звонят 180." in told
    member.log_in(page, "/me")
    look_until(page, f"{house.url}/me/calls?kind=missed", "li.missed")
    missed = page.locator("li.missed").first
    expect(missed).to_contain_text("пропущен")
    follow(missed.get_by_role("link").first)
    assert_fits(page)
    expect(page.locator("main")).to_contain_text("Никто не ответил.")
    expect(page.locator("main")).to_contain_text("180 Борис")
    page.get_by_role("link", name="Перезвонить").click()
    expect(page).to_have_url(re.compile(rf"/\+?{CALLER}$"))


def test_a_recorded_talk_is_listened_to_and_deleted(house: House, member: Member, page: Page) -> None:
    """Both are told; the talk is heard where it is explained, and deleted after one more question."""
    told = ring(house, page, keys="1", seconds=40)
    assert "Разговор записывается." in told
    assert "Ответил 201: вы разговариваете." in told
    member.log_in(page, "/me")
    look_until(page, f"{house.url}/me/recordings", "audio")
    page.goto(f"{house.url}/me/calls?kind=in")
    follow(page.get_by_role("link", name=re.compile("ответил 201 Анна")).first)
    assert_fits(page)
    source = page.locator("audio").get_attribute("src")
    assert source is not None
    sound = page.request.get(house.url + source, headers={"Range": "bytes=0-3"})
    assert (sound.status, sound.body()) == (206, b"RIFF")
    follow(page.get_by_role("link", name="Удалить запись"))
    assert_fits(page)
    follow(page.get_by_role("button", name="Удалить"))
    expect(page.get_by_role("status")).to_contain_text("Запись удалена.")
    assert page.request.get(house.url + source).status == 404


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_of_a_number_that_rings(
    house: House, member: Member, page: Page, new_phone: Callable[..., BrowserContext], scheme: str
) -> None:
    ring(house, page, keys="2", seconds=20)
    seen = new_phone(viewport=SMALL["viewport"], color_scheme=scheme).new_page()
    seen.set_default_timeout(2 * PATIENCE_S * 1000)
    member.log_in(seen, "/me")
    look_until(seen, f"{house.url}/me/calls?kind=missed", "li.missed")
    talk = seen.locator("li.missed a").first.get_attribute("href")
    rule = f"/me/numbers/{A}/rule"
    places = ["/me/calls", "/me/calls?kind=missed", talk, rule, f"{rule}/add", f"{rule}/steps/start", "/me/rules"]
    for path in (*places, "/me/pbx", "/me/pbx/1", "/me/services"):
        assert_axe_finds_nothing_at(seen, f"{house.url}{path}")


def test_a_greeting_of_ones_own_is_heard_first_by_its_owner_and_then_by_a_caller(
    house: House, member: Member, page: Page, new_phone: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    """Uploaded without scripts as a telephone recorded it, made ready by the worker, played, put before the menu."""
    file = tmp_path / "Голос 1.m4a"
    file.write_bytes(tone("M4A", 2))
    member.log_in(page, "/me/rules")
    follow(page.get_by_role("link", name="Свои приветствия"))
    assert_fits(page)
    page.get_by_label("Файл со звуком").set_input_files(file)
    page.get_by_label("Что в нём говорится").fill("Добрый день, это «Лавка».")
    follow(page.get_by_role("button", name="Загрузить"))
    assert_fits(page)
    expect(page.locator("audio")).to_be_visible()  # the page looked again by itself
    assert_fits(page)
    own = page.url.removeprefix(house.url)
    listener = new_phone(viewport=SMALL["viewport"]).new_page()
    member.log_in(listener, own)
    assert 2 <= listener.locator("audio").evaluate(LENGTH) < 2.5
    page.goto(f"{house.url}/me/numbers/{A}/rule/add?kind=say")
    page.get_by_label("Что сказать").select_option(label="Голос 1")
    [tables] = house.ports.switch_tables.values()
    before = dict(tables.versions())
    follow(page.get_by_role("button", name="Добавить шаг"))
    assert_fits(page)
    wait_for(lambda: tables.versions() != before, "the switch is told")
    told = ring(house, page, keys="2", seconds=20)
    assert "Вы слышите: «Добрый день, это «Лавка».»" in told
    for path in ("/me/pbx/greetings", own, f"{own}/remove"):
        assert_axe_finds_nothing_at(listener, house.url + path)
