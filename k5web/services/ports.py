"""What the use cases need from outside, opened once by the composition root."""

import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from k5web.domain.call import Switch
from k5web.domain.topup import PaymentConnector
from k5web.services.ratebook import RateBook
from k5web.storage.session import Sessions

OPERATOR_ZONE = ZoneInfo("Europe/Moscow")  # days and months of billing (contract.md 7)


class Connectors:
    """The ways money may come in, each by its address below /hooks/ and by the origin of its payments' names."""

    def __init__(self, opened: Iterable[PaymentConnector] = ()) -> None:
        self._by_origin = {connector.origin: connector for connector in opened}
        self._by_address = {connector.address: connector for connector in self}

    def __iter__(self) -> Iterator[PaymentConnector]:
        return iter(self._by_origin.values())

    def at(self, address: str) -> PaymentConnector | None:
        """Return who is spoken to at /hooks/<address>."""
        return self._by_address.get(address)

    def of(self, origin: str) -> PaymentConnector | None:
        """Return whose payments are named by this origin."""
        return self._by_origin.get(origin)


@dataclass(frozen=True, slots=True)
class Ports:
    """Doors of the house. `clock` returns now in UTC."""

    sessions: Sessions
    switch: Switch
    rates: RateBook
    clock: Callable[[], datetime]
    connectors: Connectors = field(default_factory=Connectors)
    # Keys of the hashes by which accounts that are personal data are known again, newest first
    lookup_keys: tuple[bytes, ...] = field(default_factory=lambda: (secrets.token_bytes(32),), repr=False)

    def today(self) -> date:
        """Return the accounting day: the operator's calendar."""
        return self.clock().astimezone(OPERATOR_ZONE).date()

    def day_start(self) -> datetime:
        """Return the midnight the accounting day began with."""
        return datetime.combine(self.today(), time(), OPERATOR_ZONE)
