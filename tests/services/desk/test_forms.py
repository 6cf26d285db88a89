"""A form does what it says once, and something else never. Promises: S22."""

from dataclasses import replace

import pytest

from k5web.domain.desk.proposal import Wish
from k5web.errors import FormUsed, WrongForm, WrongReason
from k5web.services.desk import forms, proposals
from tests.services.house import House

WISH = Wish("deck", "form-0001", {"deck": 7}, " новые цены ", " приказ 3 ")


def test_reason_and_document_are_kept_without_spaces_around_them() -> None:
    checked = forms.checked_wish(WISH)
    assert (checked.reason, checked.document) == ("новые цены", "приказ 3")
    assert forms.checked_wish(replace(WISH, document=" ")).document == ""


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [({"reason": ""}, WrongReason), ({"document": "x" * 201}, WrongReason), ({"form_key": "x"}, WrongForm)],
)
def test_a_form_without_reason_or_key_is_refused(wrong: dict[str, str], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        forms.checked_wish(replace(WISH, **wrong))  # type: ignore[arg-type]


@pytest.mark.parametrize("other", [{"kind": "plan"}, {"payload": {"deck": 8}}, {"owner_id": 100001}])
def test_a_form_that_was_sent_asks_for_nothing_else(k5: House, other: dict[str, object]) -> None:
    made = proposals.propose(k5.ports, "staff:anna", WISH)
    assert proposals.propose(k5.ports, "staff:ANNA", replace(WISH, reason="другие слова")) == made
    with pytest.raises(FormUsed):
        proposals.propose(k5.ports, "staff:anna", replace(WISH, **other))  # type: ignore[arg-type]
