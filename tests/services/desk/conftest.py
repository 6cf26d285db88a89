"""The house that begins payments, on both databases."""

import pytest

from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.services.payments.shop import Shop


@pytest.fixture
def shop(sessions: Sessions) -> Shop:
    """A house that begins payments."""
    return Shop(sessions, Clock())
