"""Addresses of pages of calls: what is no place is the beginning."""

from datetime import UTC, datetime

import pytest

from k5web.services.pbx.call_log import Place
from k5web.web.pbx.call_pages import args, place

AT = datetime(2026, 12, 1, 9, 0, 0, 7, tzinfo=UTC)


@pytest.mark.parametrize("found", [Place(), Place(17), Place(None, (AT, "k5-1.77")), Place(17, (AT, "k5-1.77"))])
def test_an_address_leads_to_its_place(found: Place) -> None:
    assert place(args(found)) == found


@pytest.mark.parametrize(
    "wrong",
    [
        {"before": "-1"},
        {"before": "9" * 30},
        {"before": "\u0661"},
        {"talk": "k5-1.77"},
        {"talk": "2026-12-01T09:00:00 k5-1.77"},
        {"talk": "x" * 9999},
        {"talk": "9999-12-31T23:59:59-23:00 k5-1.77"},
    ],
)
def test_what_is_no_place_is_the_beginning(wrong: dict[str, str]) -> None:
    assert place(wrong) == Place()


def test_the_last_page_leads_nowhere() -> None:
    assert args(None) == {}
