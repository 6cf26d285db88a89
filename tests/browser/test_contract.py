"""The contract read, ended and kept on a small phone, with scripts and without; the rest applied for (B1, B12)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from k5web.contracts import HERE
from k5web.domain.accounts.ending import Ending
from k5web.services.accounts import advances, document_files, documents, endings
from k5web.services.prices.contract_end import end_contract
from tests.browser.conftest import PASSWORD, House, Member
from tests.browser.looks import assert_axe_finds_nothing, assert_fits
from tests.services.accounts.test_advances import TO

pytestmark = pytest.mark.browser


@pytest.fixture(params=[True, False], ids=["scripts on", "scripts off"])
def small(request: pytest.FixtureRequest, new_phone: Callable[..., BrowserContext]) -> Page:
    """A page of a fresh phone of 320 pixels."""
    return new_phone(java_script_enabled=request.param, viewport={"width": 320, "height": 568}).new_page()


@pytest.fixture
def published(house: House) -> House:
    """The house with the offer and the terms that are shipped; a second time changes nothing."""
    for kind in ("offer", "terms"):
        paper = document_files.read(HERE / f"{kind}.toml")
        first = next((each for each in documents.listed(house.ports) if each.document.kind == kind), None)
        day = documents.first_day(first) if first else house.ports.today()
        documents.publish(house.ports, paper, day, "staff:test")
    return house


def assert_looks_well(page: Page, request: pytest.FixtureRequest) -> None:
    assert_fits(page)
    if "scripts on" in request.node.name:  # axe is a script
        assert_axe_finds_nothing(page)


def end_at_once(house: House, member: Member) -> None:
    """Let the member's contract have ended yesterday."""
    yesterday = house.ports.today() - timedelta(days=1)
    ending = Ending(member.subscriber.id, 0, "subscriber", house.ports.clock(), yesterday, "test", "")
    assert end_contract(house.ports, ending, lambda db: True)


@pytest.mark.parametrize("path", ["/offer", "/offer/terms", "/offer/prices"])
def test_the_documents_fit_a_small_phone(
    published: House, small: Page, request: pytest.FixtureRequest, path: str
) -> None:
    """B1: without a log-in."""
    small.goto(published.url + path)
    expect(small.get_by_role("heading", level=1)).to_be_visible()
    assert_looks_well(small, request)


def test_the_contract_is_ended_with_the_password_and_kept_after_all(
    published: House, small: Page, request: pytest.FixtureRequest
) -> None:
    """B12."""
    member, page = published.member(), small
    member.log_in(page, "/me/contract")
    expect(page.get_by_role("heading", level=1)).to_have_text("Мой договор")
    assert_looks_well(page, request)
    published.age_confirmations(member.subscriber.id)
    page.reload()
    page.get_by_text("Прекратить договор").click()
    page.get_by_label("Пароль").fill("wrong horse")
    assert_looks_well(page, request)
    page.get_by_role("button", name="Подать заявление").click()
    expect(page.get_by_role("alert")).to_contain_text("Пароль не подходит.")
    assert_looks_well(page, request)
    page.get_by_label("Пароль").fill(PASSWORD)
    page.get_by_role("button", name="Подать заявление").click()
    expect(page.get_by_text("Последний день договора")).to_be_visible()
    assert_looks_well(page, request)
    assert endings.standing(published.ports, member.subscriber.id)
    page.get_by_role("button", name="Забрать заявление").click()
    expect(page.get_by_text("Прекратить договор")).to_be_visible()
    assert endings.standing(published.ports, member.subscriber.id) is None


def test_what_is_left_is_applied_for_after_the_end(
    published: House, small: Page, request: pytest.FixtureRequest
) -> None:
    """B12: a mistake is told at its field, and nothing that was typed is lost."""
    member, page = published.member(), small
    end_at_once(published, member)
    member.log_in(page, "/me/contract")
    expect(page.get_by_text("На счёте осталось")).to_be_visible()
    published.age_confirmations(member.subscriber.id)
    page.reload()
    assert_looks_well(page, request)
    page.get_by_label("Номер счёта").fill(TO.account[:-1])
    page.get_by_label("БИК банка").fill(TO.bank)
    page.get_by_label("Пароль").fill(PASSWORD)
    page.get_by_role("button", name="Подать заявление на возврат").click()
    expect(page.get_by_role("alert")).to_contain_text("20 цифр")
    assert_looks_well(page, request)
    expect(page.get_by_label("БИК банка")).to_have_value(TO.bank)
    page.get_by_label("Номер счёта").fill(TO.account)
    page.get_by_role("button", name="Подать заявление на возврат").click()
    expect(page.get_by_text("Деньги придут до")).to_be_visible()
    assert_looks_well(page, request)
    [asked] = advances.of_owner(published.ports, member.subscriber.id)
    assert asked.to.account == TO.account
