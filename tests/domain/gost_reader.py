"""A strict reader of the text inside payment codes, written from the standard and not from our own writer."""

import hashlib

MANDATORY = {"Name", "PersonalAcc", "BankName", "BIC", "CorrespAcc"}
CHARSETS = {"1": "windows-1251", "2": "utf-8", "3": "koi8-r"}


def read(code: bytes) -> dict[str, str]:
    """Return the requisites in their order. Raises: ValueError."""
    if len(code) < 8 or code[:2] != b"ST" or code[2:6] != b"0001":
        raise ValueError("no service block")
    charset = CHARSETS.get(chr(code[6]))
    if charset is None:
        raise ValueError("no such charset")
    text = code[8:].decode(charset)
    pairs = [pair.partition("=") for pair in text.split(chr(code[7])) if pair]
    found = {key: value for key, _, value in pairs}
    if not found.keys() >= MANDATORY:
        raise ValueError("a mandatory requisite is missing")
    return found


def digest(code: bytes) -> str:
    """Return the sum by which a code is compared with an agreed one."""
    return hashlib.sha256(code).hexdigest()
