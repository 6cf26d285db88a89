"""What a price list must not do unasked: be read in part, drop prices, sell at the price of another currency."""

import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest

from k5web.errors import DeckStopped, DirectionBlocked, NoDeck, WrongFile
from k5web.services.ports import Ports
from k5web.services.prices.deck_publishing import ImportOptions
from k5web.services.prices.ratedecks import DeckImport, export_deck, import_deck
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.fakes.doors import open_doors
from tests.services.prices.decks import prices, resaved, workbook

DAY = date(2026, 12, 1)  # the clock stands at its noon
IN_FORCE = "prefix,destination,per_minute,currency\n" + "".join(f"73{n},Место {n},1.00,RUB\n" for n in range(10, 30))


@pytest.fixture
def ports(sessions: Sessions, clock: Clock) -> Ports:
    return open_doors(sessions, clock)


@pytest.fixture
def put(ports: Ports, tmp_path: Path) -> Callable[..., DeckImport]:
    """Import what a file holds."""

    def importing(content: str | bytes, name: str = "k5", effective: date = DAY, **options: object) -> DeckImport:
        path = tmp_path / "list.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return import_deck(ports, path, name, effective, options=ImportOptions(**options))  # type: ignore[arg-type]

    return importing


# --- read whole


def test_rows_beyond_the_stated_size_of_a_sheet_are_read(put: Callable[..., DeckImport], ports: Ports) -> None:
    content = workbook(*[[f"73{n}", f"Место {n}", 1.5] for n in range(10, 40)])
    put(resaved(content, 'ref="A1:C30"', 'ref="A1:C2"'))
    assert len(ports.rates.table("k5")) == 30


def test_a_hidden_sheet_with_rows_is_named(put: Callable[..., DeckImport]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(["7", "Россия", 1.75], sheets=2)))
    book.worksheets[1].sheet_state = "hidden"
    saved = io.BytesIO()
    book.save(saved)
    with pytest.raises(WrongFile, match=r"2 sheets have rows: keep one \(Sheet, Sheet1 \(hidden\)\)"):
        put(saved.getvalue())


def test_a_row_number_of_a_billion_is_refused_and_a_wide_row_too(put: Callable[..., DeckImport]) -> None:
    content = workbook(["7", "Россия", 1.75], ["79", "Россия мобильный", 1.75])
    with pytest.raises(WrongFile, match="has rows after 1048576"):
        put(resaved(content, '<row r="2"', '<row r="1000000000"'))
    with pytest.raises(WrongFile, match="line 1 has more than 64 cells"):
        put(workbook(["7", "Россия", 1.75, *[None] * 70, "x"]))
    with pytest.raises(WrongFile, match="line 1 has more than 64 cells"):
        put("7,Россия,1.75," + "," * 70 + "x\n7495,Москва,0.45\n")


@pytest.mark.parametrize("coding", ["cp866", "koi8-r", "mac_cyrillic"])
def test_an_encoding_that_is_another_one_is_named(put: Callable[..., DeckImport], coding: str) -> None:
    with pytest.raises(WrongFile, match=f"the letters read as {coding}"):
        put("7;Россия;1,75\n7495;Москва городской;0,45\n".encode(coding))


def test_western_letters_are_no_russian_ones(put: Callable[..., DeckImport]) -> None:
    with pytest.raises(WrongFile, match="the letters read as cp1252"):
        put("239;São Tomé;5\n225;Côte Ivoire;3\n".encode("cp1252"))


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\nprefix;destination;per_minute\n7;Россия;1,75\n",
        "\ufeffsep=;\r\n7;Россия;1,75\r\n",
        "Прайс-лист оператора\nprefix;destination;per_minute\n7;Россия;1,75\n",
        "Carrier X;;\nВ рублях, 60/60;;\n;;\nprefix;destination;per_minute\n7;Россия;1,75\n",
        "\u00a07\u200b;\u00a0Россия ;\u00a01,75\u200b\n7495;Москва;0,45\n",
    ],
)
def test_what_offices_put_around_a_list_is_no_part_of_it(
    put: Callable[..., DeckImport], ports: Ports, text: str
) -> None:
    put(text)
    assert prices(ports.rates.table("k5"))["7"] == "1.75"


# --- asked first


def test_a_list_that_drops_more_than_a_tenth_stops_and_says_how_to_go_on(
    put: Callable[..., DeckImport], ports: Ports
) -> None:
    put(IN_FORCE)
    shorter = "".join(IN_FORCE.splitlines(keepends=True)[:-3])
    with pytest.raises(DeckStopped, match=r"3 of 20 prices in force are not in the list \(--replace"):
        put(shorter, effective=date(2026, 12, 2))
    assert len(ports.rates.table("k5")) == 20
    two_less = "".join(IN_FORCE.splitlines(keepends=True)[:-2])
    assert put(two_less, effective=date(2026, 12, 2)).version
    assert put(shorter, effective=date(2026, 12, 3), replace=True).version


def test_a_list_that_makes_a_quarter_dearer_stops(put: Callable[..., DeckImport]) -> None:
    put(IN_FORCE)
    dearer = IN_FORCE.replace("1.00", "1.01", 5)
    with pytest.raises(DeckStopped, match="5 of 20 prices in force become dearer"):
        put(dearer, effective=date(2026, 12, 2))
    assert put(IN_FORCE.replace("1.00", "1.01", 4), effective=date(2026, 12, 2)).version
    assert put(dearer, effective=date(2026, 12, 3), replace=True).version


def test_the_same_file_again_is_not_asked_about(put: Callable[..., DeckImport]) -> None:
    put(IN_FORCE)
    dearer = IN_FORCE.replace("1.00", "2.00")
    put(dearer, effective=date(2026, 12, 1), replace=True)
    assert put(dearer, effective=date(2026, 12, 1)).is_known


def test_another_currency_is_asked_about(put: Callable[..., DeckImport]) -> None:
    put(IN_FORCE)
    with pytest.raises(DeckStopped, match="the prices in force are in RUB, the list's in KGS"):
        put(IN_FORCE.replace("RUB", "KGS"), effective=date(2026, 12, 2))


@pytest.mark.parametrize("reference", ["the list in force", "what K5 sells by", "nothing"])
def test_prices_of_no_named_currency_that_cannot_be_roubles_are_asked_about(
    put: Callable[..., DeckImport], reference: str
) -> None:
    name = "k5" if reference == "the list in force" else "carrier"
    if reference != "nothing":
        put("7,Россия,1.75,RUB\n7495,Москва,0.45,RUB\n")
    dollars = "7,Russia,0.0195\n7495,Russia Moscow,0.0052\n"
    with pytest.raises(DeckStopped, match="no currency is named"):
        put(dollars, name=name, effective=date(2026, 12, 2))
    assert put(dollars, name=name, effective=date(2026, 12, 2), currency="RUB").version


def test_a_price_of_nothing_wants_a_word(put: Callable[..., DeckImport], ports: Ports) -> None:
    put("7,Россия,1.75\n7800,Бесплатный номер,0\n", allow_free=True)
    assert ports.rates.table("k5").find("78001234567").per_minute.micro == 0


# --- closed ranges


def test_a_blocked_row_closes_a_range_under_a_shorter_price(
    put: Callable[..., DeckImport], ports: Ports, tmp_path: Path
) -> None:
    put("7,Россия,1.75\n7940,Абхазия мобильный,blocked\n79401,Абхазия открытая,9.00\n")
    table = ports.rates.table("k5")
    with pytest.raises(DirectionBlocked, match="closes Абхазия мобильный"):
        table.find("79407123456")
    assert str(table.find("79401123456").per_minute) == "9.00"
    out = io.StringIO()
    export_deck(ports, "k5", out)
    assert "7940,Абхазия мобильный,blocked,RUB" in out.getvalue()
    again = put(out.getvalue(), effective=date(2026, 12, 2))
    assert (again.difference.same, again.difference.changed) == (3, ())


# --- a notice of changes


def test_a_notice_of_changes_leaves_the_rest_now_and_later(
    put: Callable[..., DeckImport], ports: Ports, clock: Clock
) -> None:
    heading = "prefix,destination,per_minute,currency,effective_from\n"
    put(
        f"{heading}7,Россия,1.69,RUB,\n7495,Москва,0.45,RUB,\n7812,Питер,0.65,RUB,\n7812,Питер,0.70,RUB,2027-01-01\n"
        "7343,Урал,0.52,RUB,\n7343,Урал,0.60,RUB,2027-01-01\n"
    )
    notice = f"{heading}7495,Москва,0.50,RUB,2026-12-15\n7499,Москва,0.50,RUB,\n7343,Урал,0.55,RUB,\n"
    done = put(notice, effective=date(2026, 12, 5), changes=True, replace=True)
    assert (len(done.difference.gone), done.later, done.kept) == (0, 1, 1)
    expected = {
        datetime(2026, 12, 4, 20, 0, tzinfo=UTC): {"7": "1.69", "7495": "0.45", "7812": "0.65", "7343": "0.52"},
        datetime(2026, 12, 5, 9, 0, tzinfo=UTC): {"7495": "0.45", "7499": "0.50", "7812": "0.65", "7343": "0.55"},
        datetime(2026, 12, 15, 9, 0, tzinfo=UTC): {"7495": "0.50", "7499": "0.50", "7812": "0.65", "7": "1.69"},
        datetime(2027, 1, 1, 9, 0, tzinfo=UTC): {"7812": "0.70", "7343": "0.55", "7495": "0.50"},
    }
    for moment, wanted in expected.items():
        clock.now = moment
        found = prices(ports.rates.table("k5"))
        assert {prefix: found.get(prefix) for prefix in wanted} == wanted, moment


def test_a_notice_of_changes_to_nothing_is_refused(put: Callable[..., DeckImport]) -> None:
    with pytest.raises(NoDeck):
        put("7,Россия,1.75\n", changes=True)
