"""Signs of fraud, by a given clock. S19."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from k5web.domain.calls.fraud import STANDARD_TERMS, Alarm, AlarmKind, AlarmTerms, Pace, signs
from k5web.domain.money import rub

TUESDAY_NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
TUESDAY_NIGHT = TUESDAY_NOON.replace(hour=5, minute=59)
TUESDAY_MORNING = TUESDAY_NOON.replace(hour=6)
SATURDAY_NOON = TUESDAY_NOON.replace(day=5)
SUNDAY_NIGHT = TUESDAY_NOON.replace(day=6, hour=0)


@pytest.mark.parametrize(
    ("pace", "at", "kinds"),
    [
        (Pace(1), TUESDAY_NOON, []),
        (Pace(1, soon=9, hour=9), TUESDAY_NOON, []),
        (Pace(1, soon=10, hour=10), TUESDAY_NOON, ["velocity"]),
        (Pace(1, hour=5), TUESDAY_NIGHT, []),
        (Pace(1, hour=6), TUESDAY_NIGHT, ["night"]),
        (Pace(1, hour=6), TUESDAY_MORNING, []),
        (Pace(1, hour=14), SATURDAY_NOON, []),
        (Pace(1, hour=15), SATURDAY_NOON, ["weekend"]),
        (Pace(1, hour=15), TUESDAY_NOON, []),
        (Pace(1, hour=15), SUNDAY_NIGHT, ["night"]),
        (Pace(1, hour=7, short=7), TUESDAY_NOON, []),
        (Pace(1, hour=8, short=8), TUESDAY_NOON, ["short"]),
        (Pace(1, risky=rub("149.99"), risky_calls=3), TUESDAY_NOON, []),
        (Pace(1, risky=rub("150.00"), risky_calls=3), TUESDAY_NOON, ["risk"]),
        (Pace(1, capped=1), TUESDAY_NOON, ["first_day"]),
        (Pace(1, soon=10, hour=15, short=8), SUNDAY_NIGHT, ["velocity", "night", "short"]),
    ],
)
def test_each_sign_has_its_number_and_its_hours(pace: Pace, at: datetime, kinds: list[str]) -> None:
    assert list(signs(pace, STANDARD_TERMS, at)) == kinds


def test_a_sign_says_what_was_seen_and_from_how_much_on_it_is_one() -> None:
    found = signs(Pace(1, soon=12, risky=rub("200.00"), risky_calls=4), STANDARD_TERMS, TUESDAY_NOON)
    assert found == {
        "velocity": {"seen": 12, "least": 10},
        "risk": {"seen": 200_00, "least": 150_00, "unit": "RUB", "calls": 4},
    }


def test_nought_puts_a_sign_out() -> None:
    never = AlarmTerms(velocity=0, night=0, weekend=0, short=0, risk_minor=0, first_day=0)
    busy = Pace(1, soon=99, hour=99, short=99, risky=rub("999.00"), capped=9)
    assert [signs(busy, never, at) for at in (TUESDAY_NOON, TUESDAY_NIGHT, SATURDAY_NOON)] == [{}, {}, {}]


def test_an_alarm_is_settled_when_it_is_decided_and_again_when_that_is_undone() -> None:
    raised = Alarm(1, 1, AlarmKind.NIGHT, TUESDAY_NIGHT, {})
    assert raised.settled_at is None
    decided = replace(raised, decided_at=TUESDAY_MORNING)
    assert decided.settled_at == TUESDAY_MORNING
    assert replace(decided, undone_at=TUESDAY_NOON).settled_at == TUESDAY_NOON
