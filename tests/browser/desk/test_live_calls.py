"""Staff end a call under way in a real browser, in five pages from the log-in, with scripts and without."""

import pytest
from playwright.sync_api import Page, expect

from k5web.domain.calls.call import CallState, Outcome
from k5web.domain.prices.number import Msisdn
from k5web.services.calls import ordering
from k5web.services.desk import staff
from tests.browser.conftest import TALKS_ON, House, Member, shown, wait_until_over
from tests.processes import wait_for

pytestmark = pytest.mark.browser


def test_a_live_call_is_ended_within_five_pages(page: Page, house: House, member: Member) -> None:
    call = ordering.order_call(house.ports, member.subscriber, Msisdn.parse(TALKS_ON), "form-1", None)
    wait_for(lambda: member.calls()[0].state is CallState.TALKING, "both phones talk")
    login = f"engineer{member.subscriber.id}"
    made = staff.add(house.ports, login, "Инженер", ["engineer"], "staff:test")

    page.goto(f"{house.url}/desk/login")
    page.fill("#login", login)
    page.fill("#password", made.password)
    page.fill("#code", staff.current_code(house.ports, login))
    page.click("button.button")
    expect(page).to_have_url(f"{house.url}/desk")

    page.get_by_role("link", name="Звонки", exact=True).first.click()
    expect(page.locator("h1")).to_have_text("Звонки сейчас")
    assert TALKS_ON[-7:] not in page.content()
    page.get_by_role("link", name=call.id, exact=True).click()
    expect(page.locator("h1")).to_have_text(f"Звонок {call.id}")
    page.fill("input[name=reason]", "звонит мошенник")
    page.get_by_role("button", name="Закончить").click()
    expect(page.get_by_role("button", name="Закончить")).to_have_count(0, timeout=15_000)

    wait_until_over(member)
    [ended] = member.calls()
    assert (ended.state, ended.outcome) == (CallState.SETTLED, Outcome.CANCELLED)
    page.reload()
    assert "завершён отсюда" in shown(page)
