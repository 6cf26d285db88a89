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
    assert [
        key
        for key in ("day", "call", "minutes", "to:*", "to:RU", "to:ru", "to:ZZ", "to:", "x", "RU", "")
        if is_key(key)
    ] == [
        "day",
        "call",
        "minutes",
        "to:*",
        "to:RU",
    ]


@pytest.mark.parametrize("wanted", [1, 50, 100, 500])
def test_a_sum_beside_the_shared_one_waits_and_shares_until_then(wanted: int) -> None:
    """However small: many countries of 100 would spend many times the shared 100."""
    new = OwnLimit("to:KZ").changed(wanted, NOW, DAY, shared=100)
    assert (new.at(NOW), new.wish, new.is_set(NOW)) == (None, wanted, True)
    assert new.at(NOW + DAY) == wanted
    assert new.changed(None, NOW, DAY, shared=100) == OwnLimit("to:KZ")
    assert new.changed(0, NOW, DAY, shared=100).at(NOW) == 0


def test_a_country_is_closed_at_once_beside_a_shared_sum() -> None:
    assert OwnLimit("to:KZ").changed(0, NOW, DAY, shared=100).at(NOW) == 0


def test_a_country_opens_at_once_where_nothing_is_shared() -> None:
    assert OwnLimit("to:KZ").changed(100, NOW, DAY, shared=None).at(NOW) == 100


@pytest.mark.parametrize(("shared", "now"), [(None, 50), (51, 50), (50, None), (0, None)])
def test_a_country_goes_back_to_the_shared_sum_at_once_only_where_that_is_not_higher(
    shared: int | None, now: int | None
) -> None:
    left = OwnLimit("to:KZ", 50).changed(None, NOW, DAY, shared=shared)
    assert (left.at(NOW), left.wish, left.at(NOW + DAY)) == (now, None, None)
