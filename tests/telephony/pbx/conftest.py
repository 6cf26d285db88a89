"""One switch for all tests here; each test has organisations of its own."""

from collections.abc import Iterator

import pytest

from tests.telephony.pbx import lab as labs
from tests.telephony.pbx.lab import Lab


@pytest.fixture(scope="session")
def opened_lab() -> Iterator[Lab]:
    with labs.opened() as opened:
        yield opened


@pytest.fixture
def lab(opened_lab: Lab) -> Iterator[Lab]:
    opened_lab.begin()
    yield opened_lab
    opened_lab.end()
