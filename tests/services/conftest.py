"""The house of the service tests, on both databases."""

import pytest

from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.services.house import House
from tests.services.net import Net


@pytest.fixture
def postgres_url(kept_postgres_url: str) -> str:
    """A database whose connections serve one test after another."""
    return kept_postgres_url


@pytest.fixture
def k5(sessions: Sessions) -> House:
    """A house with one subscriber and an empty account."""
    return House(sessions, Clock())


@pytest.fixture
def net(sessions: Sessions) -> Net:
    """A house whose payments come by the made-up network."""
    return Net(sessions, Clock())
