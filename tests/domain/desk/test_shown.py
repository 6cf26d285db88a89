"""What a deed will do is kept as it was shown, and known by what it moves."""

from dataclasses import replace
from datetime import date

from k5web.domain.books.ledger import EventName, Posting
from k5web.domain.desk.shown import Shown, worth
from k5web.domain.money import Money, rub

LINE = Posting(100001, 1, date(2026, 12, 1), 7, Money(-500), rub("1.00"), "gift", EventName("staff", "form-0001"))
SHOWN = Shown([LINE], rub("5.00"))


def test_it_is_read_as_it_was_written() -> None:
    assert Shown.of(SHOWN.as_facts()) == SHOWN


def test_only_what_is_moved_and_falling_below_zero_make_it_another() -> None:
    same = replace(LINE, balance=rub("3.00"), seq=9, day=date(2026, 12, 2))
    assert Shown([same], rub("5.00")).mark == SHOWN.mark
    for other in (
        replace(LINE, balance=Money(-1)),
        replace(LINE, amount=Money(-501)),
        replace(LINE, counter="loss"),
        replace(LINE, owner_id=100002),
        replace(LINE, account_id=2),
        replace(LINE, name=EventName("staff", "form-0002")),
    ):
        assert Shown([other], rub("5.00")).mark != SHOWN.mark
    assert Shown([LINE, LINE], rub("5.00")).mark != SHOWN.mark != Shown([LINE], rub("6.00")).mark


def test_its_sum_is_what_goes_from_one_to_another_once_and_minutes_have_none() -> None:
    there = replace(LINE, owner_id=0, amount=rub("50.00"))
    other = replace(LINE, owner_id=100002, amount=rub("5.00"))
    assert worth([LINE, there, other], "KGS") == rub("5.00")
    assert worth([LINE, LINE], "RUB") == rub("10.00")
    assert worth([replace(LINE, amount=Money(60, "SEC"))], "KGS") == Money(0, "KGS")
    assert worth([there], "KGS") == Money(0, "KGS"), "it waits in suspense"
    assert worth([replace(there, amount=Money(-500))], "KGS") == rub("5.00"), "it leaves suspense"
    assert worth([], "KGS") == Money(0, "KGS")
