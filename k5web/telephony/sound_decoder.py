"""A process of its own that makes of an uploaded sound what the switch plays; `greeting_sound.py` starts it.

What came from outside meets FFmpeg's libraries only after this process gave up to open files and sockets, to take much
memory, and to compute for long. Of K5 it knows nothing, neither code nor settings.

Standard input: the upload. First argument: how many samples are the most. Standard output: A-law, 8 kHz, mono, and the
exit status is 0; or a reason of WrongGreeting, and it is 3. What fails before the upload is read is not its fault: 1.
"""

import io
import os
import resource
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.container import InputContainer

RATE: Final = 8000  # samples a second
LEAST: Final = RATE // 10  # samples; less is a click
MOST_MEMORY: Final = 1 << 30  # bytes of addresses, the libraries' own among them
MOST_CPU_S: Final = 20  # a minute of sound takes less than one
MOST_FAULTS: Final = 100  # packets that cannot be read, as a download that broke off has one
BEGINNINGS: Final = (  # at which byte, which bytes: FFmpeg's name of the form; nothing else is tried
    (0, b"RIFF", "wav"),
    (0, b"ID3", "mp3"),
    (0, b"OggS", "ogg"),
    (0, b"fLaC", "flac"),
    (4, b"ftyp", "mov"),  # M4A, and 3GP
    (0, b"#!AMR", "amr"),
    (0, b"\x1a\x45\xdf\xa3", "matroska"),  # WebM, as browsers record
)
SILENCE: Final = (  # a quarter of a second of it, as a WAV file of 8 bits
    b"RIFF\xf4\x07\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x40\x1f\x00\x00\x01\x00\x08\x00"
    b"data\xd0\x07\x00\x00" + b"\x80" * 2000
)
CODECS: Final = frozenset(  # FFmpeg's names; all that phones and programs record with, and no other code of it
    ("aac", "adpcm_ima_wav", "adpcm_ms", "alac", "amrnb", "amrwb", "flac", "gsm_ms", "mp3", "mp3float", "opus",
     "pcm_alaw", "pcm_f32le", "pcm_mulaw", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_u8", "vorbis")
)  # fmt: skip


class Unusable(Exception):
    """A sound that cannot be a prompt; its text is a reason of WrongGreeting."""


def main() -> int:
    """Do it once; return the exit status."""
    decoded(SILENCE, RATE)  # so that the library has loaded all of itself before it can open no file
    confine()
    try:
        made = decoded(sys.stdin.buffer.read(), int(sys.argv[1]))
    except Exception as error:  # noqa: BLE001 — whatever a library makes of a hostile file, it is the file's fault
        sys.stdout.write(str(error) if isinstance(error, Unusable) else "no_sound")
        return 3
    sys.stdout.buffer.write(made)
    return 0


def confine() -> None:
    """Give up what the decoding of one sound does not need, for good; calls come first."""
    with suppress(OSError):  # a service may be forbidden to
        os.nice(10)
    for what, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CPU, MOST_CPU_S),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 3),  # the three that are open
    ):
        resource.setrlimit(what, (most, most))


def decoded(upload: bytes, most: int) -> bytes:
    """Return the sound as A-law, 8 kHz, mono. Units: `most` samples. Raises: Unusable."""
    try:
        with av.open(io.BytesIO(upload), "r", format=form_of(upload)) as container:
            made = b"".join(_encoded(_resampled(container), most))
    except (av.FFmpegError, ValueError, MemoryError, OverflowError) as error:
        raise Unusable("no_sound") from error
    if len(made) < LEAST:
        raise Unusable("no_sound")
    return made


def form_of(upload: bytes) -> str:
    """Return FFmpeg's name of the form, by the first bytes; the name of a file says nothing. Raises: Unusable."""
    for at, beginning, form in BEGINNINGS:
        if upload.startswith(beginning, at):
            return form
    if len(upload) > 1 and upload[0] == 0xFF and upload[1] & 0xE0 == 0xE0:  # the first frame of a stream
        return "aac" if upload[1] & 0xF6 == 0xF0 else "mp3"
    raise Unusable("no_sound")


def _frames(container: InputContainer) -> Iterator[AudioFrame]:
    """Yield what is heard of the first sound in a file; a part that cannot be read is left out."""
    if not container.streams.audio:
        raise Unusable("no_sound")
    stream, faults = container.streams.audio[0], 0
    decoder: AudioCodecContext | None = stream.codec_context  # None of a codec that is not there
    if decoder is None or decoder.name not in CODECS:
        raise Unusable("no_sound")
    decoder.thread_count = 1
    for packet in container.demux(stream):
        try:
            yield from packet.decode()
        except av.FFmpegError as error:
            faults += 1
            if faults > MOST_FAULTS:
                raise Unusable("no_sound") from error


def _resampled(container: InputContainer) -> Iterator[AudioFrame]:
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    for frame in _frames(container):
        yield from resampler.resample(frame)
    yield from resampler.resample(None)


def _encoded(frames: Iterator[AudioFrame], most: int) -> Iterator[bytes]:
    encoder = AudioCodecContext.create("pcm_alaw", "w")
    assert isinstance(encoder, AudioCodecContext)
    encoder.sample_rate, encoder.layout, encoder.format = RATE, "mono", "s16"
    samples = 0
    for frame in frames:
        samples += frame.samples
        if samples > most:
            raise Unusable("too_long")
        yield from map(bytes, encoder.encode(frame))
    yield from map(bytes, encoder.encode(None))


if __name__ == "__main__":
    sys.exit(main())
