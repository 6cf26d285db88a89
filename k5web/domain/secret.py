"""Which secrets anybody would guess first: too short, of few signs, a pattern, the words of an example."""

import re
from itertools import pairwise

FEWEST_SIGNS = 8  # and steps from one to the next; 32 random hexadecimal digits have 14 and 20
SHORTEST_PASSWORD = 8  # of a switch, of a provider that chose it; a machine's own key is longer

_COMMON = frozenset(
    {"changeme", "password", "passw0rd", "secret", "default", "example", "letmein", "asterisk", "qwertyuiop"}
    | {"qwerty", "1q2w3e4r", "1qaz2wsx", "йцукенгш", "пароль", "секрет", "callback", "internet", "administrator"}
)
_IN_CAPITALS = re.compile(r"[A-Z]{2,20}(?:-[A-Z]{1,20}){1,5}")  # CHANGE-ME, OWNERS-PASSWORD: an example's blank


def is_example(text: str) -> bool:
    """Return whether this is what an example wrote for somebody to replace."""
    return _IN_CAPITALS.fullmatch(text) is not None or _plain(text) == "changeme"


def weakness(text: str, shortest: int = SHORTEST_PASSWORD) -> str:
    """Return in words why a secret is none, empty where it may be one."""
    signs = min(FEWEST_SIGNS, shortest // 2)
    if is_example(text):
        return "is the word of an example"
    if len(text) < shortest:
        return f"is shorter than {shortest} characters"
    if _plain(text).rstrip("0123456789") in _COMMON:
        return "is a word that everybody tries first"
    if len(set(text)) < signs or len(_steps(text)) < signs or text in (text + text)[1:-1]:
        return "is a pattern of few signs, not random"
    return ""


def _plain(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())


def _steps(text: str) -> set[int]:
    return {ord(after) - ord(before) for before, after in pairwise(text)}
