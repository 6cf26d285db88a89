"""A proposal is decided once, by another person. Promises: S26."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from k5web.domain.desk.proposal import Proposal, ProposalState, Wish, check_decider, checked_key, person
from k5web.errors import NotWaiting, OwnProposal, WrongForm

WAITING = Proposal(
    id=7,
    wish=Wish("correction", "form-0001", {}, "because"),
    is_alone=False,
    counted=None,
    limit=None,
    proposed_by="staff:anna",
    proposed_at=datetime(2026, 12, 1, tzinfo=UTC),
)


@pytest.mark.parametrize("state", ProposalState)
def test_only_what_waits_is_decided_and_what_is_decided_stays(state: ProposalState) -> None:
    later = {one for one in ProposalState if state.may_become(one)}
    assert later == (set(ProposalState) - {state} if state is ProposalState.WAITING else set())


@pytest.mark.parametrize("spelling", ["staff:anna", "staff:ANNA", " Staff:Anna ", "staff: anna", "ｓｔａｆｆ:ａｎｎａ"])
def test_nobody_decides_about_their_own_in_any_spelling(spelling: str) -> None:
    with pytest.raises(OwnProposal):
        check_decider(WAITING, spelling)


def test_another_person_decides_once() -> None:
    check_decider(WAITING, "staff:boris")
    with pytest.raises(NotWaiting, match=r"^proposal 7 waits no longer: it is refused, by staff:clara$"):
        check_decider(replace(WAITING, state=ProposalState.REFUSED, decided_by="staff:clara"), "staff:boris")


def test_letters_of_any_alphabet_have_one_case() -> None:
    assert person("staff:Анна") == person("STAFF:АННА") != person("staff:Инна")


@pytest.mark.parametrize("key", ["", "short", "with a space in it", "x" * 65, "ключ-формы"])
def test_a_form_needs_a_key_of_its_own(key: str) -> None:
    with pytest.raises(WrongForm):
        checked_key(key)
