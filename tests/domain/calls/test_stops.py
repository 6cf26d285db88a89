"""Entries of the stop-list: how they are written, what they mean, how long they hold."""

from datetime import UTC, datetime, timedelta

import pytest

from k5web.domain.calls.stops import Stop, StopKind, meant_by, read_what, refusal
from k5web.errors import CallsStopped, NumberStopped, WrongStop

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("+7 (495) 123-45-67", "74951234567"),
        ("881", "881"),
        (" 88 ", "88"),
        ("100001", "100001"),
        ("123456789012345", "123456789012345"),
    ],
)
def test_a_number_a_prefix_and_an_id_are_read_as_people_write_them(text: str, digits: str) -> None:
    assert read_what(text) == digits


@pytest.mark.parametrize("text", ["", "8", "0495", "+", "1234567890123456", "88x", "٨٨١", "++881"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(WrongStop):
        read_what(text)


def test_a_call_is_meant_by_its_numbers_their_prefixes_and_its_subscriber() -> None:
    meant = meant_by(100001, "79161", "74952")
    assert meant[StopKind.SUBSCRIBER] == ["100001"]
    assert meant[StopKind.FROM] == ["79", "791", "7916", "79161"]
    assert meant[StopKind.TO] == ["74", "749", "7495", "74952", *meant[StopKind.FROM]]


def test_the_refusal_names_the_number_that_is_stopped_and_nothing_of_an_account() -> None:
    a, b = "881612345678", "74951234567"
    assert refusal(Stop(1, StopKind.TO, "7495", "r", "staff:a", NOW), a, b).facts == {"number": b}
    own = refusal(Stop(1, StopKind.TO, "8816", "r", "staff:a", NOW), a, b)
    assert isinstance(own, NumberStopped)
    assert own.facts == {"number": a}
    for kind in (StopKind.FROM, StopKind.SUBSCRIBER):
        assert isinstance(refusal(Stop(1, kind, "88", "r", "staff:a", NOW), a, b), CallsStopped)


def test_an_entry_holds_until_its_time_is_over_or_it_is_lifted() -> None:
    until = NOW + timedelta(hours=1)
    entry = Stop(1, StopKind.TO, "881", "r", "staff:a", NOW, until)
    assert entry.is_in_force(NOW)
    assert not entry.is_in_force(until)
    assert not Stop(1, StopKind.TO, "881", "r", "staff:a", NOW, lifted_at=NOW).is_in_force(NOW)
