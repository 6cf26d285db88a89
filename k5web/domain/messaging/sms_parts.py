"""How many parts an SMS has: each is paid for."""

# GSM 03.38: the letters of the seven-bit alphabet, and those that take two places in it
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPED = frozenset("^{}\\[~]|€\f")
ONE_7BIT, MORE_7BIT = 160, 153
ONE_UCS2, MORE_UCS2 = 70, 67


def is_7bit(text: str) -> bool:
    """Return whether the seven-bit alphabet has all of its letters; Russian needs UCS-2."""
    return all(sign in _BASIC or sign in _ESCAPED for sign in text)


def parts(text: str) -> int:
    """Return how many parts a text is sent in; nothing is one part too."""
    if is_7bit(text):
        return _divided(len(text) + sum(sign in _ESCAPED for sign in text), ONE_7BIT, MORE_7BIT)
    return _divided(len(text.encode("utf-16-be")) // 2, ONE_UCS2, MORE_UCS2)


def _divided(length: int, one: int, more: int) -> int:
    return 1 if length <= one else -(-length // more)
