"""A house without phones, and price lists written and imported as a test says."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from k5web.services.ports import Ports
from k5web.services.prices.deck_publishing import ImportOptions
from k5web.services.prices.ratedecks import DeckImport, import_deck
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.fakes.doors import open_doors

DAY = date(2026, 12, 1)  # the clock stands at its noon


@pytest.fixture
def ports(sessions: Sessions, clock: Clock) -> Ports:
    return open_doors(sessions, clock)


@pytest.fixture
def put(ports: Ports, tmp_path: Path) -> Callable[..., DeckImport]:
    """Import what a file holds."""

    def importing(content: str | bytes, effective: date = DAY, name: str = "k5", dry_run: bool = False) -> DeckImport:
        path = tmp_path / "list.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return import_deck(ports, path, name, effective, dry_run, options=ImportOptions(replace=True))

    return importing
