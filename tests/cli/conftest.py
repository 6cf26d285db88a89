"""The command line as it stands in the house, on a day that the test knows."""

import pytest

import app
from tests.conftest import Clock


@pytest.fixture(autouse=True)
def _known_day(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every command run inside the test the test's clock: files with dates in them grow no older."""
    monkeypatch.setattr(app, "_now", clock)
