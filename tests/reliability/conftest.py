"""What the reliability tests stand on: a ledger with connections enough for a crowd."""

import random
from collections.abc import Iterator

import pytest

from k5web.services.ports import Ports
from k5web.storage.session import open_sessions
from tests import proofs
from tests.conftest import Clock
from tests.fakes.doors import open_doors
from tests.reliability.crowd import Crowd

CROWD = 64


@pytest.fixture
def ports(database_url: str, clock: Clock) -> Iterator[Ports]:
    """A house without phones, with a connection for everybody."""
    sessions = open_sessions(database_url, database_url, pool_size=CROWD)
    yield open_doors(sessions, clock)
    sessions.dispose()


@pytest.fixture
def dice() -> random.Random:
    """Chance that can be repeated."""
    return proofs.dice()


@pytest.fixture
def crowd() -> Iterator[Crowd]:
    """Sixty-four threads."""
    opened = Crowd(CROWD)
    yield opened
    opened.close()
