"""An SMS centre and a mail server that the test plays."""

from dataclasses import dataclass, field

from k5web.domain.messaging.message import Fate, Letter, Sms


@dataclass
class FakeMessenger:
    """Answers as it is told, and remembers what it took."""

    fate: Fate = "accepted"
    took: list[Sms] = field(default_factory=list)
    asked: int = 0

    def send(self, sms: Sms) -> Fate:
        """Take a message, or not."""
        self.asked += 1
        if self.fate in {"accepted", "unknown"}:
            self.took.append(sms)
        return self.fate

    @property
    def texts(self) -> list[tuple[str, str]]:
        """Return what was taken, as number and text."""
        return [(str(sms.to), sms.text) for sms in self.took]


@dataclass
class FakeMailer:
    """The same for letters."""

    fate: Fate = "accepted"
    took: list[Letter] = field(default_factory=list)

    def send(self, letter: Letter) -> Fate:
        """Take a letter, or not."""
        if self.fate in {"accepted", "unknown"}:
            self.took.append(letter)
        return self.fate
