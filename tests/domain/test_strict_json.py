"""JSON from outside is read in one way or not at all."""

import pytest

from k5web.domain import strict_json


def test_numbers_stay_as_they_were_written() -> None:
    assert strict_json.read_object(b'{"sum": 1.10, "many": 100, "in": {"big": 1e400}}') == {
        "sum": "1.10",
        "many": "100",
        "in": {"big": "1e400"},
    }


def test_a_caller_may_want_numbers_of_its_own() -> None:
    assert strict_json.read_object('{"many": 100}', whole=int) == {"many": 100}
    with pytest.raises(ValueError, match=r"1\.5 is no number"):
        strict_json.read_object('{"many": 1.5}', fraction=strict_json.refuse_number)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"a": NaN}', "NaN is no number"),
        ('{"a": [Infinity]}', "Infinity is no number"),
        ('{"a": {"b": -Infinity}}', "-Infinity is no number"),
        ('{"a": 1, "a": 1}', "twice"),
        ('{"in": {"a": 1, "a": 2}}', "twice"),
        ("[1]", "not a JSON object"),
        ('"a"', "not a JSON object"),
        ("", "not JSON"),
        ('{"a": 1} {}', "not JSON"),
        ("[" * 100_000, "not JSON"),
        (b'{"a": "\xff"}', "not JSON"),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(text: str | bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        strict_json.read_object(text)
