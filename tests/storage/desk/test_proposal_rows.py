"""Rows of proposals: written once, decided once. Promises: S26."""

from datetime import timedelta

from k5web.domain.desk.proposal import Proposal, ProposalState, Wish
from k5web.domain.money import Money, rub
from k5web.storage.desk import proposal_rows
from tests.services.house import House

ANNA, BORIS = "staff:anna", "staff:boris"


def add(k5: House, form_key: str = "form-0001", sum_minor: int = 50000, *, is_alone: bool = False) -> Proposal:
    wish = Wish("correction", form_key, {"minor": sum_minor}, "сбой", "акт 7", k5.caller.id, Money(sum_minor))
    with k5.ports.sessions.begin() as db:
        n = proposal_rows.next_id(db)
        made = Proposal(n, wish, is_alone, Money(sum_minor), rub("1000.00"), ANNA, k5.clock())
        proposal_rows.add(db, made)
    return made


def decide(k5: House, n: int, state: ProposalState = ProposalState.DONE, actor: str = BORIS) -> bool:
    with k5.ports.sessions.begin() as db:
        return proposal_rows.decide(db, n, state, actor, k5.clock(), "")


def test_what_was_asked_for_is_read_again(k5: House) -> None:
    made = add(k5)
    with k5.ports.sessions.begin() as db:
        found = [proposal_rows.find(db, 1), proposal_rows.lock(db, 1), proposal_rows.by_form(db, "form-0001")]
        assert [*found, *proposal_rows.page(db, None, None, 9)] == [made] * 4
        assert proposal_rows.of_owner(db, k5.caller.id, None, 9) == [made]
        assert proposal_rows.of_owner(db, k5.caller.id + 1, None, 9) == []


def test_pages_go_by_number_and_state(k5: House) -> None:
    made = [add(k5, f"form-000{i}") for i in range(4)]
    decide(k5, made[3].id)
    with k5.ports.sessions.begin() as db:
        assert [one.id for one in proposal_rows.page(db, ProposalState.WAITING, None, 2)] == [3, 2]
        assert [one.id for one in proposal_rows.page(db, ProposalState.WAITING, 2, 2)] == [1]
        assert [one.id for one in proposal_rows.page(db, ProposalState.DONE, None, 2)] == [4]


def test_it_is_decided_once(k5: House) -> None:
    n = add(k5).id
    assert [decide(k5, n), decide(k5, n, ProposalState.REFUSED)] == [True, False]


def test_what_one_did_alone_is_summed_by_person_and_by_subscriber(k5: House) -> None:
    since = k5.clock() - timedelta(hours=1)
    for i, is_alone in enumerate((True, True, False)):
        decide(k5, add(k5, f"form-000{i}", is_alone=is_alone).id, actor=ANNA if is_alone else BORIS)
    add(k5, "form-0009")  # waits
    with k5.ports.sessions.read() as db:
        assert proposal_rows.done_alone(db, since, "RUB", actor=ANNA) == rub("1000.00")
        assert proposal_rows.done_alone(db, since, "RUB", owner_id=k5.caller.id) == rub("1000.00")
        assert proposal_rows.done_alone(db, since, "RUB", actor=BORIS) == rub("0.00")
        assert proposal_rows.done_alone(db, since, "KGS", actor=ANNA) == Money(0, "KGS")
        assert proposal_rows.done_alone(db, k5.clock() + timedelta(seconds=1), "RUB", actor=ANNA) == rub("0.00")


def test_what_waits_too_long_is_found(k5: House) -> None:
    n = add(k5).id
    with k5.ports.sessions.read() as db:
        assert proposal_rows.overdue(db, k5.clock(), 9) == [n]
        assert proposal_rows.overdue(db, k5.clock() - timedelta(seconds=1), 9) == []
