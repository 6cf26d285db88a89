"""Hours in which nobody is told anything but what they asked for themselves."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one full hour to another, over midnight or not; the same hour twice is no quiet at all."""

    begin: int = 22
    end: int = 8

    def over_at(self, local: datetime) -> datetime | None:
        """Return when it may be told, by the operator's clock; None where that is now."""
        is_quiet = (local.hour - self.begin) % 24 < (self.end - self.begin) % 24
        if not is_quiet:
            return None
        today = datetime.combine(local.date(), time(self.end), local.tzinfo)
        return today if today > local else today + timedelta(days=1)


QUIET = QuietHours()
