"""Claims at the desk: nearest deadline first, what an answer does is shown first, large sums by two. Promise: B11."""

import re
from collections.abc import Callable

import pytest

from k5web.domain.books.claim import Claim, ClaimForm
from k5web.domain.desk.proposal import Wish
from k5web.domain.money import rub
from k5web.services.accounts import accounts, staff_access
from k5web.services.books import claims
from k5web.services.desk import by_hand
from tests.services.house import House
from tests.web.conftest import Browser, token_of

Staff = Callable[..., Browser]


@pytest.fixture
def claimed(k5: House) -> Claim:
    """Two roubles twenty are disputed, and wished at a bank."""
    k5.top_up("100.00")
    k5.talk(k5.order(), "60.0")
    form = ClaimForm(rub("2.20"), "quality", "не слышно", "form-1", "Иванова Анна", "40817810099910004312", "044525225")
    return claims.open_claim(k5.ports, k5.caller.id, 2, form, "subscriber")


def page_of(claim: Claim) -> str:
    return f"/desk/claims/{claim.owner_id}/{claim.n}"


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of the form that answers."""
    form = re.search(r'<form method="post" action="[^"]*/uphold">(.*?)</form>', page, re.DOTALL)
    assert form, page
    found = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[1]))
    found.pop("csrf_token", None)
    return found


def uphold(browser: Browser, claim: Claim, asked: str = "?sum=2.20", **more: str) -> tuple[int, str]:
    seen = browser.get(page_of(claim) + asked).text
    answer = browser.press(page_of(claim) + asked, f"{page_of(claim)}/uphold", None, **fields_of(seen) | more)
    return answer.status_code, answer.headers.get("Location", "")


def test_the_claims_that_wait_are_listed_by_their_deadline(staff: Staff, claimed: Claim, k5: House) -> None:
    browser = staff("money")
    page = browser.get("/desk/claims").text
    assert "31.12.2026" in page
    assert page_of(claimed) in page
    assert "Таких претензий нет" in browser.get("/desk/claims?late=1").text
    k5.clock.forward(days=31)
    late = staff("auditor", login="boris").get("/desk/claims?late=1").text
    assert "Просрочено" in late
    assert 'class="late"' in late


def test_a_claim_is_shown_with_its_charge_and_what_was_said(staff: Staff, claimed: Claim) -> None:
    page = staff("auditor").get(page_of(claimed)).text
    assert "не слышно" in page
    assert "2,20" in page
    assert "Вернуть деньги" not in page  # an auditor answers nothing


def test_what_an_answer_does_is_shown_first_and_nothing_is_done(staff: Staff, claimed: Claim, k5: House) -> None:
    page = staff("money").get(page_of(claimed) + "?sum=1.00").text
    assert "+2,20" in page  # the charge is reversed
    assert "−1,20" in page  # and what remains is charged anew
    assert claims.find(k5.ports, claimed.owner_id, claimed.n).answered_at is None


def test_a_sum_that_is_none_or_too_large_is_refused_in_words(staff: Staff, claimed: Claim) -> None:
    browser = staff("money")
    for sum_ in ("x", "9.00", "0"):
        page = browser.get(page_of(claimed) + f"?sum={sum_}")
        assert page.status_code == 200
        assert 'role="alert"' in page.text
        assert "/uphold" not in page.text


def test_a_part_is_given_back_with_an_answer_once(staff: Staff, claimed: Claim, k5: House) -> None:
    browser = staff("money")
    status, where = uphold(browser, claimed, "?sum=1.00", reason="слышно было плохо")
    assert (status, where) == (303, page_of(claimed))
    found = claims.find(k5.ports, claimed.owner_id, claimed.n)
    assert (found.given, found.answer, found.answered_by) == (rub("1.00"), "слышно было плохо", "staff:anna")
    assert found.pay_by is None
    assert "слышно было плохо" in browser.get(page_of(claimed)).text
    assert "/uphold" not in browser.get(page_of(claimed)).text


def test_the_same_form_answers_once(staff: Staff, claimed: Claim, k5: House) -> None:
    browser = staff("money")
    fields = fields_of(browser.get(page_of(claimed) + "?sum=2.20").text) | {"reason": "верно"}
    token = token_of(browser.get("/desk"))
    for _ in range(2):
        answer = browser.client.post(f"{page_of(claimed)}/uphold", data=fields | {"csrf_token": token})
        assert answer.status_code == 303
    assert accounts.purse(k5.ports, k5.caller.id).balance == rub("100.00")


def test_what_was_not_shown_is_not_done(staff: Staff, claimed: Claim, k5: House) -> None:
    """S26."""
    browser = staff("money")
    page = page_of(claimed)
    fields = fields_of(browser.get(f"{page}?sum=2.20").text) | {"reason": "верно"}
    del fields["mark"]
    assert browser.press(page, f"{page}/uphold", None, **fields).status_code == 409
    assert claims.find(k5.ports, claimed.owner_id, claimed.n).answered_at is None


def test_a_claim_is_rejected_with_words(staff: Staff, claimed: Claim, k5: House) -> None:
    browser = staff("money")
    assert browser.press(page_of(claimed), f"{page_of(claimed)}/reject", None, reason=" ").status_code == 400
    browser.press(page_of(claimed), f"{page_of(claimed)}/reject", None, reason="всё верно")
    found = claims.find(k5.ports, claimed.owner_id, claimed.n)
    assert (found.outcome, found.answer) == ("rejected", "всё верно")


def test_money_goes_to_the_bank_by_a_document(staff: Staff, claimed: Claim, k5: House) -> None:
    browser = staff("money")
    seen = browser.get(page_of(claimed) + "?sum=2.20&to_bank=1").text
    assert "удержанными" in seen
    uphold(browser, claimed, "?sum=2.20&to_bank=1", reason="верно")
    page = browser.get(page_of(claimed)).text
    assert "Деньги отправлены" in page
    browser.press(page_of(claimed), f"{page_of(claimed)}/paid", None, reason="п/п 17")
    found = claims.find(k5.ports, claimed.owner_id, claimed.n)
    assert (found.document, found.paid_by) == ("п/п 17", "staff:anna")
    k5.assert_sound()


def test_where_the_money_is_wished_is_shown_whole_for_a_purpose_that_is_kept(
    staff: Staff, claimed: Claim, k5: House
) -> None:
    browser = staff("money")
    page = browser.get(page_of(claimed)).text
    assert "40817810099910004312" not in page
    assert "Иванова" not in page
    assert "…4312" in page
    page = browser.get(page_of(claimed) + "?purpose=выплата").text
    assert "40817810099910004312" in page
    (access,) = staff_access.listed(k5.ports, claimed.owner_id)
    assert (access.actor, access.command, access.purpose) == ("staff:anna", "desk.claim", "выплата")


def test_above_the_limit_a_second_person_answers(staff: Staff, claimed: Claim, k5: House) -> None:
    """What one person did alone on a day counts together: this claim is above the limit with the gift before it."""
    facts = {"minor": 99900, "currency": "RUB", "counter": "gift"}
    by_hand.submit(k5.ports, "staff:anna", Wish("correction", "form-0001", facts, "сбой", "акт 7", k5.caller.id))
    anna, boris = staff("money"), staff("money", login="boris")
    assert "одобрит второй" in anna.get(page_of(claimed) + "?sum=2.20").text
    status, proposal = uphold(anna, claimed, reason="верно")
    assert status == 303
    assert claims.find(k5.ports, claimed.owner_id, claimed.n).answered_at is None
    assert anna.press(proposal, f"{proposal}/approve").status_code == 403
    assert boris.press(proposal, f"{proposal}/approve").status_code == 303
    found = claims.find(k5.ports, claimed.owner_id, claimed.n)
    assert (found.given, found.answered_by, found.answer) == (rub("2.20"), "staff:boris", "верно")
    k5.assert_sound()
