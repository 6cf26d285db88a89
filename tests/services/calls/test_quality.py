"""Reports of trunks and directions over days of the operator's calendar."""

from datetime import timedelta

import pytest

from k5web.errors import WrongPeriod
from k5web.services.calls import quality
from tests.services.house import House


def test_a_report_has_both_views_of_the_same_days(k5: House) -> None:
    k5.top_up("100.00")
    k5.talk(k5.order(), "30")
    today = k5.ports.today()
    report = quality.report(k5.ports, today, today)
    assert [found.name for found in report.trunks] == ["trunk"]
    assert [found.name for found in report.directions] == ["Москва городской", "Россия мобильный"]
    yesterday = today - timedelta(days=1)
    assert quality.report(k5.ports, yesterday, yesterday).trunks == []


@pytest.mark.parametrize("days", [-1, 31])
def test_days_that_are_none_or_too_many_are_refused(k5: House, days: int) -> None:
    today = k5.ports.today()
    with pytest.raises(WrongPeriod):
        quality.report(k5.ports, today, today + timedelta(days=days))
