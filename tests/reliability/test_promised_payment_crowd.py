"""Promises at once: one is taken, its end comes once, and neither calls nor sweeps see two floors."""

from dataclasses import replace
from functools import partial

from k5web.domain.books.ledger import Hold
from k5web.domain.books.promised_payment import PromisedPayment, PromiseTerms
from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.errors import InsufficientFunds, PromiseRefused
from k5web.services.accounts import accounts
from k5web.services.books import promised_payments
from k5web.services.books.verify import verify
from k5web.services.ports import Ports
from k5web.storage.books import ledger
from k5web.storage.session import transactional
from tests.conftest import Clock
from tests.reliability.crowd import Crowd, insist

TERMS = PromiseTerms(rub("100.00"), days=3, account_days=0)


@transactional
def reserve(ports: Ports, owner_id: int, account_id: int, call_id: str) -> Hold:
    """Hold ten roubles, as a call does."""
    with ports.sessions.begin() as db:
        return ledger.hold(db, owner_id, account_id, call_id, rub("10.00"), ports.clock(), ports.clock())


def test_of_many_forms_one_promises_and_of_many_sweeps_one_ends(ports: Ports, crowd: Crowd, clock: Clock) -> None:
    ports = replace(ports, promise=TERMS)
    who = accounts.add_subscriber(ports, Msisdn("79160000001"), "correct horse", "Анна")
    for turn in range(5):
        works = [partial(promised_payments.take, ports, who.id, rub("100.00"), f"{turn}-{n % 8}") for n in range(32)]
        answers = crowd.at_once(*[partial(insist, work) for work in works])
        taken = [answer for answer in answers if isinstance(answer, PromisedPayment)]
        assert {answer.n for answer in taken} == {turn + 1}
        assert len(taken) == 4  # all presses of the one form that came first
        assert all(isinstance(answer, PromisedPayment | PromiseRefused) for answer in answers)
        clock.forward(days=4)
        ended = crowd.at_once(*[partial(insist, partial(promised_payments.end_due, ports))] * 8)
        assert sum(count for count in ended if isinstance(count, int)) == 1
        assert accounts.purse(ports, who.id).available == rub("0.00")
    assert verify(ports) == []


def test_promised_money_for_ten_holds_is_given_to_ten(ports: Ports, crowd: Crowd) -> None:
    ports = replace(ports, promise=TERMS)
    who = accounts.add_subscriber(ports, Msisdn("79160000001"), "correct horse", "Анна")
    account_id = accounts.purse(ports, who.id).account_id
    promised_payments.take(ports, who.id, rub("100.00"), "form-1")
    works = [partial(reserve, ports, who.id, account_id, f"c{n}") for n in range(32)]
    answers = crowd.at_once(*[partial(insist, work) for work in works])
    assert sum(isinstance(answer, Hold) for answer in answers) == 10
    assert sum(isinstance(answer, InsufficientFunds) for answer in answers) == 22
    assert accounts.purse(ports, who.id).available == rub("0.00")
