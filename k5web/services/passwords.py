"""Passwords: what is a good one, and Argon2id slow enough for a thief and light enough for a small machine."""

import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from k5web.errors import Later, WeakPassword

SHORTEST, LONGEST = 8, 128  # characters

# 19 MiB, 2 passes, 1 lane: 46 ms where the library's default took 180 ms and 64 MiB
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Compared with when there is nobody to compare with: unknown and known take the same time
_NOBODY: Final = _HASHER.hash("nobody has this password")

# Guessers must not take all cores from the callers
_AT_ONCE: Final = threading.BoundedSemaphore(2)
_WAIT_S: Final = 10

_COMMON: Final = frozenset(
    """
    12345678 123456789 1234567890 0123456789 87654321 11223344 12341234 123123123 password password1 passw0rd
    qwerty12 qwerty123 qwertyui qwertyuiop 1q2w3e4r 1qaz2wsx 1q2w3e4r5t q1w2e3r4 iloveyou sunshine football princess
    абвгдежз йцукенгш йцукенгшщз парольпароль пароль123 пароль12 любовь123 наташа123 кыргызстан бишкек123
    """.split()  # noqa: SIM905 - words to read, not a literal to format
)


def check(password: str, own: tuple[str, ...] = ()) -> None:
    """Refuse what is guessed first. `own`: the subscriber's number and id. Raises: WeakPassword."""
    plain = _normal(password)
    if len(plain) < SHORTEST:
        raise WeakPassword(rule="short", reason=f"a password needs {SHORTEST} characters or more")
    if len(plain) > LONGEST:
        raise WeakPassword(rule="long", reason=f"a password has {LONGEST} characters at most")
    digits = "".join(sign for sign in plain if sign.isdigit())
    if len(digits) == len(plain) and any(name and (name.endswith(digits) or digits.endswith(name)) for name in own):
        raise WeakPassword(rule="own", reason="a password must not be the subscriber's own number")
    if plain.lower() in _COMMON or len(set(plain)) < 4 or _is_a_run(plain):
        raise WeakPassword(rule="common", reason="this password is among the first that are guessed")


def hash_password(password: str) -> str:
    """Return the hash to keep. Raises: Later when too many are being checked."""
    with _turn():
        return _HASHER.hash(_normal(password))


def is_right(password: str, kept: str | None) -> bool:
    """Return whether the password fits the hash; None takes just as long and never fits. Raises: Later."""
    with _turn():
        try:
            fits = _HASHER.verify(kept or _NOBODY, _normal(password[: 2 * LONGEST]))
        except (VerificationError, InvalidHashError):
            return False
    return fits and kept is not None


def is_outdated(kept: str) -> bool:
    """Return whether the hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


@contextmanager
def _turn() -> Iterator[None]:
    if not _AT_ONCE.acquire(timeout=_WAIT_S):
        raise Later
    try:
        yield
    finally:
        _AT_ONCE.release()


def _normal(password: str) -> str:
    """Return one spelling of what looks the same: phones compose letters differently."""
    return unicodedata.normalize("NFKC", password)


def _is_a_run(text: str) -> bool:
    steps = {ord(right) - ord(left) for left, right in pairwise(text)}
    return steps in ({1}, {-1}, {0})
