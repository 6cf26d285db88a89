"""What an answer to a claim asks for: the sum, the words, where the money goes. Promise: B11."""

import pytest

from k5web.domain.books.claim import Claim, ClaimForm
from k5web.domain.money import rub
from k5web.errors import WrongReason
from k5web.services.books import claims
from k5web.services.desk import by_hand
from k5web.services.desk.claim_answers import uphold_wish
from tests.services.house import House


@pytest.fixture
def claim(k5: House) -> Claim:
    """A charge is disputed, its money wished at a bank."""
    k5.top_up("100.00")
    k5.talk(k5.order(), "60.0")
    form = ClaimForm(rub("2.20"), "quality", "", "form-1", "Иванова Анна", "40817810099910004312", "044525225")
    return claims.open_claim(k5.ports, k5.caller.id, 2, form, "subscriber")


def test_a_long_answer_is_kept_whole_and_its_beginning_is_the_reason(k5: House, claim: Claim) -> None:
    answer = "верно " * 80
    made = by_hand.submit(k5.ports, "staff:anna", uphold_wish(claim, rub("1.00"), None, answer, "form-0001"))
    assert len(made.wish.reason) <= 200
    found = claims.find(k5.ports, claim.owner_id, claim.n)
    assert found.answer == answer.strip()
    assert found.pay_by is not None  # as the subscriber wished


def test_what_is_foreseen_is_taken_back(k5: House, claim: Claim) -> None:
    seen = by_hand.foresee(k5.ports, "staff:anna", uphold_wish(claim, rub("1.00"), False, "верно", "form-0001"))
    assert [line.amount for line in seen.shown.lines] == [rub("2.20"), -rub("1.20")]
    assert claims.find(k5.ports, claim.owner_id, claim.n).answered_at is None
    k5.assert_sound()


def test_without_words_nothing_is_asked_for(claim: Claim) -> None:
    with pytest.raises(WrongReason):
        uphold_wish(claim, rub("1.00"), None, "  ", "form-0001")
