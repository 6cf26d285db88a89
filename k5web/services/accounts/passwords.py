"""Passwords: what is a good one, and Argon2id slow enough for a thief and light enough for a small machine."""

import re
import unicodedata
from contextlib import AbstractContextManager
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from k5web.domain.prices.number import Msisdn
from k5web.errors import WeakPassword
from k5web.services.accounts import guessing
from k5web.turns import Turns

SHORTEST, LONGEST = 8, 128  # characters
DIGITS_ALONE = 14  # so many digits without a letter are hard to guess; every telephone number is shorter
LAST_DIGITS = 7  # of a number: the same however its country is written
LEAST_OWN = 4  # characters of a name or number that count as the subscriber's own

# 19 MiB, 2 passes, 1 lane: 46 ms where the library's default took 180 ms and 64 MiB
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Compared with when there is nobody to compare with: unknown and known take the same time. The hash of "nobody has this
# password" by the parameters above, written out: to make it takes as long as a log-in, at the start of each command
_NOBODY: Final = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGhhcyBzYWx0Lg$Xna64su7aqyF//NDbDmOGw9BG8s2YwWBPk7f+YxtItc"

# Guessers take neither all cores nor all threads from the callers: a process has eight
_TURNS = Turns(at_once=2, waiting=2, patience_s=2)


def turn() -> AbstractContextManager[None]:
    """Return the turn that whoever hashes or compares a password takes first. Entering it raises: Busy."""
    return _TURNS.take()


def check(password: str, own: tuple[str, ...] = ()) -> None:
    """Refuse what is guessed first. `own`: names and numbers of the subscriber (`names_of`). Raises: WeakPassword."""
    plain = _normal(password)
    if len(plain) < SHORTEST:
        raise WeakPassword(rule="short", reason=f"a password needs {SHORTEST} characters or more")
    if len(plain) > LONGEST:
        raise WeakPassword(rule="long", reason=f"a password has {LONGEST} characters at most")
    bare = re.sub(r"[\W_]+", "", plain.lower())
    rest = bare
    for name in own:
        rest = rest.replace(name, "")
    if rest != bare and len(rest) < SHORTEST:
        raise WeakPassword(rule="own", reason="a password must be more than the own name or number")
    if bare.isdigit() and len(bare) < DIGITS_ALONE:
        raise WeakPassword(rule="digits", reason="digits alone are guessed soon: take several words")
    if guessing.is_guessed_soon(plain):
        raise WeakPassword(rule="common", reason="this password is guessed soon: take several words")


def names_of(name: str, phone: Msisdn | None, subscriber_id: int | None = None) -> tuple[str, ...]:
    """Return what others know of a subscriber and so would try: the number without its country, the id, the names."""
    words = re.findall(r"[^\W\d_]+", _normal(name).lower())
    numbers = [phone.digits[-LAST_DIGITS:] if phone else "", str(subscriber_id or "")]
    known = [*words, *map(guessing.in_latin, words), *numbers]
    return tuple(word for word in known if len(word) >= LEAST_OWN)


def hash_password(password: str) -> str:
    """Return the hash to keep; the caller has a `turn`."""
    return _HASHER.hash(_normal(password))


def is_right(password: str, kept: str | None) -> bool:
    """Return whether the password fits the hash; None takes just as long and never fits. The caller has a `turn`."""
    try:
        fits = _HASHER.verify(kept or _NOBODY, _normal(password[: 2 * LONGEST]))
    except (VerificationError, InvalidHashError):
        return False
    return fits and kept is not None


def is_outdated(kept: str) -> bool:
    """Return whether the hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


def _normal(password: str) -> str:
    """Return one spelling of what looks the same: phones compose letters differently."""
    return unicodedata.normalize("NFKC", password)
