"""The town of QIWI's tests."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest

from connectors.qiwi import sandbox
from connectors.qiwi.bills import Bills
from connectors.qiwi.connector import open_connectors
from k5web.domain.payments.connector import Opening
from k5web.domain.payments.sandbox import SandboxOptions
from tests.conftest import Clock
from tests.connectors.desk import Desk
from tests.connectors.qiwi.town import SITES, TERMINAL, Town
from tests.connectors.serving import served


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Everything on loopback."""
    desk, clock = Desk(), Clock()
    apps: list[WSGIApplication] = []

    def late(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        return apps[0](environ, start_response)

    with served(desk) as k5_url, served(late) as url:
        tables = [table | {"base_url": url} for table in SITES.values()]
        options = SandboxOptions(url, k5_url, str(tmp_path), clock)
        apps.append(sandbox.create([TERMINAL, *tables], options))
        opened = open_connectors([TERMINAL, *tables], Opening(k5_url, clock))
        desk.connectors = {connector.address: connector for connector in opened}
        sites: dict[str, Bills] = {site.protocol: site for site in opened if isinstance(site, Bills)}
        yield Town(desk, url, sites, opened[0], clock, tmp_path)
