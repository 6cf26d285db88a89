"""Each kind of money by hand does what it was shown to do, once. Promises: S22, B4, B12, docs/ledger.md."""

from pathlib import Path
from typing import Any

import pytest

from k5web.domain.bank.suspense import NOT_OURS
from k5web.domain.desk.proposal import Proposal, ProposalState, Wish
from k5web.domain.desk.shown import Shown
from k5web.domain.money import rub
from k5web.domain.payments.top_up import TopUpState
from k5web.domain.prices.number import Msisdn
from k5web.errors import ClosedAlready, GivenAlready, NotFound, ProviderRefused, ProviderUnknown, WrongDeed
from k5web.services.accounts.accounts import add_subscriber, purse
from k5web.services.bank import doubtful_payments, suspense
from k5web.services.books import transfers
from k5web.services.books.transfers import TransferWish
from k5web.services.desk import by_hand, proposals
from k5web.services.desk.deeds import DEEDS
from k5web.services.payments import polling, refunds
from k5web.storage.bank import bank_payments
from tests.bank_files import Came, exchange
from tests.services.bank.payouts import in_suspense, on
from tests.services.bank.retelling import paid, take
from tests.services.house import House
from tests.services.payments.shop import Shop

ANNA, BORIS = "staff:anna", "staff:boris"
DONE = ProposalState.DONE


def do(k5: House, kind: str, form: str = "form-0001", owner_id: int | None = None, **payload: Any) -> Proposal:
    """See what will happen, and do it."""
    asked = Wish(kind, form, payload, "так надо", "акт 7", owner_id)
    mark = by_hand.foresee(k5.ports, ANNA, asked).shown.mark
    return by_hand.submit(k5.ports, ANNA, asked, mark)


def lines(done: Proposal) -> list[tuple[int, str, str]]:
    return [(line.owner_id, str(line.amount), line.counter) for line in Shown.of(done.wish.shown).lines]


def refund(shop: Shop, reference: str, sum: str, form: str = "form-0001") -> Proposal:
    amount = {"minor": rub(sum).minor, "currency": "RUB"}
    return do(shop, "provider_refund", form, shop.caller.id, reference=reference, **amount)


def wait(k5: House, folder: Path, *payments: Came) -> int:
    take(k5, folder, exchange(payments))
    return suspense.suspense(k5.ports).first[0].payment.number


def test_a_refund_through_the_provider_is_shown_with_its_end_and_asked_for_once(shop: Shop) -> None:
    top_up = shop.paid()
    done = refund(shop, top_up.reference, "40.00")
    assert lines(done) == [(shop.caller.id, "-40.00", "refund")]
    assert (shop.state(top_up), shop.balance()) == (TopUpState.PART_REFUNDED, rub("60.00"))
    assert refund(shop, top_up.reference, "40.00") == done
    assert len(shop.connector.refunded) == 1
    shop.assert_sound()


def test_a_large_one_is_asked_of_the_provider_when_a_second_person_approves(shop: Shop) -> None:
    top_up = shop.paid(sum="5000.00")
    waits = refund(shop, top_up.reference, "5000.00")
    assert (waits.state, shop.connector.refunded, shop.held()) == (ProposalState.WAITING, [], rub("0.00"))
    for _ in range(2):
        assert proposals.approve(shop.ports, waits.id, BORIS).state is DONE
    assert (len(shop.connector.refunded), shop.balance()) == (1, rub("0.00"))
    shop.assert_sound()


def test_what_the_provider_refuses_stays_on_the_account(shop: Shop) -> None:
    top_up = shop.paid()
    shop.connector.troubles = [ProviderRefused(reason="no")]
    with pytest.raises(ProviderRefused):
        refund(shop, top_up.reference, "40.00")
    assert (shop.balance(), shop.held()) == (rub("100.00"), rub("0.00"))
    shop.assert_sound()


def test_who_dies_before_the_provider_is_asked_leaves_the_money_on_the_account(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    top_up = shop.paid()

    class Killed(BaseException):
        pass

    def die(*_args: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(refunds, "send", die)
        with pytest.raises(Killed):
            refund(shop, top_up.reference, "40.00")
    assert shop.held() == rub("40.00")
    facts = {"reference": top_up.reference, "minor": 4000, "currency": "RUB"}
    again = Wish("provider_refund", "form-0001", facts, "так надо", "акт 7", shop.caller.id)
    assert by_hand.submit(shop.ports, ANNA, again).state is DONE  # the same form asks nobody a second time
    shop.clock.now += refunds.SETTLES_IN
    polling.poll(shop.ports)
    assert (shop.connector.refunded, shop.balance()) == ([], rub("100.00"))
    shop.assert_sound()


def test_a_lost_answer_is_looked_after(shop: Shop) -> None:
    top_up = shop.paid()
    shop.connector.troubles = [ProviderUnknown(reason="time-out")]
    with pytest.raises(ProviderUnknown):
        refund(shop, top_up.reference, "40.00")
    shop.provider_says(top_up.number, TopUpState.PART_REFUNDED, refunded="40.00")
    shop.clock.now += refunds.SETTLES_IN
    polling.poll(shop.ports)
    assert shop.balance() == rub("60.00")
    shop.assert_sound()


def test_a_transfer_is_shown_and_undone_on_both_sides(k5: House) -> None:
    k5.top_up("500.00")
    ivan = add_subscriber(k5.ports, Msisdn.parse("+79160000067"), "correct horse", "Иван")
    offer = transfers.offer(k5.ports, k5.caller, "+79160000067", rub("200.00"))
    sent = transfers.send(k5.ports, k5.caller, TransferWish("+79160000067", offer.mark, offer.amount, "form-9999"))
    done = do(k5, "reversal", owner_id=k5.caller.id, origin=sent.name.origin, key=sent.name.key)
    assert lines(done) == [(k5.caller.id, "200.00", "transfer"), (ivan.id, "-200.00", "transfer")]
    assert done.wish.amount == rub("200.00")
    assert (k5.balance(), purse(k5.ports, ivan.id).balance) == (rub("500.00"), rub("0.00"))
    k5.assert_sound()


def test_a_reversed_top_up_counts_as_gone_back(shop: Shop) -> None:
    top_up = shop.paid()
    do(shop, "reversal", owner_id=shop.caller.id, origin="fake:bank", key=f"id-{top_up.number}")
    assert (shop.state(top_up), shop.balance()) == (TopUpState.REFUNDED, rub("0.00"))
    shop.assert_sound()


def test_money_of_suspense_goes_to_one_subscriber(k5: House, tmp_path: Path) -> None:
    number = wait(k5, tmp_path, Came(purpose="?"))
    done = do(k5, "assign", owner_id=k5.caller.id, number=number)
    assert lines(done) == [(0, "-500.00", "cash.bank"), (k5.caller.id, "500.00", "cash.bank")]
    assert (done.wish.amount, k5.balance(), in_suspense(k5)) == (rub("500.00"), rub("500.00"), rub("0.00"))
    with pytest.raises(WrongDeed):
        do(k5, "assign", "form-0002", k5.caller.id, number=number)
    ivan = add_subscriber(k5.ports, Msisdn.parse("+79160000067"), "correct horse", "Иван")
    with pytest.raises(GivenAlready):
        do(k5, "assign", "form-0003", ivan.id, number=number)
    k5.assert_sound()


def test_what_was_given_away_meanwhile_is_not_given_again_by_who_approves(k5: House, tmp_path: Path) -> None:
    number = wait(k5, tmp_path, Came(purpose="?", amount=rub("5000.00")))
    ivan = add_subscriber(k5.ports, Msisdn.parse("+79160000067"), "correct horse", "Иван")
    first = do(k5, "assign", owner_id=k5.caller.id, number=number)
    second = do(k5, "assign", "form-0002", ivan.id, number=number)
    proposals.approve(k5.ports, second.id, BORIS)
    with pytest.raises(GivenAlready):
        proposals.approve(k5.ports, first.id, BORIS)
    assert proposals.find(k5.ports, first.id).state is ProposalState.WAITING
    assert (k5.balance(), purse(k5.ports, ivan.id).balance) == (rub("0.00"), rub("5000.00"))
    k5.assert_sound()


def test_a_wrong_assignment_is_taken_back_or_put_right(k5: House, tmp_path: Path) -> None:
    number = wait(k5, tmp_path, Came(purpose="?", amount=rub("200.00")))
    suspense.assign(k5.ports, number, k5.caller.id, ANNA)
    ivan = add_subscriber(k5.ports, Msisdn.parse("+79160000067"), "correct horse", "Иван")
    with k5.ports.sessions.read() as db:
        name = bank_payments.of_owner(db, k5.caller.id, 1)[0].name
    done = do(k5, "move", owner_id=k5.caller.id, origin=name.origin, key=name.key, to_owner=ivan.id)
    assert done.wish.amount == rub("200.00")  # once, though it goes through suspense
    assert (k5.balance(), purse(k5.ports, ivan.id).balance) == (rub("0.00"), rub("200.00"))
    back = do(k5, "take_back", "form-0002", ivan.id, origin="staff", key="form-0001-to")
    assert lines(back) == [(ivan.id, "-200.00", "cash.bank"), (0, "200.00", "cash.bank")]
    assert in_suspense(k5) == rub("200.00")
    k5.assert_sound()


def test_money_of_the_house_leaves_suspense_and_comes_back(k5: House, tmp_path: Path) -> None:
    number = wait(k5, tmp_path, Came(purpose="выплата"))
    done = do(k5, "close_suspense", number=number, counter=NOT_OURS)
    assert lines(done) == [(0, "-500.00", NOT_OURS)]
    assert on(k5, NOT_OURS) == rub("500.00")
    with pytest.raises((WrongDeed, ClosedAlready)):
        do(k5, "close_suspense", "form-0002", number=number, counter=NOT_OURS)
    assert lines(do(k5, "reopen_suspense", "form-0003", number=number)) == [(0, "500.00", NOT_OURS)]
    assert in_suspense(k5) == rub("500.00")
    k5.assert_sound()


def test_a_doubtful_payment_is_credited_or_joined(k5: House, tmp_path: Path) -> None:
    take(k5, tmp_path, exchange([paid(k5)]))
    take(k5, tmp_path, exchange([paid(k5, bic="")]))
    [doubtful] = doubtful_payments.doubtful(k5.ports)
    number = doubtful.doubt.number
    done = do(k5, "credit_doubt", number=number)
    assert lines(done) == [(k5.caller.id, "500.00", "cash.bank")]
    with pytest.raises(WrongDeed):
        do(k5, "credit_doubt", "form-0002", number=number)
    assert k5.balance() == rub("1000.00")
    k5.assert_sound()


def test_who_joins_a_doubtful_payment_moves_nothing(k5: House, tmp_path: Path) -> None:
    take(k5, tmp_path, exchange([paid(k5)]))
    take(k5, tmp_path, exchange([paid(k5, bic="")]))
    [doubtful] = doubtful_payments.doubtful(k5.ports)
    done = do(k5, "join_doubt", number=doubtful.doubt.number)
    assert (done.state, done.wish.amount, lines(done)) == (DONE, rub("0.00"), [])
    assert (doubtful_payments.doubtful(k5.ports), k5.balance()) == ([], rub("500.00"))


def test_an_unclear_top_up_is_credited_by_proof_or_closed(shop: Shop) -> None:
    first, second = shop.begin(), shop.begin("form-2")
    done = do(shop, "credit_top_up", owner_id=shop.caller.id, reference=first.reference, provider_id="")
    assert lines(done) == [(shop.caller.id, "100.00", "cash.fake")]
    do(shop, "close_top_up", "form-0002", shop.caller.id, reference=second.reference)
    assert (shop.state(first), shop.state(second)) == (TopUpState.PAID, TopUpState.DECLINED)
    shop.assert_sound()


def test_what_only_the_register_has_is_credited_and_its_late_notice_finds_it(shop: Shop) -> None:
    facts: dict[str, Any] = {"origin": "fake:bank", "key": "700100200300", "minor": 25000, "currency": "RUB"}
    do(shop, "credit_missing", owner_id=shop.caller.id, **facts)
    assert shop.balance() == rub("250.00")
    shop.pays("700100200300", sum="250.00")
    assert shop.balance() == rub("250.00")
    with pytest.raises(NotFound):
        do(shop, "credit_missing", "form-0002", shop.caller.id, **{**facts, "origin": "nobody:x"})
    shop.assert_sound()


def test_a_kind_that_there_is_not_is_refused(k5: House) -> None:
    assert "steal" not in DEEDS
    with pytest.raises(NotFound):
        do(k5, "steal", owner_id=k5.caller.id)
