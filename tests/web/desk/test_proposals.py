"""Proposals on the desk: mine, for me to decide; shown as it was and as it is now. Promises: S26."""

from collections.abc import Callable

import pytest

from k5web.domain.desk.proposal import Proposal, ProposalState, Wish
from k5web.domain.money import rub
from k5web.services.desk import by_hand, proposals
from tests.services.house import House
from tests.web.conftest import Browser

Staff = Callable[..., Browser]


def propose(k5: House, minor: int = 150000, form: str = "form-0001") -> Proposal:
    facts = {"minor": minor, "currency": "RUB", "counter": "gift" if minor > 0 else "loss"}
    wish = Wish("correction", form, facts, "сбой", "акт 7", k5.caller.id)
    return by_hand.submit(k5.ports, "staff:anna", wish)


def test_a_second_person_sees_what_was_shown_and_approves(staff: Staff, k5: House) -> None:
    propose(k5)
    boris = staff("money", login="boris")
    assert "/desk/proposals/1" in boris.get("/desk/proposals").text
    page = boris.get("/desk/proposals/1").text
    for said in ("Что было показано автору", "Что вышло бы сейчас", "staff:anna", "Одобрить и провести"):
        assert said in page, said
    assert boris.press("/desk/proposals/1", "/desk/proposals/1/approve").status_code == 303
    assert k5.balance() == rub("1500.00")
    assert "staff:boris" in boris.get("/desk/proposals/1").text
    assert "/desk/proposals/1" not in boris.get("/desk/proposals").text
    assert "/desk/proposals/1" in boris.get("/desk/proposals?state=all").text


def test_nobody_approves_their_own_whatever_they_send(staff: Staff, k5: House) -> None:
    propose(k5)
    anna = staff("money")
    page = anna.get("/desk/proposals/1").text
    assert "Одобрить" not in page
    assert "Отозвать" in page
    for act in ("approve", "refuse"):
        answer = anna.press("/desk/proposals/1", f"/desk/proposals/1/{act}", None, reason="нет")
        assert answer.status_code == 403
        assert "Решить о нём может только другой человек" in answer.text
    assert k5.balance() == rub("0.00")


def test_it_is_refused_with_a_reason_or_withdrawn_by_its_author(staff: Staff, k5: House) -> None:
    propose(k5)
    propose(k5, form="form-0002")
    boris, anna = staff("money", login="boris"), staff("money")
    assert boris.press("/desk/proposals/1", "/desk/proposals/1/refuse", None, reason=" ").status_code == 400
    assert boris.press("/desk/proposals/1", "/desk/proposals/1/refuse", None, reason="нет акта").status_code == 303
    assert boris.press("/desk/proposals/2", "/desk/proposals/2/withdraw").status_code == 403
    assert anna.press("/desk/proposals/2", "/desk/proposals/2/withdraw").status_code == 303
    states = [one.state for one in proposals.page(k5.ports)]
    assert states == [ProposalState.WITHDRAWN, ProposalState.REFUSED]
    assert "нет акта" in boris.get("/desk/proposals/1").text


def test_what_can_be_done_no_more_is_said_beside_the_facts(staff: Staff, k5: House) -> None:
    k5.top_up("2000.00")
    propose(k5, minor=-150000)
    k5.clock.forward(hours=25)
    facts = {"minor": -60000, "currency": "RUB", "counter": "loss"}
    by_hand.submit(k5.ports, "staff:clara", Wish("correction", "form-0002", facts, "x", "y", k5.caller.id))
    boris = staff("money", login="boris")
    assert "Сейчас провести нельзя" in boris.get("/desk/proposals/1").text
    answer = boris.press("/desk/proposals/1", "/desk/proposals/1/approve")
    assert answer.status_code == 402
    assert 'role="alert"' in answer.text
    assert k5.balance() == rub("1400.00")


@pytest.mark.parametrize("role", ["prices", "desk", "auditor"])
def test_money_is_approved_by_the_role_for_money(staff: Staff, k5: House, role: str) -> None:
    propose(k5)
    browser = staff(role)
    assert browser.get("/desk/proposals/1").status_code == (403 if role == "prices" else 200)
    assert browser.press("/desk", "/desk/proposals/1/approve").status_code == 403
    assert k5.balance() == rub("0.00")


def test_the_list_goes_on_by_number(staff: Staff, k5: House) -> None:
    for i in range(proposals.PAGE + 2):
        propose(k5, form=f"form-{i:04}")
    browser = staff("money", login="boris")
    page = browser.get("/desk/proposals").text
    assert "before=3" in page
    assert "/desk/proposals/1" in browser.get("/desk/proposals?before=3").text
    assert browser.get("/desk/proposals/99").status_code == 404


def test_what_became_of_a_top_up_is_a_link_away(staff: Staff, k5: House) -> None:
    """A refund is done here when its money is kept aside; what its provider said stands there."""
    facts = {"reference": "K5-100001-1", "minor": 100, "currency": "RUB"}
    proposals.propose(k5.ports, "staff:anna", Wish("provider_refund", "form-0001", facts, "сбой", "", k5.caller.id))
    assert "/desk/payments/top-up/K5-100001-1" in staff("money").get("/desk/proposals/1").text


def test_whoever_is_there_for_prices_sees_no_proposal_about_money(staff: Staff, k5: House) -> None:
    propose(k5)
    prices, auditor = staff("prices", login="vera"), staff("auditor", login="gleb")
    assert "/desk/proposals/1" not in prices.get("/desk/proposals?state=all").text
    assert prices.get("/desk/proposals/1").status_code == 403
    assert "/desk/proposals/1" in auditor.get("/desk/proposals").text
    assert auditor.get("/desk/proposals/1").status_code == 200
