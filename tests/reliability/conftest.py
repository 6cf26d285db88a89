"""What the reliability tests stand on: a ledger with connections enough for a crowd."""

from collections.abc import Iterator

import pytest

from k5web.domain.calls.call import Switches
from k5web.services.ports import Ports
from k5web.services.ratebook import RateBook
from k5web.storage.session import open_sessions
from tests.conftest import Clock
from tests.fakes.switch import FakeSwitch
from tests.reliability.crowd import Crowd

CROWD = 64


@pytest.fixture
def ports(database_url: str, clock: Clock) -> Iterator[Ports]:
    """A house without phones, with a connection for everybody."""
    sessions = open_sessions(database_url, database_url, pool_size=CROWD)
    yield Ports(sessions, Switches([FakeSwitch(clock)]), RateBook(sessions, clock), clock)
    sessions.dispose()


@pytest.fixture
def crowd() -> Iterator[Crowd]:
    """Sixty-four threads."""
    opened = Crowd(CROWD)
    yield opened
    opened.close()
