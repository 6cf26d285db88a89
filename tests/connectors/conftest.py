"""What the tests of connectors share: a house with a card gateway; afterwards its ledger is whole."""

from collections.abc import Iterator

import pytest

from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.connectors.card_house import CardHouse, open_card_house


@pytest.fixture
def house(sqlite_sessions: Sessions, clock: Clock) -> Iterator[CardHouse]:
    """The house and the gateway."""
    with open_card_house(sqlite_sessions, clock) as house:
        yield house
