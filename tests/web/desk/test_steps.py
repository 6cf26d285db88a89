"""What is done with a subscriber: told before, with a reason, by the service that the command line has (S16, S26)."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from werkzeug.test import TestResponse

from k5web.domain.desk.audit import AuditFilter
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts import accounts, blocking, devices, endings, phones
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.calls import safety
from k5web.services.desk import audit
from k5web.storage.messaging import outbox_rows
from tests.services.house import House
from tests.services.visits import log_in
from tests.web.conftest import Browser

Staff = Callable[..., Browser]
ID = 100001
PAGE = f"/desk/subscribers/{ID}"


def press(browser: Browser, step: str, what: str = "", reason: str = "по просьбе") -> TestResponse:
    """Go from the page of the subscriber to the step's own and press its only button."""
    told = f"{PAGE}/steps/{step}" + (f"?what={what}" if what else "")
    fields = {"what": what} if what else {}
    return browser.press(told, f"{PAGE}/steps/{step}", None, reason=reason, **fields)


def is_blocked(k5: House) -> bool:
    return accounts.find_subscriber(k5.ports, str(ID)).blocked_at is not None


def test_a_block_and_its_undo_are_two_clicks_each(staff: Staff, k5: House) -> None:
    browser = staff("desk")
    (link,) = re.findall(rf'href="({PAGE}/steps/block)"', browser.get(PAGE).text)
    told = browser.get(link)
    assert "не сможет войти, звонить" in told.text
    done = press(browser, "block", reason="подозрение на мошенничество")
    assert (done.status_code, done.location) == (303, f"{PAGE}?done=block")
    assert is_blocked(k5)
    page = browser.get(done.location).text
    assert "Абонент остановлен." in page
    assert "подозрение на мошенничество" in page
    assert re.findall(rf'href="{PAGE}/steps/(\w*block)"', page) == ["unblock"]
    press(browser, "unblock", reason="проверили")
    assert not is_blocked(k5)
    kept = [(block.actor, block.reason) for block in blocking.history(k5.ports, ID)]
    assert kept == [("staff:anna", "подозрение на мошенничество"), ("staff:anna", "проверили")]
    lines = audit.lines(k5.ports, AuditFilter(owner_id=ID))
    assert [(line.facts["step"], line.reason, line.outcome) for line in lines] == [
        ("unblock", "проверили", "done"),
        ("block", "подозрение на мошенничество", "done"),
    ]


def test_a_block_tells_how_many_calls_it_gives_up(staff: Staff, k5: House) -> None:
    k5.top_up("100.00")
    k5.order()
    browser = staff("desk")
    assert "1 заказанный звонок не начнётся" in browser.get(f"{PAGE}/steps/block").text
    k5.work()
    assert "1 звонок идёт и закончится сам" in browser.get(f"{PAGE}/steps/block").text


@pytest.mark.parametrize("step", ["block", "suspend", "devices", "password"])
def test_nothing_is_done_without_a_reason(staff: Staff, k5: House, step: str) -> None:
    cookie = log_in(k5).token
    page = press(staff("desk"), step, reason=" ")
    assert page.status_code == 400
    assert "Напишите одной строкой, зачем" in page.text
    assert devices.recognise(k5.ports, cookie or "") is not None
    assert not is_blocked(k5)


def test_no_get_does_anything(staff: Staff, k5: House) -> None:
    cookie = log_in(k5).token
    browser = staff("desk")
    for step in ("block", "suspend", "devices", "password", "verify"):
        browser.get(f"{PAGE}/steps/{step}?reason=x")
    assert devices.recognise(k5.ports, cookie or "") is not None
    assert blocking.history(k5.ports, ID) == []


def test_a_breach_suspends_with_notice_and_is_cured(staff: Staff, k5: House) -> None:
    browser = staff("desk")
    assert "прочтёт дословно" in browser.get(f"{PAGE}/steps/suspend").text
    assert press(browser, "suspend", reason="реклама без согласия").status_code == 303
    owner = accounts.find_subscriber(k5.ports, str(ID))
    notice = blocking.notice(k5.ports, owner)
    assert notice is not None
    assert notice.reason == "реклама без согласия"
    assert press(browser, "resume").status_code == 303
    assert accounts.find_subscriber(k5.ports, str(ID)).suspended_at is None


def test_a_contract_is_ended_for_a_breach_that_was_borne_and_kept_again(staff: Staff, k5: House) -> None:
    """B9."""
    blocking.suspend(k5.ports, ID, "staff:boris", "спам")
    browser = staff("desk")
    assert "/steps/end" not in browser.get(PAGE).text
    early = press(browser, "end")
    assert early.status_code == 409
    assert "срок не прошёл" in early.text
    k5.clock.forward(days=183)
    browser = staff("desk", login="vera")
    assert "/steps/end" in browser.get(PAGE).text
    assert "последний день – 12.06.2027" in browser.get(f"{PAGE}/steps/end").text
    assert press(browser, "end", reason="не исправил").status_code == 303
    ending = endings.standing(k5.ports, ID)
    assert ending is not None
    assert (ending.why, ending.last_day, ending.actor) == ("breach", date(2027, 6, 12), "staff:vera")
    page = browser.get(PAGE).text
    assert ("/steps/end" in page, "/steps/keep" in page) == (False, True)
    assert press(browser, "keep", reason="договорились").status_code == 303
    assert endings.standing(k5.ports, ID) is None


def test_one_device_ends_and_then_all(staff: Staff, k5: House) -> None:
    first, second, third = (log_in(k5) for _ in range(3))
    browser = staff("desk")
    assert first.device.selector in browser.get(PAGE).text
    assert press(browser, "device", first.device.selector).status_code == 303
    left = [device.selector for device in devices.list_devices(k5.ports, ID).live]
    assert sorted(left) == sorted([second.device.selector, third.device.selector])
    assert "2 устройства выйдут из кабинета" in browser.get(f"{PAGE}/steps/devices").text
    assert press(browser, "devices").status_code == 303
    assert devices.list_devices(k5.ports, ID).live == []


def test_a_new_password_goes_to_the_subscribers_phone_and_to_no_page(staff: Staff, k5: House) -> None:
    browser = staff("desk")
    done = press(browser, "password")
    with k5.ports.sessions.read() as db:
        (message,) = [each for each in outbox_rows.due(db, k5.clock(), 100) if each.kind == "password"]
    assert message.facts["password"] not in done.text + browser.get(done.location).text
    assert log_in(k5, password=message.facts["password"]).subscriber.must_change_password


def test_a_phone_is_noted_as_verified(staff: Staff, k5: House) -> None:
    added = add_subscriber(k5.ports, Msisdn("79160000042"), "correct horse", "Борис", is_verified=False)
    page = f"/desk/subscribers/{added.id}"
    browser = staff("desk")
    assert "***" in browser.get(f"{page}/steps/verify").text
    browser.press(f"{page}/steps/verify", f"{page}/steps/verify", None, reason="пришёл с паспортом")
    assert [phone.verified_at is not None for phone in phones.of(k5.ports, added.id)] == [True]
    assert "/steps/verify" not in browser.get(page).text


def test_a_direction_is_opened_and_closed_again(staff: Staff, k5: House) -> None:
    browser = staff("desk")
    assert "спутниковые номера" in browser.get(f"{PAGE}/steps/open?what=satellite").text
    press(browser, "open", "satellite")
    press(browser, "open", "8816")
    assert safety.show(k5.ports, ID).opened == {"satellite", "8816"}
    press(browser, "close", "satellite")
    assert safety.show(k5.ports, ID).opened == {"8816"}
    assert "+8816" in browser.get(PAGE).text


ABOUT_NOTHING = [
    ("open", "x"),
    ("open", ""),
    ("close", "premium"),
    ("device", "nobody"),
    ("block", "x"),
    ("nothing", ""),
]


def test_a_step_about_nothing_is_not_found(staff: Staff) -> None:
    browser = staff("desk")
    for step, what in ABOUT_NOTHING:
        assert browser.get(f"{PAGE}/steps/{step}?what={what}").status_code == 404, (step, what)
        assert browser.press(PAGE, f"{PAGE}/steps/{step}", None, what=what, reason="x").status_code == 404, (step, what)


def test_a_device_of_somebody_else_is_not_found(staff: Staff, k5: House) -> None:
    added = add_subscriber(k5.ports, Msisdn("79160000042"), "correct horse", "Борис")
    theirs = log_in(k5, "+79160000042")
    page = press_elsewhere(staff("desk"), theirs.device.selector)
    assert page.status_code == 404
    assert len(devices.list_devices(k5.ports, added.id).live) == 1


def press_elsewhere(browser: Browser, selector: str) -> TestResponse:
    return browser.press(PAGE, f"{PAGE}/steps/device", None, what=selector, reason="x")


def test_a_word_after_a_step_that_is_none_says_nothing(staff: Staff, k5: House) -> None:
    assert 'role="status"' not in staff("desk").get(f"{PAGE}?done=<b>").text
