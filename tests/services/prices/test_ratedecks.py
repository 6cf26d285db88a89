"""Price lists in and out: whole or not at all, in force from their day, compared with what was before."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from k5web import pricelists
from k5web.domain.prices.deck_difference import DeckDifference
from k5web.errors import NoDeck, NotFound, WrongDeck
from k5web.services.ports import Ports, start_of_day
from k5web.services.prices import ratedecks
from k5web.services.prices.ratedecks import DeckImport, import_deck
from tests.conftest import Clock
from tests.services.prices.decks import prices, rejected

DAY = date(2026, 12, 1)  # the clock stands at its noon
PLAIN = "7495,Москва,0.45\n79,Россия мобильный,1.75\n"


def test_one_wrong_row_and_nothing_is_imported(put: Callable[..., DeckImport], ports: Ports) -> None:
    put(PLAIN)
    with pytest.raises(WrongDeck) as refused:
        put('79,Россия,1.90\n\n"7;\n8",Европа,1\n7495,Москва,x\n996,Бишкек,1,KGS\n')
    # a quoted cell runs over two lines: the row is named by the line it begins at
    assert [row.line for row in rejected(refused)] == [5, 6]
    assert len(ratedecks.versions(ports)) == 1


def test_a_dry_run_tells_the_difference_and_writes_nothing(put: Callable[..., DeckImport], ports: Ports) -> None:
    put(PLAIN)
    found = put("7495,Москва,0.50\n996,Бишкек,3\n", date(2026, 12, 24), dry_run=True)
    changes = found.difference
    assert [c.prefix for c in changes.dearer] == ["7495"]
    assert [c.prefix for c in changes.new] == ["996"]
    assert [c.prefix for c in changes.gone] == ["79"]
    assert (found.version, found.is_known) == (None, False)
    assert len(ratedecks.versions(ports)) == 1


def test_the_difference_is_to_what_is_in_force_on_that_day(put: Callable[..., DeckImport]) -> None:
    put("7495,Москва,0.45\n")
    put("7495,Москва,0.60\n", date(2027, 1, 1))
    assert [c.prefix for c in put("7495,Москва,0.50\n", date(2026, 12, 15), dry_run=True).difference.dearer] == ["7495"]
    assert [c.prefix for c in put("7495,Москва,0.50\n", date(2027, 2, 1), dry_run=True).difference.cheaper] == ["7495"]
    assert [c.prefix for c in put("7495,Москва,1\n", date(2026, 11, 30), dry_run=True).difference.new] == ["7495"]


def test_a_list_takes_force_at_midnight_in_moscow(put: Callable[..., DeckImport], ports: Ports, clock: Clock) -> None:
    put(PLAIN)
    put(PLAIN.replace("0.45", "0.50"), date(2026, 12, 2))
    clock.now = datetime(2026, 12, 1, 20, 59, 59, 999_999, tzinfo=UTC)
    assert prices(ports.rates.table("k5"))["7495"] == "0.45"
    clock.now = datetime(2026, 12, 1, 21, 0, tzinfo=UTC)
    assert prices(ports.rates.table("k5"))["7495"] == "0.50"


def test_a_row_with_a_later_day_keeps_the_old_price_until_then(
    put: Callable[..., DeckImport], ports: Ports, clock: Clock
) -> None:
    put(PLAIN)
    text = "7495,Москва,0.50,,,,,,2026-12-24\n79,Россия мобильный,1.80\n996,Бишкек,3,,,,,,24.12.2026\n"
    done = put(text, date(2026, 12, 10))
    assert (done.later, done.kept) == (2, 1)
    assert [c.prefix for c in done.difference.dearer] == ["79"]
    assert (done.difference.gone, done.difference.new) == ((), ())
    days = {10: {"7495": "0.45", "79": "1.80"}, 24: {"7495": "0.50", "79": "1.80", "996": "3.00"}}
    for day, expected in days.items():
        clock.now = start_of_day(date(2026, 12, day))
        assert prices(ports.rates.table("k5")) == expected


def test_old_prices_of_another_currency_are_not_kept(put: Callable[..., DeckImport]) -> None:
    put("7495,Москва,0.45\n")
    done = put("7495,Москва,1,KGS,,,,,2026-12-24\n996,Бишкек,1,KGS\n", date(2026, 12, 10))
    assert done.kept == 0


def test_the_same_file_again_changes_nothing(put: Callable[..., DeckImport], ports: Ports) -> None:
    put(PLAIN)
    again = put(PLAIN)
    assert (again.version, again.is_known) == (None, True)
    put(PLAIN.replace("0.45", "0.50"))
    back = put(PLAIN)  # the first file again, after another one: a real change
    assert back.version is not None
    assert len(ratedecks.versions(ports)) == 3


def test_progress_is_told_for_reading_and_writing(ports: Ports, tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("".join(f"{prefix},Страна,1\n" for prefix in range(10_000, 12_500)))
    told: list[tuple[str, int, int]] = []
    import_deck(ports, path, "k5", DAY, progress=lambda what, done, total: told.append((what, done, total)))
    assert told == [
        ("reading", 1000, 2500), ("reading", 2000, 2500), ("reading", 2500, 2500), ("writing", 2500, 2500),
    ]  # fmt: skip


def test_an_exported_list_imports_back_as_the_same(put: Callable[..., DeckImport], ports: Ports) -> None:
    put('7495;7499|Москва, Центр|0.45|KGS|1|30|5|0.25|\n79|Мобильный "Ё"|1.75|KGS|6||||2027-01-01\n'.replace("|", "\t"))
    text = io.StringIO()
    assert ratedecks.export_deck(ports, "k5", text) == 3
    back = put(text.getvalue(), name="copy")
    assert back.version is not None
    assert ratedecks.compare(ports, "k5", "copy") == DeckDifference((), (), (), (), (), (), same=2)
    copy = io.StringIO()
    ratedecks.export_deck(ports, str(back.version.id), copy)
    assert copy.getvalue() == text.getvalue()
    assert len(list(csv.reader(io.StringIO(text.getvalue())))) == 4


def test_lists_and_versions_are_compared_by_name_or_number(put: Callable[..., DeckImport], ports: Ports) -> None:
    first, second = put(PLAIN).version, put(PLAIN.replace("0.45", "0.50"), date(2026, 12, 24)).version
    assert first is not None
    assert second is not None
    assert [c.prefix for c in ratedecks.compare(ports, "k5", str(second.id)).dearer] == ["7495"]
    assert [c.prefix for c in ratedecks.compare(ports, str(second.id), str(first.id)).cheaper] == ["7495"]
    with pytest.raises(NoDeck):
        ratedecks.compare(ports, "k5", "clovertel")
    with pytest.raises(NotFound):
        ratedecks.compare(ports, "k5", "999")


def test_versions_are_listed_with_what_is_in_force(put: Callable[..., DeckImport], ports: Ports, clock: Clock) -> None:
    put(PLAIN)
    put(PLAIN, date(2026, 12, 24))
    put(PLAIN, name="clovertel")
    listed = [(v.name, v.effective_from, is_in_force) for v, is_in_force in ratedecks.versions(ports)]
    start = start_of_day
    assert listed == [
        ("clovertel", start(DAY), True),
        ("k5", start(DAY), True),
        ("k5", start(date(2026, 12, 24)), False),
    ]


# The leaflet's printed examples that need both ends of the list
EXAMPLES = {"k5": [("79161234567", "74951234567", "2.20"), ("78462123456", "35929123456", "3.07")], "clovertel": []}


@pytest.mark.parametrize("name", ["k5", "clovertel"])
def test_our_own_lists_import_whole(ports: Ports, name: str) -> None:
    """A4, A5, B8."""
    done = import_deck(ports, pricelists.path(name), name, DAY)
    table = ports.rates.table(name)
    assert done.version is not None
    assert done.version.row_count == len(table) == len(done.difference.new)
    for a, b, price in EXAMPLES[name]:
        assert str(table.quote(a, b).per_minute) == price
