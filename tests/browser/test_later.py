"""A press that the database cannot take: the page says «позже» and presses again by itself, for one call."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, expect
from sqlalchemy import text

from tests.browser.conftest import ONE_MINUTE, House, Member, read, wait_until_over

pytestmark = pytest.mark.browser

SMALL = {"width": 320, "height": 568}


@pytest.mark.parametrize("has_scripts", [True, False], ids=["scripts on", "scripts off"])
def test_a_press_put_off_is_repeated(
    house: House, member: Member, new_phone: Callable[..., BrowserContext], has_scripts: bool
) -> None:
    page = new_phone(java_script_enabled=has_scripts, viewport=SMALL).new_page()
    member.log_in(page, f"/{ONE_MINUTE}")
    read(page)
    key = page.locator("[name=form_key]").input_value()
    with house.ports.sessions.begin() as db:  # SQLite has one writer: until this block ends, nobody else
        db.execute(text("SELECT 1"))
        page.click("#call button")
        alert = page.get_by_role("alert")
        expect(alert).to_contain_text("страница сейчас попробует сама" if has_scripts else "Нажмите ещё раз")
        assert page.locator("[name=form_key]").input_value() == key
        assert member.calls() == []
    if not has_scripts:
        read(page)
        page.click("#call button")
    page.wait_for_url(re.compile("/c/"))
    assert len(member.calls()) == 1
    wait_until_over(member)
