"""What may be known already waits for a person, who credits it or joins it to the known one. Promises: B13."""

from pathlib import Path

import pytest

from k5web.domain.money import rub
from k5web.errors import DecidedAlready
from k5web.services.bank import doubtful_payments
from k5web.services.bank.suspense import assign, suspense
from tests.bank_files import exchange, table
from tests.services.bank.retelling import ACTOR, outcome, paid, take
from tests.services.house import House


def test_a_person_credits_a_doubtful_payment_and_no_file_does_it_again(k5: House, tmp_path: Path) -> None:
    take(k5, tmp_path, exchange([paid(k5)]))
    other = exchange([paid(k5, bic="")])
    take(k5, tmp_path, other)
    [doubtful] = doubtful_payments.doubtful(k5.ports)
    for times in range(2):
        done = doubtful_payments.credit(k5.ports, doubtful.doubt.number, ACTOR)
        assert (done is None, k5.balance()) == (times == 1, rub("1000.00"))
    with pytest.raises(DecidedAlready):
        doubtful_payments.join(k5.ports, doubtful.doubt.number, ACTOR)
    assert outcome(take(k5, tmp_path, other)) == (0, 1, 0)
    assert k5.balance() == rub("1000.00")
    k5.assert_sound()


def test_a_person_joins_a_doubtful_payment_and_no_file_lists_it_again(k5: House, tmp_path: Path) -> None:
    take(k5, tmp_path, exchange([paid(k5)]))
    other = [paid(k5, bic="")]
    take(k5, tmp_path, exchange(other))
    [doubtful] = doubtful_payments.doubtful(k5.ports)
    for _ in range(2):
        assert doubtful_payments.join(k5.ports, doubtful.doubt.number, ACTOR) == rub("500.00")
    with pytest.raises(DecidedAlready):
        doubtful_payments.credit(k5.ports, doubtful.doubt.number, ACTOR)
    for again in (exchange(other), table(other)):
        assert outcome(take(k5, tmp_path, again)) == (0, 1, 0)
    assert (k5.balance(), doubtful_payments.doubtful(k5.ports)) == (rub("500.00"), [])
    k5.assert_sound()


def test_a_joined_payment_hides_no_real_one(k5: House, tmp_path: Path) -> None:
    """Two equal payments of one file are two, though one of them was also told in other words."""
    take(k5, tmp_path, exchange([paid(k5)]))
    take(k5, tmp_path, exchange([paid(k5, purpose="За связь")]))
    doubtful_payments.join(k5.ports, doubtful_payments.doubtful(k5.ports)[0].doubt.number, ACTOR)
    assert outcome(take(k5, tmp_path, exchange([paid(k5), paid(k5)]))) == (1, 1, 0)
    assert k5.balance() == rub("1000.00")


def test_what_names_nobody_goes_to_suspense_when_it_is_credited(k5: House, tmp_path: Path) -> None:
    take(k5, tmp_path, exchange([paid(k5, purpose="?")]))
    take(k5, tmp_path, exchange([paid(k5, purpose="?", bic="")]))
    done = doubtful_payments.credit(k5.ports, doubtful_payments.doubtful(k5.ports)[0].doubt.number, ACTOR)
    assert done is not None
    waiting = [one.payment.number for one in suspense(k5.ports).first]
    assert (len(waiting), done.number in waiting) == (2, True)
    assign(k5.ports, done.number, k5.caller.id, ACTOR)
    assert k5.balance() == rub("500.00")
    k5.assert_sound()
