"""The Messenger port without an operator: messages are lines of a file, which the sandbox shows as a phone would."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from k5web.domain.messaging.message import Fate, Sms
from k5web.domain.prices.sms_parts import sms_parts

logger = logging.getLogger(__name__)

FILE: Final = "sent.jsonl"


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as it lies on a simulated phone."""

    phone: str  # E.164 digits
    at: datetime
    text: str = field(repr=False)
    parts: int
    ref: str = ""  # K5's name of it; none of an answer


class SimulatedMessenger:
    """An SMS centre that loses nothing and costs nothing."""

    def __init__(self, folder: Path, clock: Callable[[], datetime]) -> None:
        self._folder = folder
        self._clock = clock

    def send(self, sms: Sms) -> Fate:
        """Append one message."""
        try:
            deliver(self._folder, sms.to.digits, sms.text, self._clock(), sms.ref)
        except OSError as error:
            logger.warning("an SMS cannot be written", extra={"reason": str(error)})
            return "not_sent"
        return "accepted"


def deliver(folder: Path, phone: str, text: str, now: datetime, ref: str = "") -> None:
    """Let a message lie on a simulated phone. Raises: OSError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    line = {"phone": phone, "at": now.isoformat(), "text": text, "ref": ref}
    with (folder / FILE).open("a", encoding="utf-8") as file:  # one write for each line: several processes append
        file.write(json.dumps(line, ensure_ascii=False) + "\n")


def shown(folder: Path, phone: str) -> list[Shown]:
    """Return the messages of a simulated phone, the newest first."""
    path = folder / FILE
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    found = [json.loads(line) for line in lines if line.endswith("}")]
    return [_shown(each) for each in reversed(found) if each["phone"] == phone]


def _shown(line: dict[str, str]) -> Shown:
    text, at = line["text"], datetime.fromisoformat(line["at"])
    return Shown(line["phone"], at, text, sms_parts(text), line.get("ref", ""))
