"""What the tests of payments share: houses with a made-up network or a simulated card gateway in front of them."""

from collections.abc import Iterator

import pytest

from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.connectors.card_house import CardHouse, open_card_house
from tests.services.payments.shop import Shop


@pytest.fixture
def shop(sessions: Sessions) -> Shop:
    """A house that begins payments."""
    return Shop(sessions, Clock())


@pytest.fixture
def house(sqlite_sessions: Sessions, clock: Clock) -> Iterator[CardHouse]:
    """A house before a simulated card gateway."""
    with open_card_house(sqlite_sessions, clock) as house:
        yield house


@pytest.fixture
def kept(house: CardHouse) -> CardHouse:
    """The house after a first payment of 500 roubles whose card the payer let the bank keep."""
    top_up = house.begin()
    house.call_back(house.pay(top_up, keep="1"))
    return house
