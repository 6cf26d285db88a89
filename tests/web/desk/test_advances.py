"""The unused advance at the desk: looked at for a reason, paid as it was shown, declined with words. Promise: B12."""

from collections.abc import Callable
from datetime import date

import pytest

from k5web.domain.desk.proposal import ProposalState
from k5web.domain.money import rub
from k5web.services.accounts import advances, endings, staff_access
from k5web.services.desk import proposals
from tests.services.accounts.test_advances import TO
from tests.services.accounts.test_endings import at
from tests.services.house import House
from tests.web.conftest import Browser
from tests.web.desk.test_money import do, look

Staff = Callable[..., Browser]


def asked_for(k5: House, sum: str = "100.00") -> str:
    """Let the contract end and the rest be asked for; return the page."""
    k5.top_up(sum)
    endings.apply(k5.ports, k5.caller.id)
    at(k5, date(2027, 1, 1))
    endings.carry_out(k5.ports)
    advances.apply(k5.ports, k5.caller.id, TO)
    return f"/desk/subscribers/{k5.caller.id}/advance"


def test_it_is_found_in_the_work_list_and_paid_as_it_was_shown(staff: Staff, k5: House) -> None:
    page, browser = asked_for(k5), staff("money")
    assert f'href="{page}"' in browser.get("/desk/work?kind=advance").text
    assert f"/desk/money/pay_advance?owner={k5.caller.id}" in browser.get(page).text
    shown = look(browser, "pay_advance", owner=str(k5.caller.id), order="п/п 17 от 02.01.2027")
    assert "100,00" in shown.text
    assert k5.balance() == rub("100.00")
    assert do(browser, "pay_advance", shown).status_code == 303
    assert k5.balance() == rub("0.00")
    ended = browser.get(page).text
    assert "п/п 17" in ended
    assert "Заявлений, которые ждут, нет" in ended
    assert look(browser, "pay_advance", owner=str(k5.caller.id), order="п/п 18").status_code >= 400
    k5.assert_sound()


def test_a_large_one_waits_for_a_second_person(staff: Staff, k5: House) -> None:
    asked_for(k5, "1500.00")
    browser = staff("money")
    do(browser, "pay_advance", look(browser, "pay_advance", owner=str(k5.caller.id), order="п/п 17"))
    [made] = proposals.page(k5.ports)
    assert (made.state, k5.balance()) == (ProposalState.WAITING, rub("1500.00"))
    proposals.approve(k5.ports, made.id, "staff:boris")
    assert k5.balance() == rub("0.00")
    k5.assert_sound()


def test_where_it_goes_is_shown_for_a_reason_that_the_subscriber_can_read(staff: Staff, k5: House) -> None:
    page, browser = asked_for(k5), staff("money")
    masked = browser.get(page).text
    assert (TO.account in masked, TO.account[-4:] in masked) == (False, True)
    assert browser.press(page, page, None, reason=" ").status_code == 400
    opened = browser.press(page, page, None, reason="перевод остатка")
    assert TO.account in opened.text
    assert TO.recipient in opened.text
    [read] = staff_access.listed(k5.ports, k5.caller.id)
    assert (read.actor, read.command, read.purpose) == ("staff:anna", "desk advance", "перевод остатка")


def test_declined_with_a_reason_it_stays_on_the_account(staff: Staff, k5: House) -> None:
    page, browser = asked_for(k5), staff("money")
    assert browser.press(page, f"{page}/decline", None, reason="").status_code == 400
    assert browser.press(page, f"{page}/decline", None, reason="счёт закрыт").status_code == 303
    assert "счёт закрыт" in browser.get(page).text
    assert (k5.balance(), k5.held()) == (rub("100.00"), rub("0.00"))
    assert browser.press(page, f"{page}/decline", None, reason="ещё раз").status_code == 409


def test_who_only_looks_gets_no_button(staff: Staff, k5: House) -> None:
    page, browser = asked_for(k5), staff("auditor")
    assert browser.get(page).text.count("<form") == 1  # to log out
    assert browser.press(page, f"{page}/decline", None, reason="x").status_code == 403


@pytest.mark.parametrize("owner", ["100001", "7"])
def test_where_nothing_was_asked_for_nothing_is_offered(staff: Staff, k5: House, owner: str) -> None:
    answer = staff("money").get(f"/desk/subscribers/{owner}/advance")
    assert answer.status_code == (200 if owner == str(k5.caller.id) else 404)
    assert "pay_advance" not in answer.text
