"""Parts of an SMS: each is paid for."""

import pytest

from k5web.domain.messaging.sms_parts import is_7bit, parts


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("я" * 70, 1),
        ("я" * 71, 2),
        ("я" * 134, 2),
        ("я" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("a" * 69 + "я", 1),
    ],
)
def test_parts_are_counted_as_the_network_sends_them(text: str, count: int) -> None:
    """E7: 160 Latin or 70 Cyrillic letters; longer ones carry a head in each part."""
    assert parts(text) == count


def test_russian_needs_the_wide_alphabet() -> None:
    assert is_7bit("Balance: 5.00 RUB")
    assert not is_7bit("Баланс")
    assert not is_7bit("«a»")
