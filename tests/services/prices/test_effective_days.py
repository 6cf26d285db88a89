"""One rule for the first day of a plan, a price list and a document: a mistyped year is refused in the same words."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from k5web.domain.prices.deck import RejectedRow
from k5web.errors import DayTooFar, WrongDeck
from k5web.services.accounts import documents
from k5web.services.ports import Ports
from k5web.services.prices import exchange, plan_publishing, ratedecks
from k5web.services.prices.effective_days import FARTHEST
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.fakes.doors import SHIPPED, open_doors
from tests.services.accounts.papers import paper

LIST = "prefix,destination,per_minute,currency,effective_from\n7,Россия,1.75,RUB,{own}\n"


@pytest.fixture
def ports(sessions: Sessions, clock: Clock) -> Ports:
    return open_doors(sessions, clock)


def plan(ports: Ports, folder: Path, day: date) -> object:
    return plan_publishing.publish(ports, SHIPPED.text("go"), day, "staff:ivan")


def deck(ports: Ports, folder: Path, day: date, own: str = "") -> object:
    path = folder / "list.csv"
    path.write_text(LIST.format(own=own))
    return ratedecks.import_deck(ports, path, "k5", day)


def converted(ports: Ports, folder: Path, day: date) -> object:
    deck(ports, folder, ports.today())
    return exchange.convert_deck(ports, "k5", "k5-kgs", "KGS", Decimal("1.12"), day)


def document(ports: Ports, folder: Path, day: date) -> object:
    return documents.publish(ports, paper(), day, "staff:ivan")


@pytest.mark.parametrize("published", [plan, deck, converted, document])
def test_a_year_too_far_ahead_is_refused_whatever_is_published(
    ports: Ports, tmp_path: Path, published: Callable[[Ports, Path, date], object]
) -> None:
    latest = ports.today() + FARTHEST
    with pytest.raises(DayTooFar, match=f"look at the year, and choose {latest} or earlier"):
        published(ports, tmp_path, latest + timedelta(days=1))
    assert published(ports, tmp_path, latest)


def test_a_row_of_a_price_list_is_held_to_the_same_day(ports: Ports, tmp_path: Path) -> None:
    latest = ports.today() + FARTHEST
    with pytest.raises(WrongDeck) as refused:
        deck(ports, tmp_path, ports.today(), own=str(latest + timedelta(days=1)))
    rejected: tuple[RejectedRow, ...] = refused.value.facts["rejected"]  # type: ignore[assignment]
    assert [(row.line, "look at the year" in row.reason) for row in rejected] == [(2, True)]
    assert deck(ports, tmp_path, ports.today(), own=str(latest))
