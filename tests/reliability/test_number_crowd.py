"""One number and many who want it, one subscriber and many taps: one has it, one fee is taken. Promise: D3."""

from functools import partial

import pytest

from k5web.domain.accounts.stock_number import MOST_A_DAY, StockNumber
from k5web.domain.accounts.subscriber import Subscriber
from k5web.domain.books.ledger import EventName
from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.errors import NumberTaken, OneReservation
from k5web.services.accounts import accounts, numbers
from k5web.services.books.verify import verify
from k5web.services.payments.topups import credit
from k5web.services.ports import Ports
from tests.conftest import Clock
from tests.reliability.crowd import Crowd, insist
from tests.services.accounts.stock import PROSTO, fill, on

TAKERS = 16
STOCK = [f"749500001{n:02d}" for n in range(12)]


@pytest.fixture
def takers(ports: Ports) -> list[Subscriber]:
    """Subscribers with money for one number each."""
    fill(ports, *STOCK)
    found = []
    for n in range(TAKERS):
        one = accounts.add_subscriber(ports, Msisdn(f"79160000{n:03d}"), "correct horse", "Анна")
        credit(ports, one.id, EventName("test:bank", f"{n}"), rub("4999.99"), "cash.test", "test", ports.clock())
        found.append(one)
    return found


def test_of_many_who_want_one_number_one_has_it(ports: Ports, crowd: Crowd, takers: list[Subscriber]) -> None:
    for digits in STOCK[:5]:
        works = [partial(insist, partial(numbers.reserve, ports, on(ports, PROSTO, one), digits)) for one in takers]
        answers = crowd.at_once(*works)
        had = [answer for answer in answers if isinstance(answer, StockNumber)]
        assert len(had) == 1
        assert all(isinstance(answer, StockNumber | NumberTaken) for answer in answers)
        assert had[0].owner_id
        numbers.let_go(ports, had[0].owner_id, digits)


def test_a_number_whose_reservation_is_over_goes_to_one_of_many(
    ports: Ports, crowd: Crowd, takers: list[Subscriber], clock: Clock
) -> None:
    """Those who take it meet the sweep, which frees it at the same instant."""
    first, *others = takers
    numbers.reserve(ports, on(ports, PROSTO, first), STOCK[0])
    clock.forward(minutes=15)
    works = [partial(insist, partial(numbers.reserve, ports, on(ports, PROSTO, one), STOCK[0])) for one in others]
    answers = crowd.at_once(*works, partial(insist, partial(numbers.sweep, ports)))
    assert sum(isinstance(answer, StockNumber) for answer in answers) == 1, "nobody is told that a free one is taken"
    insist(partial(numbers.sweep, ports))
    assert numbers.of_owner(ports, first.id) == []


def test_many_taps_of_one_subscriber_reserve_one_number(ports: Ports, crowd: Crowd, takers: list[Subscriber]) -> None:
    mine = on(ports, PROSTO, takers[0])
    answers = crowd.at_once(*[partial(insist, partial(numbers.reserve, ports, mine, digits)) for digits in STOCK])
    assert sum(isinstance(answer, StockNumber) for answer in answers) == 1
    assert sum(isinstance(answer, OneReservation) for answer in answers) == len(STOCK) - 1


def test_many_taps_pay_one_fee(ports: Ports, crowd: Crowd, takers: list[Subscriber]) -> None:
    mine = on(ports, PROSTO, takers[0])
    numbers.reserve(ports, mine, STOCK[0])
    forms = ["one", "two"] * (TAKERS // 2)
    works = [partial(insist, partial(numbers.connect, ports, mine, STOCK[0], form, rub("2500.00"))) for form in forms]
    answers = crowd.at_once(*works)
    assert all(isinstance(answer, StockNumber) for answer in answers)
    assert accounts.purse(ports, mine).balance == rub("2499.99")
    assert verify(ports) == []


def test_reserving_and_letting_go_by_many_hands_never_outruns_the_day(
    ports: Ports, crowd: Crowd, takers: list[Subscriber]
) -> None:
    mine = on(ports, PROSTO, takers[0])

    def once(digits: str) -> int:
        numbers.reserve(ports, mine, digits)
        numbers.let_go(ports, mine, digits)
        return 1

    answers = crowd.share(partial(insist, partial(once, digits)) for digits in STOCK * 3)
    assert sum(answer for answer in answers if isinstance(answer, int)) <= MOST_A_DAY
