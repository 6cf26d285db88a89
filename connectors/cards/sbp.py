"""A payment link of the bank-to-bank Faster Payments System (SBP): K5 never makes one, it checks the bank's."""

import re

from k5web.domain.money import Money

# <id of 32>: AS static, AD dynamic (BD seen too); kopecks may be missing in a static one
_LINK = re.compile(
    r"(?P<signed>https://qr\.nspk\.ru/(?:AS|AD|BD)[0-9A-Z]{30}\?type=0[12]&bank=[0-9]{12}"
    r"(?:&sum=(?P<sum>[0-9]{1,12}))?(?:&cur=(?P<cur>[A-Z]{3}))?)&crc=(?P<crc>[0-9A-F]{4})",
    re.ASCII,
)


def is_sound(link: str, amount: Money) -> bool:
    """Return whether the link is whole and asks for this sum: payers must not be sent anywhere else."""
    found = _LINK.fullmatch(link)
    if found is None or crc(found["signed"].encode()) != found["crc"]:
        return False
    is_sum_ours = found["sum"] is None or int(found["sum"]) == amount.minor
    return is_sum_ours and (found["cur"] or amount.currency) == amount.currency


def crc(text: bytes) -> str:
    """Return CRC-16/CCITT-FALSE as four digits: polynomial 0x1021, start 0xFFFF, nothing reflected or inverted."""
    found = 0xFFFF
    for byte in text:
        found ^= byte << 8
        for _ in range(8):
            found = (found << 1) ^ 0x1021 if found & 0x8000 else found << 1
        found &= 0xFFFF
    return f"{found:04X}"
