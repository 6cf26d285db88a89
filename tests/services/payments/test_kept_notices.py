"""What providers said is found by its day, and by the payment it speaks of."""

from datetime import UTC, datetime, timedelta

import pytest

from k5web.domain.books.ledger import EventName
from k5web.errors import NotFound
from k5web.services.payments import kept_notices
from k5web.services.payments.kept_notices import KeptNotice
from k5web.storage.payments import notice_rows
from tests.services.house import House

MIDNIGHT = datetime(2026, 11, 30, 21, 0, tzinfo=UTC)  # of Moscow


def said(origin: str, key: str, at: datetime, verdict: str = "ok") -> KeptNotice:
    return KeptNotice(EventName(origin, key), at, "paid", verdict, "", "request")


def test_a_days_notices_are_its_own_newest_first(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = {"1": MIDNIGHT - timedelta(seconds=1), "2": MIDNIGHT, "3": MIDNIGHT + timedelta(hours=23)}
    with k5.ports.sessions.begin() as db:
        for key, at in moments.items():
            notice_rows.add(db, said("net:bank", key, at, "refused" if key == "3" else "ok"))
        notice_rows.add(db, said("net:other", "4", MIDNIGHT))
    day = MIDNIGHT.date() + timedelta(days=1)

    def keys(origin: str = "", page: int = 1, *, is_refused: bool = False) -> tuple[list[str], bool]:
        found, has_more = kept_notices.listed(k5.ports, day, origin, page, is_refused=is_refused)
        return [each.name.key for each in found], has_more

    assert keys("net:bank") == (["3", "2"], False)
    assert keys(is_refused=True) == (["3"], False)
    monkeypatch.setattr(kept_notices, "PAGE", 1)
    assert keys("net:bank") == (["3"], True)
    assert keys("net:bank", 2) == (["2"], False)


def test_a_payment_that_nobody_spoke_of_is_said_so(k5: House) -> None:
    with pytest.raises(NotFound, match="notice of net:bank 9"):
        kept_notices.of_payment(k5.ports, "net:bank", "9")
