"""Transfers at once: each form moves once, opposite ways never lock each other, nobody sends more than there is."""

from functools import partial

import pytest
from sqlalchemy import event

from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.books.ledger import EventName, Posting
from k5web.domain.money import Money, rub
from k5web.domain.prices.number import Msisdn
from k5web.errors import InsufficientFunds, TransferLimit
from k5web.services.accounts import accounts
from k5web.services.books import transfers
from k5web.services.books.transfers import TransferWish
from k5web.services.books.verify import verify
from k5web.services.payments.topups import credit
from k5web.services.ports import Ports
from tests.reliability.crowd import Crowd, insist

DEADLOCK = "40P01"


@pytest.fixture
def two(ports: Ports) -> tuple[Subscriber, Subscriber]:
    """Two subscribers with a hundred roubles each."""
    found = []
    for n in range(2):
        one = accounts.add_subscriber(ports, Msisdn(f"7916000000{n}"), "correct horse", "Анна")
        credit(ports, one.id, EventName("test:bank", f"{n}"), rub("100.00"), "cash.test", "test", ports.clock())
        found.append(one)
    return found[0], found[1]


def wish(ports: Ports, sender: Subscriber, receiver: Subscriber, amount: Money, form_id: str) -> TransferWish:
    typed = f"K5-{receiver.id}"
    return TransferWish(typed, transfers.mark_of(ports, typed, receiver), amount, form_id)


def balance(ports: Ports, who: Subscriber) -> Money:
    return accounts.purse(ports, who.id).balance


def test_one_form_pressed_by_many_is_one_transfer(
    ports: Ports, crowd: Crowd, two: tuple[Subscriber, Subscriber]
) -> None:
    for turn in range(10):
        asked = wish(ports, *two, rub("1.00"), f"form-{turn}")
        answers = crowd.at_once(*[partial(insist, partial(transfers.send, ports, two[0], asked))] * 16)
        assert len({answer.number for answer in answers if isinstance(answer, Posting)}) == 1
        assert all(isinstance(answer, Posting) for answer in answers)
    assert (balance(ports, two[0]), balance(ports, two[1])) == (rub("90.00"), rub("110.00"))
    assert verify(ports) == []


def test_there_and_back_at_once_never_wait_for_each_other_for_ever(
    ports: Ports, crowd: Crowd, two: tuple[Subscriber, Subscriber]
) -> None:
    """Where the locks have no order PostgreSQL finds a deadlock, again and again. A long queue may put somebody off."""
    states: list[str | None] = []
    event.listen(
        ports.sessions.write,
        "handle_error",
        lambda trouble: states.append(getattr(trouble.original_exception, "sqlstate", None)),
    )
    for turn in range(5):
        ways = [(two[n % 2], two[(n + 1) % 2], n) for n in range(32)]
        works = [
            partial(transfers.send, ports, sender, wish(ports, sender, receiver, rub("1.00"), f"form-{turn}-{n}"))
            for sender, receiver, n in ways
        ]
        crowd.at_once(*works)
        assert DEADLOCK not in states
        assert all(isinstance(insist(work), Posting) for work in works)
    assert (balance(ports, two[0]), balance(ports, two[1])) == (rub("100.00"), rub("100.00"))
    assert verify(ports) == []


def test_money_for_ten_is_sent_ten_times(ports: Ports, crowd: Crowd, two: tuple[Subscriber, Subscriber]) -> None:
    works = [partial(transfers.send, ports, two[0], wish(ports, *two, rub("10.00"), f"form-{n}")) for n in range(32)]
    answers = crowd.at_once(*[partial(insist, work) for work in works])
    assert sum(isinstance(answer, Posting) for answer in answers) == 10
    assert sum(isinstance(answer, InsufficientFunds) for answer in answers) == 22
    assert (balance(ports, two[0]), balance(ports, two[1])) == (rub("0.00"), rub("200.00"))
    assert verify(ports) == []


def test_the_limit_of_a_day_is_not_outrun(ports: Ports, crowd: Crowd, two: tuple[Subscriber, Subscriber]) -> None:
    credit(ports, two[0].id, EventName("test:bank", "more"), rub("9000.00"), "cash.test", "test", ports.clock())
    works = [partial(transfers.send, ports, two[0], wish(ports, *two, rub("1000.00"), f"form-{n}")) for n in range(16)]
    answers = crowd.at_once(*[partial(insist, work) for work in works])
    assert sum(isinstance(answer, Posting) for answer in answers) == 3
    assert sum(isinstance(answer, TransferLimit) for answer in answers) == 13
    assert verify(ports) == []
