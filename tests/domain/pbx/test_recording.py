"""Names of recorded files, and how they are played whatever their length. Promises: B7."""

import io
import struct
import wave
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k5web.domain.pbx.recording import (
    FileName,
    Recording,
    SoundKind,
    alaw_header,
    callback_n,
    named,
    sound_of,
)

UUID = "k5-1795866191.77"
WHOLE = st.integers(1, 10**17)
UUIDS = st.from_regex(r"\A[0-9A-Za-z_-]{1,60}(\.[0-9]{1,12})?\Z")


@given(WHOLE, UUIDS)
def test_a_name_says_whose_it_is_and_of_which_leg(owner_id: int, uuid: str) -> None:
    assert named(f"rec-{owner_id}-{uuid}.alaw") == FileName(owner_id, SoundKind.TALK, uuid)
    assert named(f"vm-{owner_id}-{uuid}.wav") == FileName(owner_id, SoundKind.VOICEMAIL, uuid)


@given(st.text())
def test_nothing_else_is_a_name(text: str) -> None:
    """Whatever is taken for a name is exactly one: it leads nowhere but to a file of its own folder."""
    for typed in (text, f"rec-8841-{text}.alaw", f"vm-{text}-{UUID}.wav", f"rec-8841-{UUID}{text}"):
        found = named(typed)
        if found is not None:
            kind = ("rec", "alaw") if found.kind is SoundKind.TALK else ("vm", "wav")
            assert typed == f"{kind[0]}-{found.owner_id}-{found.leg_uuid}.{kind[1]}"
            assert typed.isascii()
            assert not {"/", "\\", "\0", "\n"} & set(typed)
            assert ".." not in typed


@pytest.mark.parametrize(
    "name",
    [
        "",
        "../etc/passwd",
        f"../rec-8841-{UUID}.alaw",
        f"rec-8841-../{UUID}.alaw",
        f"rec-8841-{UUID}.alaw/../x",
        f"rec-08841-{UUID}.alaw",
        f"rec-0-{UUID}.alaw",
        f"rec--8841-{UUID}.alaw",
        f"rec-8841-{UUID}.wav",
        f"vm-8841-{UUID}.alaw",
        f"rec-8841-{UUID}.alaw\n",
        f"REC-8841-{UUID}.alaw",
        f"rec-٨٨٤١-{UUID}.alaw",
        "rec-8841-.alaw",
        "rec-8841-..alaw",
        "rec-8841-a..1.alaw",
        f"rec-8841-{UUID}.alaw.gz",
    ],
)
def test_what_looks_like_a_name_is_none(name: str) -> None:
    assert named(name) is None


def test_the_header_of_a_law_is_58_bytes() -> None:
    header = alaw_header(16000)
    assert len(header) == 58
    assert header[:4] == b"RIFF"
    assert header[8:12] == b"WAVE"
    assert struct.unpack_from("<I", header, 4)[0] == 58 + 16000 - 8
    assert struct.unpack_from("<4sIHHIIHHH", header, 12) == (b"fmt ", 18, 6, 1, 8000, 8000, 1, 8, 0)
    assert struct.unpack_from("<4sII", header, 38) == (b"fact", 4, 16000)
    assert struct.unpack_from("<4sI", header, 50) == (b"data", 16000)


@given(st.binary(max_size=300), st.sampled_from(SoundKind))
def test_a_file_cut_off_anywhere_is_a_whole_wav_file(recorded: bytes, kind: SoundKind) -> None:
    """A `kill -9` of the switch leaves a file of any length: what is played says its true length."""
    sound = sound_of(kind, len(recorded))
    whole = sound.part(0, sound.size_bytes, lambda start, length: recorded[start : start + length])
    assert len(whole) == sound.size_bytes
    assert struct.unpack_from("<I", whole, 4)[0] == len(whole) - 8
    assert struct.unpack_from("<4sI", whole, len(sound.header) - 8) == (b"data", sound.length)
    assert sound.length % 2 == 0
    if kind is SoundKind.VOICEMAIL:
        with wave.open(io.BytesIO(whole)) as player:
            assert player.getparams()[:3] == (1, 2, 8000)
            assert player.readframes(10**6) == recorded[44:][: sound.length]
    else:
        assert whole[58:] == recorded[: sound.length]


@given(st.binary(max_size=200), st.integers(0, 300), st.integers(0, 300))
def test_a_part_is_that_part_of_the_whole(recorded: bytes, start: int, length: int) -> None:
    def read(at: int, many: int) -> bytes:
        assert at >= 0
        assert many > 0
        return recorded[at : at + many]

    sound = sound_of(SoundKind.TALK, len(recorded))
    whole = sound.part(0, sound.size_bytes, lambda at, many: recorded[at : at + many])
    assert sound.part(start, length, read) == whole[start : start + length]


def test_a_second_of_sound() -> None:
    assert sound_of(SoundKind.TALK, 8000).milliseconds == 1000
    assert sound_of(SoundKind.VOICEMAIL, 44 + 16000).milliseconds == 1000
    assert sound_of(SoundKind.VOICEMAIL, 10).milliseconds == 0


def test_a_callback_is_known_by_its_channel() -> None:
    assert callback_n(8841, "k5-8841-117-a") == callback_n(8841, "k5-8841-117-a2") == 117
    assert callback_n(8842, "k5-8841-117-a") is None
    assert callback_n(8841, UUID) is None


def test_a_recording_is_kept_thirty_days_after_its_day() -> None:
    at = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
    one = Recording(1, "k5", "f", SoundKind.TALK, "", UUID, UUID, at, date(2026, 12, 1), None, None, None, None)
    assert one.kept_until == date(2026, 12, 31)
    assert one.sound is None
