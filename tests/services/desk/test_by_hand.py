"""Money by hand: shown first, done once, by two persons above the limit. Promises: S22, S26, docs/ledger.md."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from k5web.domain.books.ledger import EventName
from k5web.domain.desk.proposal import Proposal, ProposalState, Wish
from k5web.domain.desk.shown import Shown
from k5web.domain.money import Money, rub
from k5web.errors import (
    CurrencyMismatch,
    FactsChanged,
    FormUsed,
    InsufficientFunds,
    K5Error,
    NotFound,
    OwnProposal,
    RefundTooLarge,
    WrongDeed,
    WrongReason,
)
from k5web.services.books import corrections
from k5web.services.desk import by_hand, proposals
from k5web.services.payments.topups import credit
from k5web.storage.desk import proposal_rows
from tests.services.house import House

ANNA, BORIS, CLARA = "staff:anna", "staff:boris", "staff:clara"
PAID = EventName("test:bank", "in-1")
DONE, WAITING = ProposalState.DONE, ProposalState.WAITING


def wish(k5: House, kind: str = "correction", form: str = "form-0001", sum: str = "50.00", **payload: Any) -> Wish:
    amount = Money.parse(sum.removeprefix("-"))
    minor = -amount.minor if sum.startswith("-") else amount.minor
    facts = {"minor": minor, "currency": "RUB"} | payload
    if kind == "correction":
        facts = {"counter": "gift"} | facts
    return Wish(kind, form, facts, "сбой 30 ноября", "акт 7", k5.caller.id)


def refund_of(k5: House, sum: str, form: str = "form-0001", name: EventName = PAID) -> Wish:
    return wish(k5, "refund", form, sum, origin=name.origin, key=name.key)


def reversal_of(k5: House, form: str = "form-0001", name: EventName = PAID) -> Wish:
    return wish(k5, "reversal", form, origin=name.origin, key=name.key)


def submit(k5: House, asked: Wish, actor: str = ANNA, mark: str | None = None) -> Proposal:
    return by_hand.submit(k5.ports, actor, asked, mark)


def balance(k5: House) -> str:
    k5.assert_sound()
    return str(k5.balance())


def outcomes(acts: Sequence[Callable[[], Proposal]]) -> list[str]:
    """Do all of them at once and return what each got."""

    def outcome(act: Callable[[], Proposal]) -> str:
        try:
            return act().state.value
        except K5Error as error:
            return error.code

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(outcome, acts))


def test_what_will_happen_is_shown_and_nothing_happens(k5: House) -> None:
    k5.top_up("100.00")
    seen = by_hand.foresee(k5.ports, ANNA, wish(k5, sum="-30.00", counter="loss"))
    [line] = seen.shown.lines
    assert (str(line.amount), str(line.balance), line.counter) == ("-30.00", "70.00", "loss")
    assert line.name == EventName("staff", "form-0001")
    assert (seen.shown.amount, seen.counted, seen.needs_two) == (rub("30.00"), rub("30.00"), False)
    assert balance(k5) == "100.00"
    assert proposals.page(k5.ports) == []


def test_below_the_limit_one_person_does_it_at_once_and_it_is_kept(k5: House) -> None:
    done = submit(k5, wish(k5), mark=by_hand.foresee(k5.ports, ANNA, wish(k5)).shown.mark)
    assert (done.state, done.is_alone, done.proposed_by, done.decided_by) == (DONE, True, ANNA, ANNA)
    assert (done.wish.reason, done.wish.document, done.counted, done.limit) == (
        "сбой 30 ноября", "акт 7", rub("50.00"), rub("1000.00"),
    )  # fmt: skip
    assert proposals.of_owner(k5.ports, k5.caller.id) == [done]
    assert balance(k5) == "50.00"


def test_above_the_limit_nobody_does_it_alone(k5: House) -> None:
    """S26."""
    waits = submit(k5, wish(k5, sum="1000.01"))
    assert (waits.state, waits.is_alone, balance(k5)) == (WAITING, False, "0.00")
    for spelling in (ANNA, "staff:ANNA", "staff: Anna"):
        with pytest.raises(OwnProposal):
            proposals.approve(k5.ports, waits.id, spelling)
    assert proposals.approve(k5.ports, waits.id, BORIS).state is DONE
    assert balance(k5) == "1000.01"
    assert submit(k5, wish(k5, sum="1000.00", form="form-0002")).state is DONE


def test_many_small_sums_are_one_large_one_by_person_and_by_subscriber(k5: House) -> None:
    """S26: in 24 hours, whatever the midnight; what two persons did does not count."""
    assert submit(k5, wish(k5, sum="600.00")).state is DONE
    assert submit(k5, wish(k5, sum="400.01", form="form-0002")).state is WAITING
    assert submit(k5, wish(k5, sum="400.01", form="form-0003"), BORIS).state is WAITING  # for the same subscriber
    proposals.approve(k5.ports, 2, BORIS)
    assert submit(k5, wish(k5, sum="-400.00", form="form-0004", counter="loss")).state is DONE
    k5.clock.forward(hours=23, minutes=59)
    assert submit(k5, wish(k5, sum="0.01", form="form-0005")).state is WAITING
    k5.clock.forward(minutes=2)
    assert submit(k5, wish(k5, sum="1000.00", form="form-0006")).state is DONE


def test_small_ones_at_once_do_not_go_round_the_limit(k5: House) -> None:
    acts = [partial(submit, k5, wish(k5, sum="300.00", form=f"form-000{i}")) for i in range(6)]
    assert outcomes(acts) == ["done"] * 3 + ["waiting"] * 3
    assert balance(k5) == "900.00"


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"sum": "0.00"}, WrongDeed),
        ({"sum": "-0.01"}, InsufficientFunds),
        ({"currency": "KGS"}, CurrencyMismatch),
        ({"currency": "SEC"}, CurrencyMismatch),
        ({"counter": "sale.call"}, WrongDeed),
        ({"counter": "opening"}, WrongDeed),
    ],
)
def test_a_correction_of_nothing_of_too_much_or_of_another_unit_is_refused(
    k5: House, changes: dict[str, Any], refusal: type[K5Error]
) -> None:
    """S22."""
    for act in (by_hand.foresee, by_hand.submit):
        with pytest.raises(refusal):
            act(k5.ports, ANNA, wish(k5, **changes))
    assert (balance(k5), proposals.page(k5.ports)) == ("0.00", [])


def test_a_huge_sum_waits_and_does_not_break_anything(k5: House) -> None:
    waits = submit(k5, wish(k5, sum="9999999999.99"))
    assert waits.state is WAITING
    assert balance(k5) == "0.00"


@pytest.mark.parametrize("minor", [0, -100])
@pytest.mark.parametrize("kind", ["refund", "write_off", "chargeback", "credit_bank"])
def test_nothing_and_less_than_nothing_is_neither_refunded_nor_credited(k5: House, kind: str, minor: int) -> None:
    k5.top_up("100.00")
    asked = wish(k5, kind, origin="test:bank", key="in-1", case="c-1")
    asked = replace(asked, payload=dict(asked.payload) | {"minor": minor})
    with pytest.raises(K5Error):
        submit(k5, asked)
    assert balance(k5) == "100.00"


def test_a_reason_is_needed(k5: House) -> None:
    with pytest.raises(WrongReason):
        submit(k5, replace(wish(k5), reason="  "))


def test_what_was_changed_between_form_and_submit_is_not_done(k5: House) -> None:
    """S22: the sum by which it is judged is the server's own."""
    mark = by_hand.foresee(k5.ports, ANNA, wish(k5)).shown.mark
    for changed in (wish(k5, sum="60.00"), wish(k5, sum="-50.00", counter="loss"), wish(k5, counter="loss")):
        with pytest.raises((FactsChanged, InsufficientFunds)):
            submit(k5, changed, mark=mark)
    assert balance(k5) == "0.00"


def test_two_tabs_and_two_presses_of_one_form_make_one_posting(k5: House) -> None:
    assert outcomes([partial(submit, k5, wish(k5))] * 5) == ["done"] * 5
    with pytest.raises(FormUsed):
        submit(k5, wish(k5, sum="51.00"))
    with pytest.raises(FormUsed):
        submit(k5, wish(k5), BORIS)
    assert balance(k5) == "50.00"


def test_what_was_spent_meanwhile_is_not_taken_and_the_proposal_waits_on(k5: House) -> None:
    k5.top_up("2000.00")
    waits = submit(k5, wish(k5, sum="-1500.00", counter="loss"))
    submit(k5, wish(k5, sum="-600.00", form="form-0002", counter="loss"), BORIS)
    with pytest.raises(InsufficientFunds):
        proposals.approve(k5.ports, waits.id, CLARA)
    assert proposals.find(k5.ports, waits.id).state is WAITING
    assert balance(k5) == "1400.00"


def test_a_call_meanwhile_changes_nothing_but_below_zero_is_another_thing_than_what_was_shown(k5: House) -> None:
    k5.top_up("2000.00")
    waits = submit(k5, reversal_of(k5))
    submit(k5, wish(k5, sum="-1.00", form="form-0002", counter="loss"), BORIS)
    with pytest.raises(FactsChanged):
        proposals.approve(k5.ports, waits.id, CLARA)
    submit(k5, wish(k5, sum="5.00", form="form-0003"), BORIS)
    assert proposals.approve(k5.ports, waits.id, CLARA).state is DONE
    assert balance(k5) == "4.00"


def test_the_facts_as_they_were_shown_are_kept_and_can_be_had_as_they_are_now(k5: House) -> None:
    k5.top_up("2000.00")
    waits = submit(k5, refund_of(k5, "1500.00"))
    submit(k5, wish(k5, sum="10.00", form="form-0002"), BORIS)
    assert [str(line.balance) for line in Shown.of(waits.wish.shown).lines] == ["500.00"]
    assert [str(line.balance) for line in by_hand.now(k5.ports, waits).lines] == ["510.00"]
    assert balance(k5) == "2010.00"


def test_a_payment_is_refunded_in_parts_and_never_more_than_it_was(k5: House) -> None:
    """S22: refund twice."""
    k5.top_up("100.00")
    k5.top_up("500.00")
    submit(k5, refund_of(k5, "60.00"))
    with pytest.raises(RefundTooLarge):
        submit(k5, refund_of(k5, "40.01", "form-0002"))
    submit(k5, refund_of(k5, "40.00", "form-0003"))
    assert balance(k5) == "500.00"


def test_two_proposals_to_refund_the_same_payment_refund_it_once(k5: House) -> None:
    k5.top_up("1500.00")
    k5.top_up("5000.00")
    made = [submit(k5, refund_of(k5, "1500.00", f"form-000{i}")) for i in range(3)]
    acts = [partial(proposals.approve, k5.ports, one.id, BORIS) for one in made]
    assert outcomes(acts) == ["done", "refund_too_large", "refund_too_large"]
    assert balance(k5) == "5000.00"


def test_after_a_chargeback_nothing_is_refunded(k5: House) -> None:
    """S22."""
    k5.top_up("100.00")
    k5.top_up("100.00")
    waits = submit(k5, wish(k5, "correction", "form-0009", "2000.00"))
    submit(k5, wish(k5, "chargeback", "form-0001", "100.00", origin=PAID.origin, key=PAID.key, case="case-1"))
    with pytest.raises(RefundTooLarge):
        submit(k5, refund_of(k5, "0.01", "form-0002"))
    with pytest.raises(RefundTooLarge):
        submit(k5, reversal_of(k5, "form-0003"))
    assert (balance(k5), waits.state) == ("100.00", WAITING)


def test_the_case_of_a_chargeback_is_booked_once(k5: House) -> None:
    k5.top_up("100.00")
    asked = wish(k5, "chargeback", sum="60.00", origin=PAID.origin, key=PAID.key, case="case-1")
    done = submit(k5, asked)
    assert Shown.of(done.wish.shown).lines[0].name == EventName("chargeback", "case-1")
    with pytest.raises(WrongDeed):
        submit(k5, replace(asked, form_key="form-0002"))
    assert balance(k5) == "40.00"


def test_what_is_reversed_is_not_reversed_or_refunded_again(k5: House) -> None:
    k5.top_up("100.00")
    done = submit(k5, reversal_of(k5))
    assert Shown.of(done.wish.shown).lines[0].name == EventName("reversal", "test:bank in-1")
    for again in (reversal_of(k5, "form-0002"), refund_of(k5, "1.00", "form-0003")):
        with pytest.raises((WrongDeed, RefundTooLarge, InsufficientFunds)):
            submit(k5, again)
    with pytest.raises(NotFound):
        submit(k5, reversal_of(k5, "form-0004", EventName("test:bank", "in-9")))
    assert balance(k5) == "0.00"


def test_a_debt_is_written_off_up_to_what_is_owed(k5: House) -> None:
    k5.top_up("100.00")
    submit(k5, wish(k5, sum="-70.00", counter="loss"))
    submit(k5, reversal_of(k5, "form-0002"))
    assert balance(k5) == "-70.00"
    with pytest.raises(WrongDeed):
        submit(k5, wish(k5, "write_off", "form-0003", "70.01"))
    done = submit(k5, wish(k5, "write_off", "form-0003", "70.00"))
    [line] = Shown.of(done.wish.shown).lines
    assert (line.counter, line.name, balance(k5)) == ("loss", EventName("staff", "form-0003"), "0.00")


def test_money_that_came_to_the_bank_is_credited_once_under_its_name(k5: House) -> None:
    asked = wish(k5, "credit_bank", sum="300.00", origin="bank", key="doc-17")
    assert Shown.of(submit(k5, asked).wish.shown).lines[0].name == EventName("bank", "doc-17")
    with pytest.raises(WrongDeed):
        submit(k5, replace(asked, form_key="form-0002"))
    with pytest.raises(K5Error):
        submit(k5, wish(k5, "credit_bank", "form-0003", "301.00", origin="bank", key="doc-17"))
    assert balance(k5) == "300.00"


def test_a_notice_that_comes_late_finds_what_was_credited_by_hand(k5: House) -> None:
    k5.top_up("1.00")
    before = credit(k5.ports, k5.caller.id, EventName("bank", "doc-1"), rub("5.00"), "cash.bank", "job", k5.clock())
    assert before.is_new
    with pytest.raises(WrongDeed):
        submit(k5, wish(k5, "credit_bank", sum="5.00", origin="bank", key="doc-1"))
    assert balance(k5) == "6.00"


def test_a_kill_between_the_money_and_its_record_leaves_neither(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def die(*_args: object) -> bool:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(proposal_rows, "decide", die)
        with pytest.raises(Killed):
            submit(k5, wish(k5))
    assert (balance(k5), proposals.page(k5.ports)) == ("0.00", [])
    assert submit(k5, wish(k5)).id == 1
    assert balance(k5) == "50.00"


def test_a_refund_a_chargeback_and_a_reversal_at_once_take_no_more_than_there_was(k5: House) -> None:
    """S22: a race of all of these."""
    k5.top_up("900.00")
    k5.top_up("900.00")
    acts = [partial(submit, k5, refund_of(k5, "500.00", f"form-00{i:02}"), f"staff:r{i}") for i in range(3)]
    acts += [partial(submit, k5, reversal_of(k5, f"form-01{i:02}"), f"staff:v{i}") for i in range(3)]
    got = outcomes(acts)
    assert "done" in got
    assert set(got) <= {"done", "refund_too_large", "wrong_deed", "waiting"}
    k5.assert_sound()
    with k5.ports.sessions.read() as db:
        left = corrections.left_of(db, k5.caller.id, PAID)
    assert 0 <= left.minor <= 90000
