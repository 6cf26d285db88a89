"""Plans on the desk's pages: each fault with its line, published and taken back by two persons (S26)."""

import io
import secrets
from collections.abc import Callable

from werkzeug.test import TestResponse

from k5web.services.prices import drafts
from tests.fakes.doors import SHIPPED
from tests.services.house import House
from tests.web.conftest import Browser, token_of
from tests.web.desk.test_prices import checked

Staff = Callable[..., Browser]
START = SHIPPED.text("start").plan
DEARER = START.replace('price = "5.00 RUB/min"', 'price = "6.00 RUB/min"')


def upload(browser: Browser, text: str, day: str = "2027-01-20") -> TestResponse:
    sent = {
        "csrf_token": token_of(browser.get("/desk/plans")), "effective": day,
        "file": (io.BytesIO(text.encode()), "start.toml"), "form_key": secrets.token_hex(8),
    }  # fmt: skip
    return browser.client.post("/desk/plans/drafts", data=sent, content_type="multipart/form-data")


def draft(browser: Browser, k5: House) -> str:
    """Hand a plan in, let the worker check it, and return the page of its draft."""
    return checked(browser, k5, upload(browser, DEARER)).headers["Location"]


def test_a_plan_is_published_and_taken_back_by_two_persons(staff: Staff, k5: House) -> None:
    """S26."""
    anna, boris = staff("prices"), staff("prices", login="boris")
    page = draft(anna, k5)
    assert "6.00 RUB/min" in anna.get(page).text
    number = page.rpartition("/")[2]
    decide = f"/desk/prices/drafts/{number}"
    anna.press(page, f"{decide}/propose", None, form_key="form-12345678", reason="тариф на январь")
    assert anna.press(page, f"{decide}/approve").status_code == 403
    assert boris.press(page, f"{decide}/approve").status_code == 303
    version = drafts.find(k5.ports, int(number)).version_id
    shown, action = f"/desk/plans/versions/{version}", f"/desk/prices/plan/{version}/withdraw"
    assert "6.00 RUB/min" in anna.get(shown).text
    boris.press(shown, action, None, form_key="form-87654321", reason="ошибка в цене")
    assert anna.press(shown, f"{action}/approve").status_code == 303
    assert "Отозвана" in anna.get(shown).text
    assert "отозвана" in anna.get("/desk/plans").text


def test_each_fault_is_named_with_its_line(staff: Staff, k5: House) -> None:
    anna = staff("prices")
    answer = checked(anna, k5, upload(anna, START.replace('price = "5.00 RUB/min"', 'price = "5.00 RUB/sms"')))
    assert "Тариф не принят: ошибок " in answer.text
    assert "<li>line " in answer.text
    assert upload(anna, DEARER, day="").status_code == 400


def test_too_little_notice_is_said_with_the_first_day_that_would_do(staff: Staff, k5: House) -> None:
    anna = staff("prices")
    answer = checked(anna, k5, upload(anna, DEARER, "2026-12-05"))
    assert "<li>" in answer.text
    assert "Выберите 11.12.2026 или позже" in answer.text


def test_a_draft_is_checked_again_and_dropped(staff: Staff, k5: House) -> None:
    anna = staff("prices")
    page = draft(anna, k5)
    again = anna.press(page, f"{page}/check", None, form_key="form-again")
    assert checked(anna, k5, again).headers["Location"] == page
    anna.press(page, f"/desk/prices/drafts/{page.rpartition('/')[2]}/drop")
    assert "отброшен" in anna.get("/desk/plans").text
