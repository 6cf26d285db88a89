"""Limits that subscribers set: lowered at once, raised after the wait."""

from datetime import UTC, datetime, timedelta

import pytest

from k5web.domain.calls.own_limit import OwnLimit, country, is_key, to_country

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
LIMIT = OwnLimit("day", 100)


@pytest.mark.parametrize("wanted", [99, 0, 100])
def test_what_is_not_higher_counts_at_once(wanted: int) -> None:
    assert LIMIT.changed(wanted, NOW, DAY).at(NOW) == wanted


@pytest.mark.parametrize("wanted", [101, None])
def test_what_is_higher_counts_after_the_wait_to_the_moment(wanted: int | None) -> None:
    raised = LIMIT.changed(wanted, NOW, DAY)
    assert (raised.at(NOW), raised.wish) == (100, wanted)
    assert raised.at(NOW + DAY - timedelta(microseconds=1)) == 100
    assert raised.at(NOW + DAY) == wanted


def test_the_first_limit_is_a_lower_one() -> None:
    assert OwnLimit("day").changed(5, NOW, DAY).at(NOW) == 5


def test_a_lower_one_takes_back_what_waits() -> None:
    assert LIMIT.changed(200, NOW, DAY).changed(100, NOW, DAY).at(NOW + DAY) == 100
    assert LIMIT.changed(None, NOW, DAY).changed(50, NOW, DAY).at(NOW + DAY) == 50


def test_a_higher_wish_waits_anew_and_a_smaller_one_goes_on_waiting() -> None:
    waiting, later = LIMIT.changed(200, NOW, DAY), NOW + timedelta(hours=20)
    assert waiting.changed(150, later, DAY).at(NOW + DAY) == 150
    again = waiting.changed(300, later, DAY)
    assert (again.at(NOW + DAY), again.at(later + DAY)) == (100, 300)


def test_without_a_wait_all_counts_at_once() -> None:
    assert LIMIT.changed(None, NOW, timedelta()).at(NOW) is None


def test_keys_name_what_they_are_about() -> None:
    assert country(to_country("KG")) == "KG"
    assert country("to:*") is None
    assert [key for key in ("day", "call", "minutes", "to:*", "to:RU", "to:ru", "to:", "x", "") if is_key(key)] == [
        "day",
        "call",
        "minutes",
        "to:*",
        "to:RU",
    ]
