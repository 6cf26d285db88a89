"""What waits for its owner is listed, sought, and given to one subscriber. Promises: B13, docs/ledger.md."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from k5web.domain.bank.suspense import Sought
from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.errors import GivenAlready, NotFound
from k5web.services.accounts.accounts import add_subscriber, purse
from k5web.services.bank.suspense import PAGE, assign, suspense
from tests.bank_files import Came, exchange
from tests.services.bank.payouts import receive
from tests.services.bank.retelling import take
from tests.services.house import House


def test_what_waits_is_paged_and_says_how_much_there_is(k5: House, tmp_path: Path) -> None:
    receive(k5, tmp_path, *(Came(str(n), rub("1.00"), "за связь") for n in range(1, PAGE + 6)))
    first, second = (suspense(k5.ports, page=page) for page in (1, 2))
    assert (len(first.first), len(second.first), first.count, first.pages) == (PAGE, 5, PAGE + 5, 2)
    assert first.amount == second.amount == rub(f"{PAGE + 5}.00")
    assert not {one.payment.number for one in first.first} & {one.payment.number for one in second.first}
    with pytest.raises(NotFound):
        suspense(k5.ports, page=3)


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        (Sought(), ["1", "2", "3"]),
        (Sought(payer="ромашка"), ["1"]),
        (Sought(payer="7708789018"), ["2"]),
        (Sought(words="связь"), ["1", "2"]),
        (Sought(amount=rub("7.00")), ["3"]),
        (Sought(day=date(2026, 11, 20)), ["3"]),
        (Sought(older_than_days=11), ["3"]),
        (Sought(older_than_days=12), []),
        (Sought(words="связь", payer="ип лютик"), ["2"]),
    ],
)
def test_what_waits_is_found_by_payer_sum_day_words_and_age(
    k5: House, tmp_path: Path, sought: Sought, found: list[str]
) -> None:
    """Tuesday, 1 December, it is."""
    come = Came("1", rub("5.00"), "за связь")
    receive(k5, tmp_path, come, replace(come, number="2", payer="ИП Лютик", payer_inn="7708789018"))
    receive(k5, tmp_path, Came("3", rub("7.00"), "прочее", "20.11.2026", payer="АО Банк"))
    assert sorted(one.payment.document_no for one in suspense(k5.ports, sought).first) == found


def test_what_names_nobody_waits_until_a_person_gives_it_away(k5: House, tmp_path: Path) -> None:
    done = take(k5, tmp_path, exchange([Came(purpose="Оплата по счету 999")]))
    assert (done.credited.count, done.suspended.count, k5.balance()) == (0, 1, rub("0.00"))
    [waiting] = suspense(k5.ports).first
    assert (waiting.payment.purpose, waiting.payment.why) == ("Оплата по счету 999", "nobody")
    for _ in range(2):
        assert assign(k5.ports, waiting.payment.number, k5.caller.id, "staff:1") == rub("500.00")
    assert (k5.balance(), suspense(k5.ports).count) == (rub("500.00"), 0)
    assert take(k5, tmp_path, exchange([Came(purpose="Оплата по счету 999")])).known == 1
    k5.assert_sound()


def test_money_is_given_to_one_subscriber_only(k5: House, tmp_path: Path) -> None:
    other = add_subscriber(k5.ports, Msisdn.parse("+79160000002"), "correct horse", "Борис")
    take(k5, tmp_path, exchange([Came(purpose="?")]))
    number = suspense(k5.ports).first[0].payment.number
    assign(k5.ports, number, k5.caller.id, "staff:1")
    with pytest.raises(GivenAlready):
        assign(k5.ports, number, other.id, "staff:1")
    with pytest.raises(NotFound):
        assign(k5.ports, 17, other.id, "staff:1")
    assert purse(k5.ports, other.id).balance == rub("0.00")


@pytest.mark.parametrize(
    ("purpose", "why"), [("л/с 999999", "unknown"), ("л/с {id}, л/с 999999", "several"), ("без слов", "nobody")]
)
def test_suspense_says_why(k5: House, tmp_path: Path, purpose: str, why: str) -> None:
    take(k5, tmp_path, exchange([Came(purpose=purpose.format(id=k5.caller.id))]))
    assert [one.payment.why for one in suspense(k5.ports).first] == [why]
