"""The story of the main job once more, word for word, with a real switch and phones that really ring."""

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from k5web.storage.tables import CallRow
from tests.browser.conftest import House, open_house
from tests.browser.test_story import (
    test_first_visit_login_price_one_call,
    test_ten_taps_in_a_second_make_one_call,
)
from tests.telephony import real

pytestmark = [pytest.mark.browser, pytest.mark.asterisk, pytest.mark.xdist_group("asterisk-story")]

__all__ = [
    "test_first_visit_login_price_one_call",
    "test_ten_taps_in_a_second_make_one_call",
]


@pytest.fixture(scope="module")
def house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """As the other stories' house, but for its switch."""
    real.require()
    var = tmp_path_factory.mktemp("house")
    shutil.copyfile(sqlite_template, var / "k5.db")
    url = f"sqlite:///{var / 'k5.db'}"
    with real.telephony() as both, open_house(url, var, switch=both.switch.environ) as opened:
        yield opened
        with opened.ports.sessions.read() as db:
            ordered = Counter(
                number for row in db.execute(select(CallRow.a_number, CallRow.b_number)) for number in row
            )
        assert both.town.rings() <= ordered, "a phone rang more often than it was ordered"
