"""An uploaded sound made what the switch plays, by a process that may do nothing else (`sound_decoder.py`).

Whatever is wrong with an upload ends with that process: its crash, its memory and its time are none of the worker's.
"""

import logging
import subprocess
import sys
from pathlib import Path
from typing import Final

from k5web.domain.pbx.greeting import LONGEST_S
from k5web.errors import Unavailable, WrongGreeting

logger = logging.getLogger(__name__)

DECODER: Final = Path(__file__).with_name("sound_decoder.py")
MOST_SAMPLES: Final = LONGEST_S * 8000 + 4000  # programs put up to half a second of silence around a minute
TIMEOUT_S: Final = 120.0  # of the clock; its processor time ends before
REASONS: Final = {b"too_long", b"no_sound"}  # that it gives


def convert(upload: bytes) -> bytes:
    """Return the sound as A-law, 8 kHz, mono.

    Raises: WrongGreeting (too long, or no sound that can be read), Unavailable (the decoder itself does not work).
    """
    # Without the environment, where K5's secrets are; `-I` and the path: nothing but this file and its library is there
    command = [sys.executable, "-I", str(DECODER), str(MOST_SAMPLES)]
    try:
        done = subprocess.run(  # noqa: S603 — our own file, by our own Python
            command, input=upload, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, timeout=TIMEOUT_S
        )
    except subprocess.TimeoutExpired as error:
        raise WrongGreeting(reason="no_sound") from error
    if done.returncode == 0:
        return done.stdout
    if done.stdout in REASONS:
        raise WrongGreeting(reason=done.stdout.decode())
    facts = {"status": done.returncode, "size_bytes": len(upload)}
    if done.returncode == 1:  # as Python ends where a library is missing, or a limit cannot be set
        logger.error("the decoder of greetings does not work", extra=facts)
        raise Unavailable
    logger.warning("a sound ended its decoder", extra=facts)
    raise WrongGreeting(reason="no_sound")
