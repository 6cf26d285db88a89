"""Commands that move money say what became of it. Promises: S26."""

from k5web.cli.by_hand import money_of, waits_line
from k5web.domain.desk.proposal import Proposal, Wish
from k5web.domain.money import Money, rub
from tests.cli.conftest import K5
from tests.conftest import Clock


def test_a_sum_is_told_in_whole_minor_units() -> None:
    assert money_of(Money(150, "KGS")) == {"minor": 150, "currency": "KGS"}


def test_who_must_wait_is_told_why_and_what_to_do(clock: Clock) -> None:
    wish = Wish("refund", "form-0001", {}, "x", amount=rub("1500.00"))
    made = Proposal(7, wish, False, rub("1500.00"), rub("1000.00"), "staff:anna", clock())
    assert waits_line(made).endswith("is above 1000.00): k5 desk approve 7")


def test_what_was_done_before_is_said_and_not_counted_again(k5: K5, subscriber: int) -> None:
    for _ in range(3):
        done = k5("subscriber", "credit", str(subscriber), "900.00", "--document", "1")
        assert done.stdout == "900.00\n"
    other = k5("subscriber", "credit", str(subscriber), "901.00", "--document", "1")
    assert (other.exit_code, "known already with other facts" in other.output) == (1, True)
