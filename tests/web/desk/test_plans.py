"""Plans on the desk's pages: each fault with its line, published and taken back by two persons (S26)."""

import io
from collections.abc import Callable

from werkzeug.test import TestResponse

from k5web.services.prices import drafts
from tests.fakes.doors import SHIPPED
from tests.services.house import House
from tests.web.conftest import Browser, token_of

Staff = Callable[..., Browser]
START = SHIPPED.text("start").plan
DEARER = START.replace('price = "5.00 RUB/min"', 'price = "6.00 RUB/min"')


def upload(browser: Browser, text: str, day: str = "2027-01-20") -> TestResponse:
    sent = {
        "csrf_token": token_of(browser.get("/desk/plans")), "effective": day,
        "file": (io.BytesIO(text.encode()), "start.toml"),
    }  # fmt: skip
    return browser.client.post("/desk/plans/drafts", data=sent, content_type="multipart/form-data")


def test_a_plan_is_published_and_taken_back_by_two_persons(staff: Staff, k5: House) -> None:
    """S26."""
    anna, boris = staff("prices"), staff("prices", login="boris")
    page = upload(anna, DEARER).headers["Location"]
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


def test_each_fault_is_named_with_its_line(staff: Staff) -> None:
    answer = upload(staff("prices"), START.replace('price = "5.00 RUB/min"', 'price = "5.00 RUB/sms"'))
    assert answer.status_code == 400
    assert "<li>line " in answer.text


def test_too_little_notice_is_said_with_the_first_day_that_would_do(staff: Staff) -> None:
    answer = upload(staff("prices"), DEARER, "2026-12-05")
    assert answer.status_code == 409
    assert "Выберите 11.12.2026 или позже" in answer.text


def test_a_draft_is_checked_again_and_dropped(staff: Staff) -> None:
    anna = staff("prices")
    page = upload(anna, DEARER).headers["Location"]
    assert anna.press(page, f"{page}/check").status_code == 303
    anna.press(page, f"/desk/prices/drafts/{page.rpartition('/')[2]}/drop")
    assert "отброшен" in anna.get("/desk/plans").text
