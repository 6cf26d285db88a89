"""An upload is decoded by a process that may do nothing else, and whose end is nobody else's. Promises: D2, S16."""

import logging
import os
import resource
from pathlib import Path

import pytest

from k5web.errors import Unavailable, WrongGreeting
from k5web.telephony import greeting_sound
from k5web.telephony.greeting_sound import convert
from tests.telephony.sounds import tone

REPORTS = """\
import os, resource, sys
sys.path.insert(0, {folder!r})
import sound_decoder
sound_decoder.confine()
try:
    open("/etc/hostname")
    opened = "opened"
except OSError:
    opened = "refused"
sys.stdin.buffer.read()
most = resource.getrlimit(resource.RLIMIT_CPU)[1]
sys.stdout.write(" ".join([opened, *sorted(os.environ), str(os.nice(0)), str(most)]))
"""


def stand_in(monkeypatch: pytest.MonkeyPatch, folder: Path, text: str) -> None:
    """Let another file be the decoder."""
    path = folder / "decoder.py"
    path.write_text(text)
    monkeypatch.setattr(greeting_sound, "DECODER", path)


def test_a_sound_comes_back_as_the_switch_plays_it() -> None:
    assert len(convert(tone(seconds=2))) == 16_000


@pytest.mark.parametrize(
    ("upload", "reason"), [(b"text", "no_sound"), (tone("MP3", 62), "too_long")], ids=["text", "a long one"]
)
def test_what_cannot_be_a_prompt_says_why(upload: bytes, reason: str) -> None:
    with pytest.raises(WrongGreeting) as refused:
        convert(upload)
    assert refused.value.facts == {"reason": reason}


def test_a_minute_with_an_encoders_silence_is_no_longer() -> None:
    assert 60 * 8000 <= len(convert(tone("MP3", 60))) <= 60 * 8000 + 4000


def test_it_opens_nothing_knows_no_secret_and_computes_for_seconds_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("K5_SECRET_KEY", "s" * 40)
    stand_in(monkeypatch, tmp_path, REPORTS.format(folder=str(greeting_sound.DECODER.parent)))
    words = convert(tone()).decode().split()
    assert (words[0], words[-1]) == ("refused", "20")
    assert int(words[-2]) > os.nice(0)
    assert not any(word.startswith("K5") for word in words)
    assert resource.getrlimit(resource.RLIMIT_CPU)[1] != 20  # its limits are not ours


@pytest.mark.parametrize(
    "ends",
    [
        "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
        "import sys; sys.exit(9)",
        "import sys; sys.stdout.write('money'); sys.exit(3)",
        "import time; time.sleep(600)",
    ],
    ids=["crash", "silence", "another word", "stands still"],
)
def test_its_end_is_a_refusal_whatever_it_was(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture, ends: str
) -> None:
    stand_in(monkeypatch, tmp_path, ends)
    monkeypatch.setattr(greeting_sound, "TIMEOUT_S", 1.0 if "sleep" in ends else 60.0)
    with caplog.at_level(logging.WARNING), pytest.raises(WrongGreeting) as refused:
        convert(b"RIFF" + os.urandom(1 << 20))  # more than a pipe holds
    assert refused.value.facts == {"reason": "no_sound"}


@pytest.mark.parametrize("ends", ["import no_such_library", "raise OSError('a limit')"])
def test_a_decoder_that_does_not_work_is_no_fault_of_a_sound(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture, ends: str
) -> None:
    stand_in(monkeypatch, tmp_path, ends)
    with caplog.at_level(logging.ERROR), pytest.raises(Unavailable):
        convert(tone())
    assert "does not work" in caplog.text
