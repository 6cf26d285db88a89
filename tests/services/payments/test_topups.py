"""A payment is credited once, whatever its messengers do. Promises: B1, C2, docs/ledger.md."""

import logging
from datetime import timedelta

import pytest

from connectors.cards.sandbox_bank import Refused
from k5web.domain.books.ledger import EventName
from k5web.domain.money import Money, rub
from k5web.domain.payments.top_up import TopUpState
from k5web.domain.prices.number import Msisdn
from k5web.errors import Conflict, CurrencyMismatch, NotFound, WrongMoney
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.payments import topups
from k5web.services.payments.topups import credit
from k5web.services.ports import Ports
from k5web.storage.books import ledger
from k5web.storage.books.ledger_sql import ACCOUNT
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.connectors.card_house import CardHouse
from tests.fakes.doors import open_doors

NAME = EventName("qiwi:optima", "700100200300")


@pytest.fixture
def ports(sessions: Sessions, clock: Clock) -> Ports:
    """A house without phones."""
    return open_doors(sessions, clock)


@pytest.fixture
def owner_id(ports: Ports) -> int:
    """A subscriber with an empty account in roubles."""
    return add_subscriber(ports, Msisdn("79161234567"), "correct horse", "Анна").id


def pay(ports: Ports, owner_id: int, amount: Money, name: EventName = NAME) -> tuple[bool, int]:
    """Deliver a notice; return whether it was new and the payment's number."""
    posted = credit(ports, owner_id, name, amount, "cash.qiwi", "connector:qiwi", ports.clock())
    return posted.is_new, posted.postings[0].number


def balance(ports: Ports, owner_id: int) -> Money:
    with ports.sessions.read() as db:
        return ledger.purse(db, owner_id).balance


def test_a_repeated_notice_gets_the_first_answer_also_a_week_later(ports: Ports, owner_id: int, clock: Clock) -> None:
    first = pay(ports, owner_id, rub("500.00"))
    clock.forward(days=7)
    assert pay(ports, owner_id, rub("500.00")) == (False, first[1])
    assert balance(ports, owner_id) == rub("500.00")


def test_a_repeat_is_answered_though_the_account_was_closed_since(ports: Ports, owner_id: int) -> None:
    _, number = pay(ports, owner_id, rub("500.00"))
    with ports.sessions.begin() as db:
        db.execute(ACCOUNT.update().where(ACCOUNT.c.owner_id == owner_id).values(closed_at=ports.clock()))
    assert pay(ports, owner_id, rub("500.00")) == (False, number)


def test_a_known_name_with_other_facts_is_an_alarm_and_moves_nothing(
    ports: Ports, owner_id: int, caplog: pytest.LogCaptureFixture
) -> None:
    pay(ports, owner_id, rub("500.00"))
    for other_owner, amount in [(owner_id, rub("500.01")), (owner_id, Money(50000, "KGS")), (1, rub("500.00"))]:
        caplog.clear()
        with caplog.at_level(logging.ERROR), pytest.raises(Conflict):
            pay(ports, other_owner, amount)
        assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert balance(ports, owner_id) == rub("500.00")


def test_a_refused_payment_may_come_again(ports: Ports, owner_id: int) -> None:
    with pytest.raises(NotFound):
        pay(ports, owner_id + 1, rub("500.00"))
    with pytest.raises(CurrencyMismatch):
        pay(ports, owner_id, Money(50000, "KGS"))
    assert pay(ports, owner_id, rub("500.00"))[0]


@pytest.mark.parametrize("minor", [0, -1])
def test_a_payment_is_more_than_nothing(ports: Ports, owner_id: int, minor: int) -> None:
    with pytest.raises(WrongMoney):
        pay(ports, owner_id, Money(minor))


def test_the_day_of_a_payment_is_the_operators(ports: Ports, owner_id: int, clock: Clock) -> None:
    clock.now = clock.now.replace(hour=21, minute=30)  # half past midnight in Moscow
    posted = credit(ports, owner_id, NAME, rub("1.00"), "cash.qiwi", "connector:qiwi", clock())
    assert posted.postings[0].day == clock.now.date() + timedelta(days=1)


@pytest.mark.server
def test_an_order_nobody_paid_is_taken_back_at_the_gateway(house: CardHouse) -> None:
    top_up = house.begin()
    assert topups.cancel(house.ports, house.owner.id, top_up.reference).state is TopUpState.CANCELLED
    assert not house.order(top_up).is_payable
    with pytest.raises(Refused, match="Заказ уже оплачен или время вышло"):
        house.pay(top_up)
    assert topups.cancel(house.ports, house.owner.id, top_up.reference).state is TopUpState.CANCELLED
    for _ in range(5):
        topups.cancel(house.ports, house.owner.id, house.begin().reference)
    assert house.begin().state is TopUpState.WAITING, "what is taken back is no decline of a card"


@pytest.mark.server
def test_an_order_that_was_paid_is_not_taken_back_and_is_credited(house: CardHouse) -> None:
    top_up = house.begin()
    house.pay(top_up)
    assert topups.cancel(house.ports, house.owner.id, top_up.reference).state is TopUpState.PAID
    assert house.balance() == rub("500.00")
    with pytest.raises(NotFound):
        topups.cancel(house.ports, house.owner.id + 1, top_up.reference)
