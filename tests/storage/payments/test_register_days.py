"""Days, files and resolutions of registers as rows: the last count stays, a resolution is said once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from k5web.domain.money import Money, rub
from k5web.domain.payments.register import RegisterVerdict
from k5web.domain.payments.register_day import DifferenceName, Figure, HowResolved, RegisterDay, Resolution
from k5web.storage.payments import register_days
from k5web.storage.payments.register_days import Span
from k5web.storage.session import Sessions

DAY = date(2026, 11, 30)
NOW = datetime(2026, 12, 1, tzinfo=UTC)
FIGURES = {RegisterVerdict.CONFIRMED: Figure(3, 300, 300), RegisterVerdict.MISSING_HERE: Figure(1, 0, 50)}
COUNTED = RegisterDay(DAY, "net:bank", "RUB", is_told=True, unresolved=1, late=2, figures=FIGURES, counted_at=NOW)
SPAN = Span("net:bank", "RUB", NOW - timedelta(days=1), NOW, NOW + timedelta(days=3))
SAID = Resolution(
    DifferenceName("net:bank", "700", RegisterVerdict.SUM_MISMATCH), HowResolved.CONFLICT, "their mistake", DAY,
    rub("10.00"), None, "staff:anna", NOW,
)  # fmt: skip


def test_the_last_count_of_a_day_is_what_is_kept(sessions: Sessions) -> None:
    with sessions.begin() as db:
        register_days.save(db, replace(COUNTED, unresolved=7, figures={}), NOW - timedelta(hours=1))
        register_days.save(db, COUNTED, NOW)
        register_days.save(db, replace(COUNTED, origin="net:wallet"), NOW)
    with sessions.read() as db:
        assert register_days.days(db, DAY, DAY) == [COUNTED, replace(COUNTED, origin="net:wallet")]
        assert register_days.days(db, DAY, DAY, "net:bank") == [COUNTED]
        assert register_days.days(db, DAY + timedelta(days=1), DAY + timedelta(days=2)) == []


def test_a_file_tells_all_its_days_and_an_empty_one_none(sessions: Sessions) -> None:
    with sessions.begin() as db:
        register_days.add_file(db, "aa", "net:bank", (DAY - timedelta(days=2), DAY), 3, NOW)
        register_days.add_file(db, "aa", "net:bank", (DAY - timedelta(days=2), DAY), 3, NOW)
        register_days.add_file(db, "bb", "net:wallet", None, 0, NOW)
    with sessions.read() as db:
        told = {
            (origin, days): register_days.is_told(db, replace(SPAN, origin=origin), DAY + timedelta(days=days))
            for origin in ("net:bank", "net:wallet")
            for days in (-3, -2, 0, 1)
        }
    assert {at for at, is_told in told.items() if is_told} == {("net:bank", -2), ("net:bank", 0)}


def test_a_difference_is_resolved_once_under_its_name(sessions: Sessions) -> None:
    other = replace(SAID, name=replace(SAID.name, is_back=True), ours=Money(-5, "RUB"))
    with sessions.begin() as db:
        assert register_days.resolve(db, SAID)
        assert not register_days.resolve(db, replace(SAID, reason="another one"))
        assert register_days.resolve(db, other)
    with sessions.read() as db:
        assert register_days.resolutions(db, "net:bank", ["700"]) == {SAID.name: SAID, other.name: other}
        assert register_days.resolutions(db, "net:bank", ["701"]) == {}
        assert register_days.resolutions_of_day(db, "net:bank", DAY) == [SAID, other]
        assert register_days.resolutions_of_day(db, "net:bank", DAY + timedelta(days=1)) == []
