"""The simulated gateway of either generation, listening on loopback."""

from collections.abc import Iterator

import pytest

from tests.conftest import Clock
from tests.connectors.cards.acquirer import Gateway


@pytest.fixture(params=["rbs", "rbs-ecom"])
def gateway(request: pytest.FixtureRequest, clock: Clock) -> Iterator[Gateway]:
    """The simulated gateway of either generation."""
    with Gateway(clock, protocol=request.param) as gateway:
        yield gateway


@pytest.fixture
def classic(clock: Clock) -> Iterator[Gateway]:
    """The simulated gateway of the first generation."""
    with Gateway(clock) as gateway:
        yield gateway
