"""Sounds as people upload them: a tone of 400 Hz, in the forms that phones and programs write."""

import io
from typing import Final

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream

FORMS: Final = {  # name: form and codec of FFmpeg, samples a second, channels
    "WAV": ("wav", "pcm_s16le", 44_100, "stereo"),
    "WAV of a telephone": ("wav", "pcm_alaw", 8_000, "mono"),
    "WAV of 24 bits": ("wav", "pcm_s24le", 48_000, "mono"),
    "MP3": ("mp3", "libmp3lame", 44_100, "stereo"),
    "OGG of a browser": ("ogg", "libopus", 48_000, "mono"),
    "OGG of a program": ("ogg", "vorbis", 44_100, "stereo"),
    "M4A": ("ipod", "aac", 44_100, "mono"),
    "AMR": ("amr", "libopencore_amrnb", 8_000, "mono"),
    "WebM": ("matroska", "libopus", 48_000, "mono"),
    "FLAC": ("flac", "flac", 16_000, "mono"),
}


def tone(name: str = "WAV", seconds: int = 1) -> bytes:
    """Return so much of a tone in one of these forms."""
    form, codec, rate, layout = FORMS[name]
    file = io.BytesIO()
    with av.open(file, "w", format=form) as container:
        stream = container.add_stream(codec, rate=rate, options={"strict": "-2"}, layout=layout)
        assert isinstance(stream, AudioStream)
        encoder = stream.codec_context
        resampler = av.AudioResampler(encoder.format, layout, rate, encoder.frame_size or None)
        for packet in (each for part in [*_tone(seconds), None] for each in resampler.resample(part)):
            container.mux(stream.encode(packet))
        container.mux(stream.encode(None))
    return file.getvalue()


def _tone(seconds: int) -> list[AudioFrame]:
    frames = []
    for second in range(seconds):
        frame = AudioFrame(format="s16", layout="mono", samples=8000)
        frame.planes[0].update((b"\x00\x20" * 10 + b"\x00\xe0" * 10) * 400)
        frame.sample_rate, frame.pts = 8000, second * 8000
        frames.append(frame)
    return frames
