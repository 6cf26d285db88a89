"""A claim on a small phone: from a call, answered by the command of staff, seen by who made it (B11)."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner
from playwright.sync_api import BrowserContext, Page, expect

from k5web.cli import main
from k5web.domain.money import rub
from k5web.services.accounts.accounts import purse
from k5web.services.books import claims
from tests.browser.conftest import ONE_MINUTE, House, leave, order, wait_until_over
from tests.browser.looks import assert_axe_finds_nothing, assert_fits
from tests.browser.test_look import assert_targets_are_large

pytestmark = pytest.mark.browser


@pytest.fixture(params=[True, False], ids=["scripts on", "scripts off"])
def small(request: pytest.FixtureRequest, new_phone: Callable[..., BrowserContext]) -> Page:
    """A page of a fresh phone of 320 pixels."""
    return new_phone(java_script_enabled=request.param, viewport={"width": 320, "height": 568}).new_page()


def assert_looks_well(page: Page, request: pytest.FixtureRequest) -> None:
    assert_fits(page)
    assert_targets_are_large(page, page.url)
    if "scripts on" in request.node.name:  # axe is a script
        assert_axe_finds_nothing(page)


def staff(house: House, *words: str) -> None:
    """Run a command of staff on the same database."""
    environ = {name: str(value) for name, value in house.processes.environ.items()} | {"K5_STAFF": "a.ivanova"}
    done = CliRunner().invoke(main, list(words), env=environ, catch_exceptions=False)
    assert done.exit_code == 0, done.output


def test_a_call_is_disputed_and_the_answer_seen(house: House, small: Page, request: pytest.FixtureRequest) -> None:
    member, page = house.member("10.00"), small
    member.log_in(page, f"/{ONE_MINUTE}")
    order(page)
    wait_until_over(member)
    [call] = member.calls()
    leave(page, f"{house.url}/me/calls/{call.id}")
    page.get_by_role("link", name="Что-то не так?").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Что-то не так?")
    assert_looks_well(page, request)
    page.get_by_label("Было плохо слышно").check()
    page.get_by_label("Какую сумму оспариваете").fill("1000")
    page.get_by_role("button", name="Подать претензию").click()
    expect(page.get_by_role("alert")).to_contain_text("не больше списанной")
    assert_looks_well(page, request)
    page.get_by_label("Какую сумму оспариваете").fill("0,50")
    page.get_by_role("button", name="Подать претензию").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Претензия № 1")
    assert_looks_well(page, request)
    before = purse(house.ports, member.subscriber.id).balance
    owner = str(member.subscriber.id)
    staff(house, "claim", "uphold", owner, "1", "--reason", "связь рвалась", "--yes")
    assert purse(house.ports, member.subscriber.id).balance == before + rub("0.50")
    page.reload()
    expect(page.get_by_text("На счёт возвращено 0,50")).to_be_visible()
    expect(page.get_by_text("связь рвалась")).to_be_visible()
    assert_looks_well(page, request)
    page.get_by_role("link", name="Мои претензии").click()
    expect(page.get_by_text("✓ Удовлетворена")).to_be_visible()
    assert_looks_well(page, request)
    page.goto(f"{house.url}/me/calls/{call.id}")
    expect(page.get_by_text("возвращено 0,50")).to_be_visible()
    assert_looks_well(page, request)
    assert [str(each.outcome) for each in claims.of_owner(house.ports, member.subscriber.id)] == ["upheld"]
