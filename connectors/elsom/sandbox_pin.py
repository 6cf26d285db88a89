"""The wallet's PIN: four digits would be guessed soon, so few wrong ones are looked at in a while."""

import hmac
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from k5web.domain.throttle import Throttle

WRONG: Final = Throttle(every=timedelta(minutes=5), at_once=3)


@dataclass
class PinDoor:
    """Counts wrong PINs of one wallet. Three may be wrong in a row, then one in five minutes; a right one ends that."""

    clock: Callable[[], datetime]
    booked_until: datetime | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def refusal(self, pin: str, typed: str) -> str:
        """Return why the typed PIN does not open the wallet, nothing where it does; one typed too soon is not read."""
        with self.lock:
            now = self.clock()
            wait = WRONG.wait(self.booked_until, now)
            if wait:
                return (
                    f"PIN введён неверно слишком много раз. Повторите через {-(-wait.total_seconds() // 60):.0f} мин."
                )
            if hmac.compare_digest(pin.encode(), typed.encode()):
                self.booked_until = None
                return ""
            self.booked_until = WRONG.book(self.booked_until, now)
            return "Неверный PIN."
