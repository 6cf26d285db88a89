"""What the decoder makes of the sounds of phones and programs, and of files that are none. Promises: D2."""

import io
import struct
import wave
from itertools import pairwise

import pytest

from k5web.telephony.sound_decoder import RATE, Unusable, decoded, form_of
from tests.telephony.sounds import FORMS, tone

MOST = 60 * RATE
SILENT = 0xD5  # of A-law


@pytest.mark.parametrize("form", FORMS)
def test_a_tone_of_two_seconds_is_one(form: str) -> None:
    made = decoded(tone(form, 2), MOST)
    assert abs(len(made) - 2 * RATE) < RATE // 5  # encoders put some silence around it
    middle = made[RATE // 2 : RATE]
    signs = [byte & 0x80 for byte in middle]
    turns = sum(one != other for one, other in pairwise(signs))
    assert abs(turns - 400) < 20  # 400 Hz, half a second


def test_a_sound_that_is_too_long_is_read_no_further() -> None:
    assert len(decoded(tone(seconds=3), 3 * RATE)) == 3 * RATE
    with pytest.raises(Unusable, match="too_long"):
        decoded(tone(seconds=4), 3 * RATE)


def lying(**header: int) -> bytes:
    """A WAV file whose header says what is not so, before a second of silence."""
    facts = {"size": 2**32 - 1, "channels": 1, "rate": 8000, "bits": 16, "align": 2} | header
    form = struct.pack(
        "<HHIIHH", 1, facts["channels"], facts["rate"], facts["rate"] * facts["align"], facts["align"], facts["bits"]
    )
    begun = b"RIFF" + struct.pack("<I", facts["size"]) + b"WAVEfmt " + struct.pack("<I", 16) + form
    return begun + b"data" + struct.pack("<I", facts["size"]) + bytes(16_000)


@pytest.mark.parametrize(
    "upload",
    [
        b"",
        b"R",
        b"Good day, this is a text that is called greeting.wav",
        b"RIFF\xff\xff\xff\xffWAVE",
        b"OggS" + bytes(10_000),
        b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + bytes(10_000),
        b"\xff\xfb" * 10_000,
        b"\x00\x00\x00\x18ftypM4A " + b"\xff" * 10_000,
        b"\x1a\x45\xdf\xa3" + b"\xff" * 10_000,
        b"#!AMR\n",
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"PK\x03\x04" + bytes(10_000),
        lying(channels=65_535),
        lying(channels=0),
        lying(rate=0),
        lying(bits=0, align=0),
        tone("M4A")[:200],
        tone()[:60],
    ],
    ids=range(19),
)
def test_what_is_no_sound_is_refused(upload: bytes) -> None:
    with pytest.raises(Unusable, match="no_sound"):
        decoded(upload, MOST)


def test_a_header_that_promises_hours_is_not_believed() -> None:
    assert abs(len(decoded(lying(), MOST)) - RATE) <= 1
    whole = tone("MP3", 2)
    assert len(decoded(whole[: len(whole) // 2], MOST)) > RATE // 2  # a download that broke off


def test_silence_is_silence_whatever_it_was_before() -> None:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((2, 2, 48_000, 0, "NONE", ""))
        sound.writeframes(bytes(4 * 48_000))
    assert {*decoded(file.getvalue(), MOST)} <= {SILENT, SILENT ^ 0x80}


def test_the_form_is_told_by_the_first_bytes() -> None:
    assert [form_of(tone(name)) for name in ("WAV", "MP3", "M4A", "AMR")] == ["wav", "mp3", "mov", "amr"]
    assert (form_of(b"\xff\xfb\x90"), form_of(b"\xff\xf1\x50")) == ("mp3", "aac")
