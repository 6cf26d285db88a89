"""An organisation's own prompts: a sound that was uploaded, heard and named before any rule says it.

A prompt is the digest of what was uploaded, so what a rule names never changes under a call: another sound is another
prompt, and it is put in the old one's place by a change of the rules.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from k5web.domain.readable import is_readable
from k5web.domain.throttle import Throttle
from k5web.errors import WrongGreeting

LARGEST_MB: Final = 12  # a minute as large as phones write it: WAV, 48 kHz, 16 bit, stereo is 11.5 MB
LONGEST_S: Final = 60  # nobody listens to more before a key is pressed; 480 kB of the switch's disk
MOST_GREETINGS: Final = 20  # of one organisation: an answer for each key and each hour, and 10 MB
UPLOADING: Final = Throttle(timedelta(minutes=2), 30)  # each may keep the worker's processor for 20 seconds
LONGEST_WORDS: Final = 500  # signs; a minute of speech has no more
STAYS: Final = timedelta(hours=2)  # after its removal, for calls that began by a rule that says it: none lasts longer

_PATH = re.compile(r"o/(?P<owner>[1-9][0-9]{0,17})/(?P<digest>[0-9a-f]{32})", re.ASCII)

# Makes of an upload what the switch plays: A-law, 8 kHz, mono. Raises: WrongGreeting
Convert = Callable[[bytes], bytes]


class GreetingState(StrEnum):
    """How far an upload is."""

    WAITING = "waiting"  # for the worker
    READY = "ready"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Greeting:
    """A prompt of an organisation's own. `words`: what is said, as its owner typed it."""

    owner_id: int
    digest: str
    title: str
    words: str
    state: GreetingState
    why: str  # it was refused: a reason of WrongGreeting
    milliseconds: int | None  # of one that is ready
    at: datetime
    actor: str
    removed_at: datetime | None = None


def digest_of(upload: bytes) -> str:
    """Return by which an upload is named: 32 hexadecimal digits."""
    return hashlib.sha256(upload).hexdigest()[:32]


def milliseconds_of(sound: bytes) -> int:
    """Return how long so much A-law is, 8 samples a millisecond."""
    return len(sound) // 8


def words_of(typed: str) -> str:
    """Return what a prompt says with its spaces put in order; "" where nothing was typed. Raises: WrongGreeting."""
    words = " ".join(typed.split())
    if len(words) > LONGEST_WORDS or not is_readable(words):
        raise WrongGreeting(reason="words")
    return words


def named(path: str) -> tuple[int, str] | None:
    """Return owner and digest of a prompt as rules at the switch name it: `o/8841/0123…`; None where it is none."""
    found = _PATH.fullmatch(path)
    return (int(found["owner"]), found["digest"]) if found else None
