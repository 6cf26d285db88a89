"""Where is my payment: its traces in the order of time, what is missing, which case it is. Promises: C3, B4."""

from datetime import datetime
from pathlib import Path

import pytest

from k5web.domain.books.ledger import EventName
from k5web.domain.desk.payment_case import PaymentCase
from k5web.domain.desk.proposal import Wish
from k5web.domain.money import rub
from k5web.domain.payments.top_up import TopUpState
from k5web.errors import NotFound
from k5web.services.bank import closing, doubtful_payments, suspense
from k5web.services.books import corrections
from k5web.services.desk import by_hand, payment_story
from k5web.services.desk.payment_story import Stage, Story
from k5web.services.payments import reconciliation
from k5web.services.ports import OPERATOR_ZONE
from tests.bank_files import exchange
from tests.services.bank.payouts import payout, waiting
from tests.services.bank.retelling import ACTOR, paid, take
from tests.services.house import House
from tests.services.net import Net, number
from tests.services.payments.shop import Shop

PAID_ON = datetime(2026, 12, 1, 11, 0, tzinfo=OPERATOR_ZONE)


def story(k5: House, key: str, origin: str = "fake:bank") -> Story:
    return payment_story.of_name(k5.ports, EventName(origin, key))


def stages(told: Story) -> list[Stage]:
    return [step.stage for step in told.steps]


def register(net: Net, folder: Path, *lines: str) -> None:
    """Reconcile a register of one day, of lines `key;sum`."""
    rows = [f"{key};{PAID_ON.isoformat()};1;{amount}" for key, amount in (line.split(";") for line in lines)]
    total = rub("0.00")
    for line in lines:
        total += rub(line.split(";")[1])
    path = folder / "day.csv"
    path.write_text("\n".join([*rows, f"total;{len(rows)};{total}", ""]))
    reconciliation.reconcile(net.ports, "fake:bank", path, lambda _: None, lambda *_: None)


def test_a_payment_that_nobody_told_us_of_never_came(net: Net) -> None:
    told = story(net, "nobody-knows")
    assert (told.case, told.steps, told.owner_id) == (PaymentCase.NEVER_CAME, [], None)
    assert told.missing == {Stage.NOTICE, Stage.POSTING, Stage.REGISTER}


def test_a_credited_payment_shows_notice_posting_and_register_line_in_order(net: Net, tmp_path: Path) -> None:
    net.pays(key="one")
    net.clock.forward(hours=1)
    net.pays(key="one")
    assert story(net, "one").missing == {Stage.REGISTER}
    register(net, tmp_path, "one;250.00")
    told = story(net, "one")
    assert (told.case, told.owner_id, told.amount, told.left) == (
        PaymentCase.CREDITED,
        net.caller.id,
        rub("250.00"),
        rub("250.00"),
    )
    assert stages(told) == [Stage.REGISTER, Stage.NOTICE, Stage.POSTING, Stage.NOTICE]  # paid an hour before
    assert told.missing == frozenset()


def test_a_payment_is_the_same_by_our_number(net: Net) -> None:
    ours = number(net.pays(key="one"))
    assert payment_story.of_number(net.ports, int(ours)) == story(net, "one")
    with pytest.raises(NotFound):
        payment_story.of_number(net.ports, int(ours) + 7)


def test_a_refused_payment_says_why_and_one_in_the_register_is_to_be_credited(net: Net, tmp_path: Path) -> None:
    net.pays(key="one", account="79169999999")
    told = story(net, "one")
    assert (told.case, told.why, stages(told)) == (PaymentCase.REFUSED, "account_unknown", [Stage.NOTICE])
    register(net, tmp_path, "one;250.00")
    assert story(net, "one").case is PaymentCase.ONLY_THEIRS
    facts = {"origin": "fake:bank", "key": "one", "minor": 25000, "currency": "RUB"}
    by_hand.submit(net.ports, "staff:x", Wish("credit_missing", "form-0001", facts, "по реестру", "", net.caller.id))
    assert story(net, "one").case is PaymentCase.CREDITED


def test_a_payment_that_the_register_lacks_or_has_with_another_sum_says_so(net: Net, tmp_path: Path) -> None:
    net.pays(key="ours")
    net.pays(key="differs")
    register(net, tmp_path, "differs;251.00")
    assert story(net, "ours").case is PaymentCase.ONLY_OURS
    assert story(net, "differs").case is PaymentCase.SUMS_DIFFER


def test_a_payment_with_the_same_name_and_another_sum_is_a_conflict(net: Net) -> None:
    net.pays(key="one")
    net.clock.forward(seconds=1)
    net.pays(key="one", sum="260.00")
    assert story(net, "one").case is PaymentCase.CONFLICT


def test_a_payment_that_was_taken_back_before_it_came_is_barred(net: Net) -> None:
    net.says(do="cancel", key="one", sum="250.00")
    net.pays(key="one")
    assert story(net, "one").case is PaymentCase.BARRED


def test_a_reversed_and_a_refunded_payment_show_what_went_back(net: Net) -> None:
    for key in ("one", "two"):
        net.pays(key=key)
    net.clock.forward(hours=1)
    one, two = (EventName("fake:bank", key) for key in ("one", "two"))
    corrections.reverse(net.ports, net.caller.id, one, "staff:x")
    corrections.refund(net.ports, net.caller.id, two, rub("50.00"), "application-1", "staff:x")
    assert (story(net, "one").case, story(net, "one").left) == (PaymentCase.REVERSED, rub("0.00"))
    told = story(net, "two")
    assert (told.case, told.left, stages(told)[-1]) == (PaymentCase.PART_REFUNDED, rub("200.00"), Stage.BACK)
    corrections.refund(net.ports, net.caller.id, two, rub("200.00"), "application-2", "staff:x")
    assert story(net, "two").case is PaymentCase.REFUNDED


def test_a_top_up_is_told_from_its_beginning_to_its_posting(shop: Shop) -> None:
    top_up = shop.begin()
    begun = payment_story.of_top_up(shop.ports, top_up.reference)
    assert (begun.case, stages(begun), begun.amount) == (PaymentCase.BEGUN, [Stage.BEGUN], rub("100.00"))
    shop.clock.forward(minutes=1)
    shop.provider_says(top_up.number, TopUpState.PAID)
    assert shop.says(do="look", number=top_up.number, receipt="PSP1") == "noted"
    told = payment_story.of_top_up(shop.ports, top_up.reference)
    assert told.case is PaymentCase.CREDITED
    assert stages(told)[0] is Stage.BEGUN
    assert {Stage.NOTICE, Stage.POSTING} <= set(stages(told))
    assert payment_story.of_name(shop.ports, told.name).top_up == told.top_up


def test_a_bank_payment_waits_in_suspense_and_is_followed_to_its_owner(k5: House, tmp_path: Path) -> None:
    take(k5, tmp_path, exchange([paid(k5, purpose="?")]))
    [one] = suspense.suspense(k5.ports).first
    told = payment_story.of_name(k5.ports, one.payment.name)
    assert (told.case, told.owner_id, set(stages(told))) == (PaymentCase.SUSPENSE, 0, {Stage.POSTING, Stage.BANK})
    suspense.assign(k5.ports, one.payment.number, k5.caller.id, ACTOR)
    told = payment_story.of_name(k5.ports, one.payment.name)
    assert (told.case, told.given_to) == (PaymentCase.GIVEN, k5.caller.id)
    given = payment_story.of_name(k5.ports, EventName(one.payment.name.origin, f"{one.payment.name.key}-to"))
    assert (given.case, given.owner_id, Stage.BANK in stages(given)) == (PaymentCase.CREDITED, k5.caller.id, True)


def test_a_bank_payment_that_is_nobodys_is_closed_and_says_why(k5: House, tmp_path: Path) -> None:
    ours = waiting(k5, tmp_path, payout("6001"))
    name = payment_story.of_number(k5.ports, ours).name
    closing.close(k5.ports, ours, "payout of the acquirer", ACTOR)
    told = payment_story.of_name(k5.ports, name)
    assert (told.case, Stage.CLOSED in stages(told)) == (PaymentCase.CLOSED, True)


def test_a_doubtful_payment_waits_for_a_persons_word(k5: House, tmp_path: Path) -> None:
    take(k5, tmp_path, exchange([paid(k5)]))
    take(k5, tmp_path, exchange([paid(k5, bic="")]))
    [doubtful] = doubtful_payments.doubtful(k5.ports)
    told = payment_story.of_doubt(k5.ports, doubtful.doubt.number)
    assert (told.case, stages(told), told.amount) == (PaymentCase.DOUBTFUL, [Stage.DOUBT], rub("500.00"))
    doubtful_payments.join(k5.ports, doubtful.doubt.number, ACTOR)
    assert payment_story.of_doubt(k5.ports, doubtful.doubt.number).case is PaymentCase.JOINED
    with pytest.raises(NotFound):
        payment_story.of_doubt(k5.ports, 999)


def test_a_foreign_bank_line_without_traces_lacks_the_statement(k5: House) -> None:
    told = story(k5, "20261130-1-00-1", "bank:40702810000000000001")
    assert (told.case, told.missing) == (PaymentCase.NEVER_CAME, frozenset({Stage.POSTING, Stage.BANK}))
