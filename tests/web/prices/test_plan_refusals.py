"""Refusals about plans say what happened, whether money moved and what to do."""

from flask import Flask

from k5web.domain.money import rub
from k5web.errors import PlanUnpaid, SumChanged
from k5web.web.errors import words


def test_a_changed_sum_names_both(app: Flask) -> None:
    with app.test_request_context():
        said = words(SumChanged(shown=rub("40.00"), due=rub("75.00"))).replace("\N{NO-BREAK SPACE}", " ")
    assert said == "Теперь это стоит 75,00 ₽, а не 40,00 ₽. Посмотрите ещё раз. Деньги не списаны."


def test_an_unpaid_plan_says_how_it_comes_back(app: Flask) -> None:
    with app.test_request_context():
        assert "Пополните счёт, и всё заработает само." in words(PlanUnpaid(what="calls"))
