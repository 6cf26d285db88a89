"""Files as the switch leaves them: as long as the talk was."""

import wave
from pathlib import Path

from k5web.telephony.simulator.sounds import write_recording


def test_a_talk_is_raw_a_law_and_a_message_is_wav(tmp_path: Path) -> None:
    write_recording(tmp_path / "rec-8841-k5-1.77.alaw", 2500)
    assert len((tmp_path / "rec-8841-k5-1.77.alaw").read_bytes()) == 20_000
    write_recording(tmp_path / "vm-8841-k5-1.77.wav", 1500)
    with wave.open(str(tmp_path / "vm-8841-k5-1.77.wav")) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate(), file.getnframes()) == (
            1,
            2,
            8000,
            12_000,
        )
        sound = file.readframes(12_000)
    assert len(set(sound)) > 2  # something is heard


def test_no_file_is_longer_than_ten_minutes(tmp_path: Path) -> None:
    write_recording(tmp_path / "rec.alaw", 7_200_000)
    assert (tmp_path / "rec.alaw").stat().st_size == 600 * 8000
