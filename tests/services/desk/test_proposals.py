"""Proposals: one for each form, decided once by another person, carried out together with the decision.

Promises: S22, S26.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy.orm import Session

from k5web.domain.books.ledger import Event, EventName, Move
from k5web.domain.desk.proposal import Proposal, ProposalState, Wish
from k5web.errors import FormUsed, InsufficientFunds, K5Error, NotFound, NotWaiting, NotYours, OwnProposal, WrongReason
from k5web.services.accounts import accounts
from k5web.services.books.verify import verify
from k5web.services.desk import proposals
from k5web.services.ports import Ports
from k5web.storage.books import ledger
from k5web.storage.desk import proposal_rows
from tests.services.house import House

ANNA, BORIS, CLARA = "staff:anna", "staff:boris", "staff:clara"
WISH = Wish("gift", "form-0001", {"minor": 5000}, "сбой 30 ноября", "акт 7")


def give(ports: Ports, db: Session, proposal: Proposal) -> str:
    """A kind for tests: move money by the form's name; what is taken must be there."""
    owner_id = proposal.wish.owner_id or 0
    moves = (Move(ledger.purse(db, owner_id).account_id, proposal.wish.payload["minor"], "gift"),)
    name = EventName("staff", proposal.wish.form_key)
    event = Event(owner_id, name, moves, proposal.decided_by or "", ports.clock())
    return str(ledger.charge(db, event, ports.today(), ports.clock()).postings[0].balance)


@pytest.fixture(autouse=True)
def _with_the_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proposals, "CARRY_OUT", {"gift": give})


def propose(k5: House, form_key: str = "form-0001", minor: int = 5000, actor: str = ANNA) -> Proposal:
    wish = replace(WISH, form_key=form_key, payload={"minor": minor}, owner_id=k5.caller.id)
    return proposals.propose(k5.ports, actor, wish)


def balance(k5: House) -> str:
    assert verify(k5.ports) == []
    return str(accounts.purse(k5.ports, k5.caller.id).balance)


def outcomes(acts: Sequence[Callable[[], Proposal]]) -> list[str]:
    """Do all of them at once and return what each got."""

    def outcome(act: Callable[[], Proposal]) -> str:
        try:
            return act().state.value
        except K5Error as error:
            return error.code

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(outcome, acts))


def test_nothing_moves_before_a_second_person_approves(k5: House) -> None:
    made = propose(k5)
    assert (made.state, balance(k5)) == (ProposalState.WAITING, "0.00")
    done = proposals.approve(k5.ports, made.id, BORIS)
    assert (done.state, done.decided_by, done.words, balance(k5)) == (ProposalState.DONE, BORIS, "50.00", "50.00")
    assert proposals.find(k5.ports, made.id) == done


def test_the_same_form_makes_one_proposal_and_another_use_of_it_is_refused(k5: House) -> None:
    assert propose(k5) == propose(k5)
    for actor, minor in ((BORIS, 5000), (ANNA, 5001)):
        with pytest.raises(FormUsed):
            propose(k5, minor=minor, actor=actor)
    assert len(proposals.page(k5.ports)) == 1


@pytest.mark.parametrize("spelling", [ANNA, "staff:Anna", "STAFF:ANNA ", "staff: anna"])
def test_nobody_decides_about_their_own(k5: House, spelling: str) -> None:
    """S26."""
    n = propose(k5).id
    with pytest.raises(OwnProposal):
        proposals.approve(k5.ports, n, spelling)
    with pytest.raises(OwnProposal):
        proposals.refuse(k5.ports, n, spelling, "нет")
    assert balance(k5) == "0.00"


def test_who_approves_twice_gets_the_same_answer_and_anybody_else_is_told(k5: House) -> None:
    n = propose(k5).id
    assert proposals.approve(k5.ports, n, BORIS) == proposals.approve(k5.ports, n, "staff:Boris")
    for act, who in ((proposals.approve, CLARA), (proposals.withdraw, ANNA)):
        with pytest.raises(NotWaiting, match=r"it is done, by staff:boris$"):
            act(k5.ports, n, who)
    assert balance(k5) == "50.00"


def test_what_cannot_be_carried_out_waits_on_and_nothing_is_half_done(k5: House) -> None:
    n = propose(k5, minor=-5000).id
    with pytest.raises(InsufficientFunds):
        proposals.approve(k5.ports, n, BORIS)
    assert proposals.find(k5.ports, n).state is ProposalState.WAITING
    k5.top_up("60.00")
    assert proposals.approve(k5.ports, n, BORIS).state is ProposalState.DONE
    assert balance(k5) == "10.00"


def test_a_kill_between_money_and_decision_leaves_neither(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def die(*_args: object) -> bool:
        raise Killed

    n = propose(k5).id
    with monkeypatch.context() as patched:
        patched.setattr(proposal_rows, "decide", die)
        with pytest.raises(Killed):
            proposals.approve(k5.ports, n, BORIS)
    assert balance(k5) == "0.00"
    proposals.approve(k5.ports, n, CLARA)
    assert balance(k5) == "50.00"


def test_two_approvers_at_once_make_one_posting(k5: House) -> None:
    n = propose(k5).id
    acts = [partial(proposals.approve, k5.ports, n, who) for who in (BORIS, CLARA, "staff:dina", "staff:egor")]
    assert outcomes(acts) == ["done", "not_waiting", "not_waiting", "not_waiting"]
    assert balance(k5) == "50.00"


def test_two_tabs_at_once_make_one_proposal(k5: House) -> None:
    assert outcomes([lambda: propose(k5)] * 4) == ["waiting"] * 4
    assert len(proposals.page(k5.ports)) == 1


def test_approving_against_taking_back_has_one_winner(k5: House) -> None:
    for i in range(5):
        n = propose(k5, f"form-1{i:03}").id
        acts = [partial(proposals.approve, k5.ports, n, BORIS), partial(proposals.withdraw, k5.ports, n, ANNA)]
        assert outcomes(acts) in (["done", "not_waiting"], ["not_waiting", "withdrawn"])
    done = [one for one in proposals.page(k5.ports) if one.state is ProposalState.DONE]
    assert balance(k5) == f"{50 * len(done)}.00"


def test_another_person_refuses_with_a_reason_for_good(k5: House) -> None:
    n = propose(k5).id
    with pytest.raises(WrongReason):
        proposals.refuse(k5.ports, n, BORIS, " ")
    assert proposals.refuse(k5.ports, n, BORIS, "нет акта").words == "нет акта"
    with pytest.raises(NotWaiting):
        proposals.approve(k5.ports, n, CLARA)
    assert balance(k5) == "0.00"


def test_only_its_author_takes_it_back(k5: House) -> None:
    n = propose(k5).id
    with pytest.raises(NotYours):
        proposals.withdraw(k5.ports, n, BORIS)
    assert proposals.withdraw(k5.ports, n, "staff:ANNA").state is ProposalState.WITHDRAWN


def test_after_seven_days_it_expires_and_before_the_worker_says_so_nobody_approves_it(k5: House) -> None:
    n = propose(k5).id
    k5.clock.forward(days=6, hours=23)
    assert proposals.expire(k5.ports) == 0
    k5.clock.forward(hours=1)
    with pytest.raises(NotWaiting, match="expired"):
        proposals.approve(k5.ports, n, BORIS)
    assert [proposals.expire(k5.ports), proposals.expire(k5.ports)] == [1, 0]
    assert proposals.find(k5.ports, n).state is ProposalState.EXPIRED
    assert balance(k5) == "0.00"


def test_expiring_against_approving_has_one_winner(k5: House) -> None:
    n = propose(k5).id
    proposals.approve(k5.ports, n, BORIS)
    k5.clock.forward(days=8)
    assert proposals.expire(k5.ports) == 0
    assert proposals.find(k5.ports, n).state is ProposalState.DONE


def test_pages_and_a_subscribers_own_are_listed_newest_first(k5: House) -> None:
    made = [propose(k5, f"form-{i:04}").id for i in range(3)]
    proposals.withdraw(k5.ports, made[1], ANNA)
    assert [one.id for one in proposals.page(k5.ports, ProposalState.WAITING)] == [made[2], made[0]]
    assert [one.id for one in proposals.of_owner(k5.ports, k5.caller.id, made[2])] == [made[1], made[0]]
    with pytest.raises(NotFound):
        proposals.find(k5.ports, 99)


def test_a_reason_is_needed(k5: House) -> None:
    with pytest.raises(WrongReason):
        proposals.propose(k5.ports, ANNA, replace(WISH, reason=" ", owner_id=k5.caller.id))
