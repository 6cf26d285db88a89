"""Words of the desk about calls: each state, ending, failure and doubt has its own."""

from flask import Flask

from k5web.domain.calls.call import Outcome
from k5web.domain.calls.endings import Ending
from k5web.domain.calls.quality import CANCELLED, Margin
from k5web.domain.calls.search import UNSURE
from k5web.domain.money import Money, rub
from k5web.web.desk import call_words


def test_each_ending_and_failure_has_words_of_its_own(app: Flask) -> None:
    with app.test_request_context():
        assert len({call_words.outcome(ended) for ended in Outcome}) == len(Outcome)
        assert len({call_words.failure(name) for name in (CANCELLED, *Ending)}) == len(Ending) + 1
        assert {*UNSURE, call_words.STUCK} == call_words.doubts().keys()


def test_a_loss_is_said_in_words_and_what_is_unknown_is_not_a_sum(app: Flask) -> None:
    known = {"RUB": Margin(1, rub("2.20"), rub("0.20"), 0), "KGS": Margin(1, Money(1_00, "KGS"), Money(3_00, "KGS"), 1)}
    with app.test_request_context():
        assert call_words.margin(known) == "2,00\u00a0₽; убыток 2,00\u00a0сом"
        assert call_words.cost(known) == "0,20\u00a0₽; не меньше 3,00\u00a0сом"
        assert call_words.margin({"RUB": Margin(1, rub("2.20"), rub("0.20"), 1)}) == "неизвестна"
        assert call_words.margin({}) == call_words.revenue({}) == call_words.sums({}) == call_words.number(None) == "–"


def test_of_a_whole_number_in_the_stop_list_the_middle_is_hidden(app: Flask) -> None:
    with app.test_request_context():
        assert call_words.stopped("8816") == "+8816"
        assert "123" not in call_words.stopped("74951234567")
