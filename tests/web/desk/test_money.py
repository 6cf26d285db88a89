"""Money by hand on the desk's pages: what will happen is shown, then it is done once. Promises: S22, S26."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from werkzeug.test import TestResponse

from k5web.domain.desk.audit import AuditFilter
from k5web.domain.desk.proposal import ProposalState
from k5web.domain.money import rub
from k5web.services.desk import audit, proposals
from tests.services.house import House
from tests.web.conftest import Browser

Staff = Callable[..., Browser]


def fields(page: TestResponse) -> dict[str, str]:
    """Return what the last form of a page carries unseen."""
    form = page.text.rsplit("<form", 1)[1]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: unescape(value) for name, value in found}


def look(browser: Browser, kind: str, **typed: str) -> TestResponse:
    """Fill a form and ask what will happen."""
    form = fields(browser.get(f"/desk/money/{kind}"))
    return browser.post(f"/desk/money/{kind}/look", None, **{"reason": "сбой", "document": "акт 7", **form, **typed})


def do(browser: Browser, kind: str, page: TestResponse, **changed: str) -> TestResponse:
    return browser.post(f"/desk/money/{kind}", None, **{**fields(page), **changed})


def correct(browser: Browser, k5: House, sum: str, **typed: str) -> TestResponse:
    owner = str(k5.caller.id)
    return look(browser, "correction", **{"owner": owner, "sum": sum, "sign": "plus", "counter": "gift", **typed})


def test_what_will_happen_is_shown_before_it_is_done(staff: Staff, k5: House) -> None:
    k5.top_up("100.00")
    browser = staff("money")
    page = correct(browser, k5, "30", sign="minus", counter="loss")
    assert (page.status_code, k5.balance()) == (200, rub("100.00"))
    for said in ("−30,00", "100,00", "70,00", "убытки", "акт 7", "Провести"):
        assert said in page.text.replace("\N{NO-BREAK SPACE}", " "), said
    done = do(browser, "correction", page)
    assert (done.status_code, done.headers["Location"], k5.balance()) == (303, "/desk/proposals/1", rub("70.00"))
    assert "проведено" in browser.get("/desk/proposals/1").text
    assert "Исправить баланс" in browser.get(f"/desk/subscribers/{k5.caller.id}/money").text
    k5.assert_sound()


def test_a_second_press_does_nothing_more(staff: Staff, k5: House) -> None:
    browser = staff("money")
    page = correct(browser, k5, "30")
    assert [do(browser, "correction", page).headers["Location"] for _ in range(3)] == ["/desk/proposals/1"] * 3
    assert k5.balance() == rub("30.00")


@pytest.mark.parametrize("changed", [{"sum": "31"}, {"sign": "minus"}, {"counter": "loss"}, {"mark": ""}])
def test_what_was_changed_after_it_was_shown_is_not_done(staff: Staff, k5: House, changed: dict[str, str]) -> None:
    """S22."""
    k5.top_up("100.00")
    browser = staff("money")
    answer = do(browser, "correction", correct(browser, k5, "30"), **changed)
    assert answer.status_code == 409
    assert "Ничего не проведено" in answer.text
    assert k5.balance() == rub("100.00")


@pytest.mark.parametrize("sum", ["0", "-5", "1e3", "5.001", "٥", "", "99999999999"])
def test_what_is_no_sum_is_said_on_the_form(staff: Staff, k5: House, sum: str) -> None:
    """S22."""
    page = correct(staff("money"), k5, sum)
    assert page.status_code == 400
    assert 'role="alert"' in page.text
    assert 'value="акт 7"' in page.text
    assert proposals.page(k5.ports) == []


def test_without_a_reason_or_with_nobody_named_the_form_asks_again(staff: Staff, k5: House) -> None:
    browser = staff("money")
    assert correct(browser, k5, "5", reason=" ").status_code == 400
    assert correct(browser, k5, "5", owner="999999").status_code == 404
    assert correct(browser, k5, "5", form_key="x").status_code == 400
    assert browser.get("/desk/money/steal").status_code == 200
    assert look_of_nothing(browser).status_code == 404


def look_of_nothing(browser: Browser) -> TestResponse:
    form = fields(browser.get("/desk/money/correction"))
    return browser.post("/desk/money/steal/look", None, **form)


def test_a_payment_is_found_by_the_number_in_its_owners_statement_alone(staff: Staff, k5: House) -> None:
    k5.top_up("100.00")
    number = str(k5.purse().account_id * 10**9 + 1)
    browser = staff("money")
    page = look(browser, "refund", owner=str(k5.caller.id), number=number, sum="40")
    assert do(browser, "refund", page).status_code == 303
    assert look(browser, "refund", owner=str(k5.caller.id), number="17", sum="1").status_code == 404
    assert look(browser, "refund", owner=str(k5.caller.id), number=number, sum="60.01").status_code == 402
    assert k5.balance() == rub("60.00")
    k5.assert_sound()


def test_a_large_one_waits_and_the_page_says_why(staff: Staff, k5: House) -> None:
    browser = staff("money")
    page = correct(browser, k5, "1500")
    assert "нужен второй человек" in page.text
    assert "Передать второму человеку" in page.text
    do(browser, "correction", page)
    [made] = proposals.page(k5.ports)
    assert (made.state, k5.balance()) == (ProposalState.WAITING, rub("0.00"))


def test_a_transfer_that_stands_in_no_statement_is_credited_once_by_its_name(staff: Staff, k5: House) -> None:
    browser = staff("money")
    typed = {"owner": str(k5.caller.id), "bank_name": "п/п 7 от 01.12.2026", "sum": "300"}
    assert do(browser, "credit_bank", look(browser, "credit_bank", **typed)).status_code == 303
    assert k5.balance() == rub("300.00")
    again = look(browser, "credit_bank", **typed)
    assert again.status_code == 409
    assert "сделано раньше" in again.text
    assert look(browser, "credit_bank", **{**typed, "bank_name": "7" * 65}).status_code == 400
    assert k5.balance() == rub("300.00")
    k5.assert_sound()


def test_who_may_only_look_moves_nothing(staff: Staff, k5: House) -> None:
    browser = staff("desk")
    assert browser.get(f"/desk/subscribers/{k5.caller.id}/money").status_code == 200
    assert browser.get("/desk/money/correction").status_code == 403
    assert browser.press("/desk", "/desk/money/correction").status_code == 403


def test_it_is_written_into_the_audit_with_reason_and_subscriber(staff: Staff, k5: House) -> None:
    browser = staff("money")
    do(browser, "correction", correct(browser, k5, "30"))
    done, seen = audit.lines(k5.ports, AuditFilter(actor="staff:anna"))
    assert (done.action, done.owner_id, done.reason, done.outcome) == (
        "desk.money_do", k5.caller.id, "сбой", "done",
    )  # fmt: skip
    assert seen.action == "desk.money_look"
