"""Passwords that K5 makes: made again from the name of what they were made for, so that none is kept to be repeated."""

import hmac
from hashlib import sha256
from typing import Final

from k5web.errors import WeakPassword
from k5web.services.accounts import passwords

LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is read as another one
GROUPS, GROUP = 3, 4


def make(key: bytes, name: str) -> str:
    """Return the password of this name: «k7mf-29qx-tbwe», 59 bits that only the key's owner can make."""
    for turn in range(100):
        digest = hmac.digest(key, f"made password\n{name}\n{turn}".encode(), sha256)
        number = int.from_bytes(digest)
        letters = ""
        for _ in range(GROUPS * GROUP):
            number, at = divmod(number, len(LETTERS))
            letters += LETTERS[at]
        made = "-".join(letters[at : at + GROUP] for at in range(0, len(letters), GROUP))
        try:
            passwords.check(made)
        except WeakPassword:  # letters that happen to be a word
            continue
        return made
    raise AssertionError("no password was good enough")
