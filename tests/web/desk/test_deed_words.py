"""Every kind and state of money by hand has words of its own."""

from datetime import date

import pytest
from flask import Flask

from k5web.domain.books.ledger import EventName, Posting
from k5web.domain.desk.proposal import ProposalState
from k5web.domain.money import Money, rub
from k5web.services.desk.deeds import DEEDS
from k5web.web.desk.deed_words import counter_word, kind_word, line_word, state_word


def test_every_kind_and_state_has_its_own_words(app: Flask) -> None:
    with app.test_request_context():
        kinds, states = {kind_word(kind) for kind in DEEDS}, {state_word(state) for state in ProposalState}
        assert (len(kinds), len(states)) == (len(DEEDS), len(ProposalState))
        assert not [word for word in kinds | states if word.isascii()]
        assert kind_word("unheard") == "unheard"


@pytest.mark.parametrize(
    ("owner_id", "name", "word"),
    [
        (100001, EventName("staff", "form-0001"), "Исправление"),
        (100001, EventName("reversal", "bank doc-1"), "Возврат: Пополнение через банк"),
        (0, EventName("staff", "form-0001"), "Невыясненные платежи"),
    ],
)
def test_a_line_is_said_as_the_statement_will_say_it(app: Flask, owner_id: int, name: EventName, word: str) -> None:
    line = Posting(owner_id, 1, date(2026, 12, 1), 1, Money(-500), rub("1.00"), "gift", name)
    with app.test_request_context():
        assert line_word(line) == word
        assert (counter_word("loss"), counter_word("cash.x")) == ("убытки", "cash.x")
