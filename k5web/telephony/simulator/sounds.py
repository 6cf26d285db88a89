"""What the simulated switch records: tones in place of voices, as long as the talk was."""

import wave
from pathlib import Path
from typing import Final

RATE: Final = 8000  # samples a second
_LONGEST_MS: Final = 600_000  # of a file: nobody listens to ten minutes of tones
_LOUD, _SILENT = bytes([0xA5] * 10 + [0x25] * 10), bytes([0xD5])  # A-law: 400 Hz, nothing. Source: ITU-T G.711
_LOUD_16, _SILENT_16 = b"\x00\x10" * 10 + b"\x00\xf0" * 10, b"\x00\x00"


def write_recording(path: Path, milliseconds: int) -> None:
    """Write a file of this length as the switch writes it: raw A-law, or WAV of 16 bits for the voice mail.

    Half a second of a tone, half a second of nothing, to the end. Raises: OSError.
    """
    samples = RATE * min(milliseconds, _LONGEST_MS) // 1000
    if path.suffix == ".wav":
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, RATE, 0, "NONE", ""))
            file.writeframes(_tones(_LOUD_16, _SILENT_16, samples * 2))
        return
    path.write_bytes(_tones(_LOUD, _SILENT, samples))


def _tones(loud: bytes, silent: bytes, size: int) -> bytes:
    half = RATE // 2 // 20
    second = loud * half + silent * (RATE // 2)
    return (second * (size // len(second) + 1))[:size]
