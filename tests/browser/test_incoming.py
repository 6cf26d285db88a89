"""A number of one's own that rings, on a small phone: rung from the tryout's page, missed, rung back, listened to.

Promise: B7.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from k5web.domain.pbx.recording import SoundKind
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import number_stock, numbers
from k5web.services.pbx import call_log, people, recordings, rules
from k5web.services.pbx.call_log import Shown
from tests.browser.conftest import House, Member, follow, open_house
from tests.browser.looks import assert_axe_finds_nothing_at, assert_fits
from tests.processes import PATIENCE_S, wait_for
from tests.services.accounts.stock import GO, A, on

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("tryout")]

CALLER, SHOWN = "79161112200", "+7 916 111-22-00"


@pytest.fixture(scope="module")
def house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Pages, worker, simulated switch and all simulated providers."""
    var = tmp_path_factory.mktemp("incoming")
    shutil.copyfile(sqlite_template, var / "k5.db")
    with open_house(f"sqlite:///{var / 'k5.db'}", var, with_providers=True) as opened:
        yield opened


@pytest.fixture(scope="module")
def member(house: House) -> Member:
    """An organisation with a number, two people and the rule of an office: a menu, one person a key."""
    found = house.member("500.00")
    owner_id = on(house.ports, GO, found.subscriber)
    number_stock.add_all(house.ports, {Msisdn(A): False}, "staff:anna")
    numbers.reserve(house.ports, owner_id, A)
    numbers.connect(house.ports, owner_id, A, "form", numbers.offer(house.ports, owner_id, "495").fee)
    for extension, title in {"201": "Анна", "180": "Борис"}.items():
        user = people.add_person(house.ports, owner_id, title, extension)
        people.make_account(house.ports, owner_id, user.n)
    recordings.order(house.ports, owner_id, is_recorded=True)
    rules.take_template(house.ports, owner_id, A, 0, "office", "test")
    return found


@pytest.fixture
def page(new_phone: Callable[..., BrowserContext]) -> Page:
    """A small phone without scripts."""
    found = new_phone(java_script_enabled=False, viewport={"width": 320, "height": 568}).new_page()
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


def test_a_missed_call_is_seen_and_rung_back(house: House, member: Member, page: Page) -> None:
    """The caller hears the greeting, presses 2, nobody answers; its owner sees that and is one press from ringing."""
    told = ring(house, page, keys="2", seconds=25)
    assert "Вы слышите: «Здравствуйте! Вы позвонили в организацию." in told
    assert "Вы нажали 2." in told
    assert "Звонят 180." in told
    owner_id = member.subscriber.id
    wait_for(lambda: call_log.page(house.ports, owner_id, Shown.MISSED).entries, "the call is imported")
    member.log_in(page, "/me/calls?kind=missed")
    assert_fits(page)
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
    owner_id = member.subscriber.id

    def heard() -> list[object]:
        found = recordings.page(house.ports, owner_id, SoundKind.TALK).entries
        return [one for one in found if one.recording.sound]

    wait_for(heard, "the recording is there")
    member.log_in(page, "/me/calls?kind=in")
    follow(page.get_by_role("link", name=re.compile("ответил 201 Анна")).first)
    assert_fits(page)
    source = page.locator("audio").get_attribute("src")
    assert source is not None
    sound = page.request.get(house.url + source, headers={"Range": "bytes=0-3"})
    assert (sound.status, sound.body()) == (206, b"RIFF")
    follow(page.get_by_role("link", name="Удалить запись"))
    assert_fits(page)
    page.get_by_role("button", name=re.compile("Удалить|Да, удалить")).click()
    assert page.request.get(house.url + source).status == 404


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_of_conversations(
    house: House, member: Member, page: Page, new_phone: Callable[..., BrowserContext], scheme: str
) -> None:
    ring(house, page, keys="2", seconds=20)
    owner_id = member.subscriber.id
    wait_for(lambda: call_log.page(house.ports, owner_id, Shown.MISSED).entries, "the call is imported")
    [one, *_] = call_log.page(house.ports, owner_id, Shown.MISSED).entries
    assert isinstance(one, call_log.Talk)
    seen = new_phone(viewport={"width": 320, "height": 568}, color_scheme=scheme).new_page()
    seen.set_default_timeout(2 * PATIENCE_S * 1000)
    member.log_in(seen, "/me/calls")
    talk = f"/me/calls/{one.conversation.switch}/{one.conversation.linked_id}"
    for path in ("/me/calls", "/me/calls?kind=missed", talk):
        assert_axe_finds_nothing_at(seen, house.url + path)
