"""What the tests of connectors share: a house with a card gateway; afterwards its ledger is whole."""

from collections.abc import Iterator

import pytest

from k5web.services.books.verify import verify
from k5web.storage.session import Sessions, open_sessions
from tests.conftest import Clock
from tests.connectors.card_house import CardHouse
from tests.connectors.cards.acquirer import Gateway


@pytest.fixture
def sqlite_sessions(sqlite_url: str) -> Iterator[Sessions]:
    """One kind of base is enough here: what differs between them is held by the tests of the services."""
    opened = open_sessions(sqlite_url, sqlite_url)
    yield opened
    opened.dispose()


@pytest.fixture
def house(sqlite_sessions: Sessions, clock: Clock) -> Iterator[CardHouse]:
    """The house and the gateway; afterwards the ledger is whole."""
    with Gateway(clock) as gateway:
        house = CardHouse(sqlite_sessions, clock, gateway)
        yield house
        assert verify(house.ports) == []
