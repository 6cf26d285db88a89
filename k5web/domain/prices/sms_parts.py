"""How many parts an SMS has: each is paid for. Source: «Экономный» (E7); 3GPP TS 23.038 and 23.040."""

GSM_PART, GSM_JOINED = 160, 153  # letters of a message alone, and of each part of a longer one
OTHER_PART, OTHER_JOINED = 70, 67
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_DOUBLE = frozenset("^{}\\[~]|€\f")  # they take two places each


def is_7bit(text: str) -> bool:
    """Return whether the seven-bit alphabet has all of its letters; Russian needs UCS-2."""
    return all(letter in _GSM or letter in _GSM_DOUBLE for letter in text)


def sms_parts(text: str) -> int:
    """Return how many parts a message takes: 160 Latin letters or 70 others, fewer in each part of a longer one."""
    if is_7bit(text):
        return _parts([2 if letter in _GSM_DOUBLE else 1 for letter in text], GSM_PART, GSM_JOINED)
    # An emoji is two units of UTF-16 and is never cut in two
    return _parts([1 if ord(letter) < 0x10000 else 2 for letter in text], OTHER_PART, OTHER_JOINED)


def _parts(widths: list[int], alone: int, joined: int) -> int:
    if sum(widths) <= alone:
        return 1
    parts, room = 1, joined
    for width in widths:
        if width > room:
            parts, room = parts + 1, joined
        room -= width
    return parts
