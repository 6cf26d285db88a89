"""Figures of trunks and directions: exact decimals, nothing of nothing, a loss that is seen."""

from decimal import Decimal

import pytest

from k5web.domain.calls.endings import Heard
from k5web.domain.calls.quality import Margin, Quality, failure_of
from k5web.domain.money import rub


def test_answer_rate_average_and_minutes_are_exact_to_a_tenth() -> None:
    found = Quality("one", attempts=3, answered=2, talked_us=61_250_000)
    assert (found.answer_rate, found.average_s, found.minutes) == (Decimal("66.7"), Decimal("30.6"), Decimal("1.0"))


def test_of_nothing_there_is_no_rate_and_no_average() -> None:
    nothing = Quality("one")
    assert (nothing.answer_rate, nothing.average_s, nothing.minutes) == (None, None, Decimal(0))
    assert Quality("one", attempts=2).answer_rate == Decimal("0.0")


@pytest.mark.parametrize(
    ("cause", "sip", "heard", "why"),
    [
        (16, None, None, "cancelled"),
        (17, 486, Heard.RINGING, "busy"),
        (1, 404, Heard.NOTHING, "wrong_number"),
        (34, 503, Heard.NOTHING, "route_failed"),
        (19, None, Heard.RINGING, "no_answer"),
    ],
)
def test_a_failure_has_the_words_of_endings(cause: int, sip: int | None, heard: Heard | None, why: str) -> None:
    assert failure_of(cause, sip, heard) == why


def test_a_margin_is_unknown_with_a_cost_but_a_loss_is_not() -> None:
    known = Margin(1, rub("2.20"), rub("0.20"), 0)
    assert (known.margin, known.is_loss) == (rub("2.00"), False)
    unknown = Margin(1, rub("2.20"), rub("0.20"), 1)
    assert (unknown.margin, unknown.is_loss) == (None, False)
    assert Margin(1, rub("2.20"), rub("2.30"), 1).is_loss
