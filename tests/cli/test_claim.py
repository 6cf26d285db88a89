"""`k5 claim`: deadlines, what will happen before it happens, one answer, one payment (B11)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from click.testing import Result

from k5web.domain.books.claim import ClaimForm
from k5web.domain.books.ledger import Event, EventName, Move
from k5web.domain.money import rub
from k5web.services.books import claims, corrections
from k5web.services.ports import Ports
from k5web.storage.books import ledger
from tests.conftest import Clock

K5 = Callable[..., Result]
TO = ("Анна Петрова", "40817810000000000001", "044525225")


@pytest.fixture
def disputed(k5: K5, subscriber: int, ports: Ports) -> int:
    """A subscriber who disputes one rouble of two that an order took."""
    with ports.sessions.begin() as db:
        move = Move(ledger.purse(db, subscriber).account_id, -200, "sale.order")
        event = Event(subscriber, EventName("order", "a"), (move,), "test", ports.clock())
        ledger.record(db, event, ports.today(), ports.clock())
    form = ClaimForm(rub("1.00"), "price", "дорого", "form", *TO)
    claims.open_claim(ports, subscriber, 1, form, f"subscriber:{subscriber}")
    assert k5("subscriber", "credit", str(subscriber), "100.00", "--document", "1").exit_code == 0
    return subscriber


def test_the_list_names_the_deadline_and_who_is_late(k5: K5, disputed: int, ports: Ports, clock: Clock) -> None:
    due = ports.today() + timedelta(days=30)
    assert f"{disputed} 1: answer by {due}: 1.00 RUB of order a, price" in k5("claim", "list").output
    assert "no claim is late" in k5("claim", "list", "--late").output
    clock.now += timedelta(days=31)
    assert f"{disputed} 1: answer by {due}, LATE" in k5("claim", "list", "--late").output


def test_an_answer_is_shown_first_then_given_once(k5: K5, disputed: int, ports: Ports) -> None:
    said = ["claim", "uphold", str(disputed), "1", "--sum", "0.50", "--credit", "--reason", "цена ниже"]
    first = k5(*said).output
    assert "order a of 2.00 RUB is reversed" in first
    assert "1.50 RUB is charged anew" in first
    assert "0.50 RUB comes back to the account\nNothing is changed: add --yes" in first
    assert claims.find(ports, disputed, 1).answered_at is None
    for _ in range(2):
        assert "0.50 RUB credited: цена ниже" in k5(*said, "--yes").output
    assert k5("ledger", "verify").exit_code == 0
    other = k5("claim", "reject", str(disputed), "1", "--reason", "верно", "--yes")
    assert other.exit_code == 1
    assert "k5: claim 1 was answered before: partly" in other.output
    assert "no claim waits" in k5("claim", "list").output


@pytest.mark.parametrize(("typed", "left"), [("99", "2.00"), ("0", "2.00"), ("1", "0.00"), (None, "0.00")])
def test_an_answer_that_would_be_refused_is_refused_before_it_is_given(
    k5: K5, disputed: int, ports: Ports, typed: str | None, left: str
) -> None:
    if left == "0.00":
        corrections.reverse(ports, disputed, EventName("order", "a"), "staff:olga")
    chosen = ["--sum", typed] if typed else []
    for sure in ([], ["--yes"]):
        refused = k5("claim", "uphold", str(disputed), "1", "--reason", "цена ниже", *chosen, *sure)
        assert (refused.exit_code, refused.output) == (1, f"k5: of order/a only {left} can still be refunded\n")


def test_a_rejection_says_first_that_nothing_changes(k5: K5, disputed: int) -> None:
    said = ["claim", "reject", str(disputed), "1", "--reason", "цена верна"]
    assert "order a of 2.00 RUB stays charged\nNothing is changed: add --yes" in k5(*said).output
    assert "rejected" in k5(*said, "--yes").output


def test_money_goes_to_the_bank_as_was_wished_and_once(k5: K5, disputed: int, ports: Ports) -> None:
    shown = k5("claim", "uphold", str(disputed), "1", "--reason", "цена ниже").output
    assert "1.00 RUB comes back to the account and is kept for the bank account" in shown
    answered = k5("claim", "uphold", str(disputed), "1", "--reason", "цена ниже", "--yes").output
    claim = claims.find(ports, disputed, 1)
    assert f"pay by {claim.pay_by}" in answered
    assert f"{disputed} 1: pay 1.00 RUB by {claim.pay_by}: 1.00 RUB of order a" in k5("claim", "list").output
    for _ in range(2):
        assert "by staff:a.ivanova: п/п 17" in k5("claim", "paid", str(disputed), "1", "--document", "п/п 17").output
    again = k5("claim", "paid", str(disputed), "1", "--document", "п/п 18")
    assert (again.exit_code, "nothing is to be paid for claim 1" in again.output) == (1, True)
    shown = k5("claim", "show", str(disputed), "1", "--for", "a call").output
    assert "wishes the money at: Анна Петрова, account 40817810000000000001, bank 044525225" in shown
    assert k5("ledger", "verify").exit_code == 0


def test_staff_open_one_for_who_wrote_a_letter(k5: K5, disputed: int, ports: Ports, clock: Clock) -> None:
    k5("claim", "reject", str(disputed), "1", "--reason", "верно", "--yes")
    came = ports.today()
    clock.now += timedelta(days=80)
    said = ["claim", "open", str(disputed), "1", "--what", "twice"]
    late = k5(*said)
    assert (late.exit_code, "this cannot be disputed: late" in late.output) == (1, True)
    opened = k5(*said, "--received", str(came))
    assert f"{disputed} 2: answer by {came + timedelta(days=30)}" in opened.output
    assert claims.find(ports, disputed, 2).disputed == rub("2.00")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["claim", "open", "{}", "1", "--what", "twice", "--received", "20.12.2026"], "is not a day like"),
        (["claim", "open", "{}", "1", "--what", "twice", "--received", "2999-12-20"], "is still to come"),
        (["claim", "open", "{}", "1", "--what", "twice", "--received", "1999-01-01"], "is before the charge"),
        (["claim", "uphold", "{}", "1", "--reason", "x", "--sum", "1.5.2"], "is no sum like 2.20"),
        (["claim", "uphold", "{}", "1", "--reason", "x", "--sum", ""], "'' is no sum like 2.20"),
        (["claim", "show", "{}", "9" * 30], "is not in the range"),
    ],
)
def test_what_cannot_be_read_is_named(k5: K5, disputed: int, wrong: list[str], said: str) -> None:
    refused = k5(*(word.format(disputed) for word in wrong))
    assert (refused.exit_code, said in refused.output) == (2, True)


def test_a_claim_that_is_not_there_is_one_sentence(k5: K5, subscriber: int) -> None:
    refused = k5("claim", "show", str(subscriber), "7")
    assert (refused.exit_code, "claim 7" in refused.output) == (1, True)
