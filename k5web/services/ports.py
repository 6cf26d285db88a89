"""What the use cases need from outside, opened once by the composition root."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from k5web.domain.call import Switches
from k5web.services.ratebook import RateBook
from k5web.storage.session import Sessions

OPERATOR_ZONE = ZoneInfo("Europe/Moscow")  # days and months of billing (contract.md 7)


@dataclass(frozen=True, slots=True)
class Ports:
    """Doors of the house. `clock` returns now in UTC."""

    sessions: Sessions
    switches: Switches
    rates: RateBook
    clock: Callable[[], datetime]
    own_numbers: tuple[str, ...] = ()  # prefixes of the operator's own lines, E.164 digits: never called
    access_numbers: tuple[str, ...] = ()  # E.164 digits; calls to them are refused and called back

    def today(self) -> date:
        """Return the accounting day: the operator's calendar."""
        return self.clock().astimezone(OPERATOR_ZONE).date()

    def day_began_at(self) -> datetime:
        """Return the first moment of the accounting day."""
        return datetime.combine(self.today(), time.min, OPERATOR_ZONE)
