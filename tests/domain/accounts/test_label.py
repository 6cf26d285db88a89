"""What a subscriber may call a thing of theirs."""

import pytest

from k5web.domain.accounts.label import label
from k5web.errors import WrongName


def test_spaces_are_put_in_order() -> None:
    assert label("  CRM \t Анны\n") == "CRM Анны"
    assert label("я" * 60) == "я" * 60


@pytest.mark.parametrize("text", ["", "   ", "я" * 61, "a\0b", "a\u202eb", "\u200b"])
def test_what_nobody_can_read_is_refused(text: str) -> None:
    with pytest.raises(WrongName):
        label(text)
