"""What a person writes to explain what they do: one line that everybody can read."""

from typing import Final

from k5web.errors import WrongReason

LONGEST_REASON: Final = 200


def checked_reason(reason: str, most: int = LONGEST_REASON) -> str:
    """Return a reason as it is kept. Raises: WrongReason."""
    text = reason.strip()
    if not (1 <= len(text) <= most and text.isprintable()):
        raise WrongReason(most=most)
    return text
