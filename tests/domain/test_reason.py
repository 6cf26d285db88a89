"""A reason is one line that can be read."""

import pytest

from k5web.domain.reason import checked_reason
from k5web.errors import WrongReason


def test_a_reason_is_kept_without_the_spaces_around_it() -> None:
    assert checked_reason("  линия рвалась ") == "линия рвалась"


@pytest.mark.parametrize("wrong", ["", "   ", "a\nb", "a\x00", "a" * 11])
def test_none_a_long_one_and_control_signs_are_refused(wrong: str) -> None:
    with pytest.raises(WrongReason, match="1 to 10"):
        checked_reason(wrong, 10)
