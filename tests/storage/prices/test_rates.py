"""Price lists in the database: what is due when, read back exactly as it was published, never edited."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from k5web.domain.money import Price
from k5web.domain.prices.deck import DeckVersion
from k5web.domain.prices.rating import Rate
from k5web.errors import NotFound
from k5web.storage.prices import rates
from k5web.storage.session import Sessions
from k5web.storage.tables import DeckRow, RateRow

DAY = datetime(2026, 12, 1, tzinfo=UTC)
LATER = timedelta(days=30)
FULL = Rate("996", "Кыргызстан", Price(1_500_001, "KGS"), 1, 30, 5, Price(250_000, "KGS"))


def rate(prefix: str, micro: int = 1_750_000) -> Rate:
    return Rate(prefix, "Россия", Price(micro))


def publish(db: Session, name: str, since: datetime, *listed: rates.PublishedRate) -> DeckVersion:
    return rates.add_version(db, name, since, DAY, "list.csv", b"\x01" * 32, listed or [(rate("7"), since)])


def test_a_version_reads_back_as_it_was_published(sessions: Sessions) -> None:
    with sessions.begin() as db:
        made = publish(db, "k5", DAY, (FULL, DAY), (rate("7"), DAY))
    with sessions.read() as db:
        table = rates.load_table(db, "k5", made.id, DAY)
        assert {r.prefix: r for r in table.rates()} == {"996": FULL, "7": rate("7")}
        assert (table.name, table.version) == ("k5", made.id)
        assert rates.version(db, made.id) == made
        assert rates.versions(db) == [made]
        assert list(rates.published(db, made.id)) == [(rate("7"), DAY), (FULL, DAY)]
        with pytest.raises(NotFound):
            rates.version(db, made.id + 1)


def test_the_newest_due_version_is_in_force_from_its_moment_on(sessions: Sessions) -> None:
    with sessions.begin() as db:
        first = publish(db, "k5", DAY)
        late = publish(db, "k5", DAY + LATER)
        between = publish(db, "k5", DAY + LATER / 2)  # imported last, in force earlier
        publish(db, "clovertel", DAY - LATER)
    instant = timedelta(microseconds=1)
    expected = [
        (DAY - instant, None, None, DAY),
        (DAY, first.id, DAY, DAY + LATER / 2),
        (DAY + LATER / 2 - instant, first.id, DAY, DAY + LATER / 2),
        (DAY + LATER / 2, between.id, DAY + LATER / 2, DAY + LATER),
        (DAY + LATER, late.id, DAY + LATER, None),
    ]
    with sessions.read() as db:
        for moment, version_id, since, following in expected:
            assert rates.due(db, "k5", moment) == rates.Due(version_id, since, following)
        assert rates.due(db, "unknown", DAY) == rates.Due(None, None, None)


def test_of_two_versions_for_one_moment_the_last_imported_is_in_force(sessions: Sessions) -> None:
    with sessions.begin() as db:
        publish(db, "k5", DAY)
        mended = publish(db, "k5", DAY)
    with sessions.read() as db:
        assert rates.due(db, "k5", DAY).version_id == mended.id
        assert rates.newest_for(db, "k5", DAY) == mended
        assert rates.newest_for(db, "k5", DAY + LATER) is None


def test_a_price_announced_ahead_takes_force_at_its_moment(sessions: Sessions) -> None:
    with sessions.begin() as db:
        cheap, dear = rate("7"), rate("7", 1_900_000)
        made = publish(db, "k5", DAY, (dear, DAY + LATER), (cheap, DAY), (rate("79"), DAY + LATER))
    with sessions.read() as db:
        assert rates.price_moments(db, made.id) == (DAY, DAY + LATER)
        before = rates.load_table(db, "k5", made.id, DAY + LATER - timedelta(microseconds=1))
        after = rates.load_table(db, "k5", made.id, DAY + LATER)
    assert (before.get("7"), before.get("79")) == (cheap, None)
    assert (after.get("7"), after.get("79")) == (dear, rate("79"))


def test_thousands_of_prices_are_written_in_batches_and_counted(sessions: Sessions) -> None:
    listed = [(rate(str(prefix)), DAY) for prefix in range(10_000, 10_000 + rates.BATCH + 1)]
    told: list[tuple[int, int]] = []
    with sessions.begin() as db:
        made = rates.add_version(db, "k5", DAY, DAY, "x", b"", listed, lambda done, total: told.append((done, total)))
    with sessions.read() as db:
        assert len(rates.load_table(db, "k5", made.id, DAY)) == made.row_count == rates.BATCH + 1
    assert told == [(rates.BATCH, rates.BATCH + 1), (rates.BATCH + 1, rates.BATCH + 1)]


def test_names_of_destinations_are_kept_once_in_memory(sessions: Sessions) -> None:
    with sessions.begin() as db:
        made = publish(db, "k5", DAY, (rate("7"), DAY), (rate("79"), DAY))
    with sessions.read() as db:
        one, other = rates.load_table(db, "k5", made.id, DAY).rates()
    assert one.destination is other.destination
    assert one.per_minute is other.per_minute


@pytest.mark.parametrize(
    "rewrite",
    [
        update(RateRow).values(price_micro=1),
        delete(RateRow),
        update(DeckRow).values(effective_from=DAY - LATER),
        delete(DeckRow),
    ],
)
def test_a_published_price_is_never_edited(sessions: Sessions, rewrite: object) -> None:
    with sessions.begin() as db:
        publish(db, "k5", DAY)
    with pytest.raises(DBAPIError), sessions.begin() as db:
        db.execute(rewrite)  # type: ignore[call-overload]
    with sessions.read() as db:
        assert rates.due(db, "k5", DAY).version_id is not None
