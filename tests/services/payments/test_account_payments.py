"""Payments to an account: paid once, answered alike for ever, taken back once. Promises: A10, C2, S4, S6, S22."""

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from k5web.domain.books.ledger import EventName
from k5web.domain.books.promised_payment import PromiseTerms
from k5web.domain.money import rub
from k5web.domain.payments.top_up import TopUpState
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.books import corrections, promised_payments
from k5web.services.ports import Connectors
from k5web.storage.books.ledger_sql import ACCOUNT
from k5web.storage.session import Sessions
from k5web.storage.tables import PhoneRow, SubscriberRow
from tests.conftest import Clock
from tests.fakes.connector import FakeConnector
from tests.services.net import PHONE, Net, number
from tests.services.payments.shop import PAID, Shop


class Wallet(FakeConnector):
    """A connector that takes no orders and cannot be asked: its payers type a code of ours."""

    start = look = None  # type: ignore[assignment]


class Biller(Shop):
    """The house with such a wallet in front of it."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        super().__init__(sessions, clock)
        self.connector = Wallet(self.connector.partner)
        self.ports = replace(self.ports, connectors=Connectors([self.connector]))


@pytest.fixture
def biller(sessions: Sessions) -> Biller:
    """A house with a wallet in front of it."""
    return Biller(sessions, Clock())


def test_a_code_decides_account_and_sum_once(biller: Biller) -> None:
    top_up = biller.begin()
    assert len(top_up.code) == 7
    assert top_up.code.isdigit()
    assert biller.pays("1", account="whoever", sum="99.00", code=top_up.code) == "refused conflict"
    assert biller.pays("1", account="whoever", sum="100.00", code="0000000x") == "refused account_unknown"
    first = biller.pays("1", account="whoever", sum="100.00", code=top_up.code)
    assert first.startswith("paid")
    assert biller.pays("1", account="whoever", sum="100.00", code=top_up.code) == first
    assert biller.pays("2", account="whoever", sum="100.00", code=top_up.code) == "refused account_unknown"
    assert biller.balance() == rub("100.00")
    assert biller.state(top_up) is PAID
    biller.assert_sound()


def test_a_code_is_good_for_a_quarter_of_an_hour(biller: Biller) -> None:
    top_up = biller.begin()
    biller.clock.forward(minutes=15)
    assert biller.pays("1", sum="100.00", code=top_up.code) == "refused account_unknown"
    assert biller.balance() == rub("0.00")


def test_a_cancelled_payment_by_code_takes_its_top_up_back(biller: Biller) -> None:
    top_up = biller.begin()
    biller.pays("1", sum="100.00", code=top_up.code)
    assert biller.says(do="cancel", key="1").startswith("undone")
    assert biller.state(top_up) is TopUpState.REFUNDED
    biller.assert_sound()


def test_a_payment_is_on_the_account_when_the_answer_goes(net: Net) -> None:
    answer = net.pays()
    assert net.balance() == rub("250.00")
    assert number(answer) == f"{net.purse().account_id}000000001"
    assert net.rows() == [("paid", "ok", "no_date")]
    net.assert_sound()


def test_a_repeat_gets_the_first_answer_for_ever(net: Net) -> None:
    """S4: after a second, six minutes, a year; also blocked, closed, beyond today's limits, by a closed partner."""
    first = net.pays()
    assert net.pays(account="8 916 123-45-67") == first
    for days in (0.00001, 0.004, 365):
        net.clock.forward(days=days)
        assert net.pays() == first
    net.block()
    assert net.pays() == first
    with net.ports.sessions.begin() as db:
        db.execute(ACCOUNT.update().where(ACCOUNT.c.owner_id == net.caller.id).values(closed_at=net.clock()))
    net.change(is_open=False, maximum=rub("100.00"), account_types=("id",))
    assert net.pays() == first
    assert net.balance() == rub("250.00")
    assert {verdict for _, verdict, _ in net.rows()} == {"ok", "repeat"}
    net.assert_sound()


def test_a_repeat_is_known_though_the_phone_is_somebody_elses_since(net: Net) -> None:
    first = net.pays()
    with net.ports.sessions.begin() as db:
        db.execute(SubscriberRow.__table__.update().values(phone=None))  # type: ignore[attr-defined]
        db.execute(PhoneRow.__table__.delete())  # type: ignore[attr-defined]
    add_subscriber(net.ports, Msisdn(PHONE), "correct horse", "Ольга")
    assert net.pays() == first
    assert net.pays(account=str(net.caller.id)) == first
    assert net.pays(account="9161234567") == "refused conflict"  # typed otherwise, it means Olga


@pytest.mark.parametrize(
    "other", [{"sum": "251.00"}, {"currency": "KGS"}, {"account": "79160000001"}, {"account": "999"}]
)
def test_a_known_name_with_other_facts_is_an_alarm(
    net: Net, caplog: pytest.LogCaptureFixture, other: dict[str, str]
) -> None:
    add_subscriber(net.ports, Msisdn("79160000001"), "correct horse", "Ольга")
    net.pays()
    with caplog.at_level(logging.ERROR):
        assert net.pays(**other) == "refused conflict"
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert net.incidents() == ["payment_conflict"]
    assert net.balance() == rub("250.00")
    assert sorted(verdict for _, verdict, _ in net.rows()) == ["conflict", "ok"]


@pytest.mark.parametrize("amount", [None, "0.00"])
def test_a_check_without_a_sum_judges_the_account_alone(net: Net, amount: str | None) -> None:
    """C5: networks ask before the payer has typed a sum."""
    more = {} if amount is None else {"sum": amount}
    assert net.checks(**more) == "possible А. 10.00 15000.00"
    assert net.checks("79160000000", **more) == "refused account_unknown"
    assert net.pays(sum="0.00") == "refused sum_too_small"


def test_a_payment_is_taken_back_once(net: Net) -> None:
    paid = number(net.pays())
    undone = f"undone {paid} 250.00"
    assert net.says(do="cancel", key="700100200300", sum="250.00") == undone
    assert net.says(do="cancel", key="700100200300") == undone
    assert net.balance() == rub("0.00")
    assert net.says(do="query", key="700100200300") == "cancelled"
    assert net.pays() == "refused cancelled_before", "the first answer would be untrue now"
    assert net.pays(sum="251.00") == "refused conflict"
    assert net.balance() == rub("0.00")
    net.assert_sound()


def test_a_payment_of_which_a_part_went_back_gets_its_first_answer(net: Net) -> None:
    """The provider's own refund and the operator's: the payment itself took place and stays."""
    first = net.pays()
    name = EventName("fake:bank", "700100200300")
    corrections.refund(net.ports, net.caller.id, name, rub("250.00"), "application-1", "staff:1")
    assert (net.pays(), net.balance()) == (first, rub("0.00"))


def test_cancels_at_the_same_moment_are_one_and_all_are_told_so(net: Net) -> None:
    for key in map(str, range(1, 6)):
        paid = number(net.pays(key))
        with ThreadPoolExecutor(4) as crowd:
            answers = set(crowd.map(lambda _, key=key: net.says(do="cancel", key=key), range(4)))
        assert answers <= {f"undone {paid} 250.00", "refused later"}
        assert f"undone {paid} 250.00" in answers
    assert (net.balance(), net.incidents()) == (rub("0.00"), [])
    net.assert_sound()


def test_a_payment_may_be_named_by_our_number_alone(net: Net) -> None:
    paid = number(net.pays())
    net.top_up("100.00")
    theirs = str(int(paid) + 1)
    assert net.says(do="cancel", number=theirs) == net.says(do="cancel", number="7") == "refused unknown_payment"
    assert net.says(do="cancel", number=paid) == f"undone {paid} 250.00"
    assert net.balance() == rub("100.00")
    net.assert_sound()


def test_spent_money_is_not_taken_back(net: Net) -> None:
    net.pays()
    net.talk(net.order(), "61")
    assert net.says(do="cancel", key="700100200300") == "refused cannot_cancel"
    assert net.incidents() == ["cancel_spent"]
    assert net.balance() == rub("245.60")
    net.top_up("4.40")
    assert net.says(do="cancel", key="700100200300").startswith("undone")


def test_promised_money_does_not_stand_for_what_was_spent(net: Net) -> None:
    net.pays()
    net.talk(net.order(), "61")
    net.ports = replace(net.ports, promise=PromiseTerms(rub("300.00"), days=3, account_days=0))
    promised_payments.take(net.ports, net.caller.id, rub("300.00"), "form-1")
    assert net.says(do="cancel", key="700100200300") == "refused cannot_cancel"
    assert net.balance() == rub("245.60")


def test_held_money_is_not_taken_back(net: Net) -> None:
    net.pays()
    net.order()
    assert net.says(do="cancel", key="700100200300") == "refused cannot_cancel"


def test_a_refunded_payment_is_not_taken_back_again(net: Net) -> None:
    net.pays()
    net.top_up("500.00")
    name = EventName("fake:bank", "700100200300")
    corrections.refund(net.ports, net.caller.id, name, rub("50.00"), "application-1", "staff:1")
    assert net.says(do="cancel", key="700100200300") == "refused cannot_cancel"
    assert net.balance() == rub("700.00")


def test_a_cancel_with_another_sum_is_an_alarm(net: Net) -> None:
    net.pays()
    assert net.says(do="cancel", key="700100200300", sum="249.00") == "refused conflict"
    assert net.incidents() == ["cancel_conflict"]
    assert net.balance() == rub("250.00")


def test_a_cancel_that_came_first_bars_the_payment_for_ever(net: Net) -> None:
    for _ in range(2):
        assert net.says(do="cancel", key="1") == "refused unknown_payment"
    assert net.pays("1") == net.pays("1") == "refused cancelled_before"
    assert net.says(do="query", key="1") == "cancelled"
    assert net.balance() == rub("0.00")
    net.assert_sound()


def test_what_became_of_a_payment_is_told(net: Net) -> None:
    assert net.says(do="query", key="700100200300") == "absent"
    net.pays()
    assert net.says(do="query", key="700100200300") == "paid"
