"""Carriers' own columns become K5's, by a mapping file; what it does not say is refused, never guessed."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from k5web.domain.prices.rating import Rate
from k5web.errors import DirectionBlocked, WrongDeck, WrongFile
from k5web.services.ports import Ports
from k5web.services.prices.deck_publishing import ImportOptions
from k5web.services.prices.ratedecks import import_deck
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.fakes.doors import open_doors
from tests.services.prices.decks import workbook

DAY = date(2026, 12, 1)

Put = Callable[..., dict[str, Rate]]


@pytest.fixture
def ports(sessions: Sessions, clock: Clock) -> Ports:
    return open_doors(sessions, clock)


@pytest.fixture
def put(ports: Ports, tmp_path: Path) -> Put:
    """Import a file by a mapping, and return the list by its prefixes."""

    def importing(content: str | bytes, mapping: str, name: str = "carrier", **options: object) -> dict[str, Rate]:
        (tmp_path / "list.csv").write_bytes(content.encode() if isinstance(content, str) else content)
        (tmp_path / "carrier.toml").write_text(mapping)
        chosen = ImportOptions(mapping=tmp_path / "carrier.toml", **options)  # type: ignore[arg-type]
        import_deck(ports, tmp_path / "list.csv", name, DAY, options=chosen)
        return {rate.prefix: rate for rate in ports.rates.table(name).rates()}

    return importing


def terms(rate: Rate) -> tuple[str, int, int, str]:
    return str(rate.per_minute), rate.minimum_s, rate.increment_s, str(rate.connect_fee or "0.00")


def test_a_title_block_and_columns_of_other_names(put: Put) -> None:
    """As carriers send it: words above the heading, codes in the second column, billing as 60/60."""
    found = put(
        "Carrier X Ltd - price list\nValid from 01.12.2026; RUB\n;\nCountry;Code;Rate;Billing;Effective date\n"
        "Russia;7;1,75;60/60;01.12.2026\nRussia Moscow;7495;0,45;30/6;01.12.2026\n",
        """
heading = 4
currency = "RUB"
dates = "day.month.year"
[columns]
destination = "Country"
prefix = "Code"
per_minute = "Rate"
billing = "Billing"
effective_from = "Effective date"
""",
    )
    assert terms(found["7"]) == ("1.75", 60, 60, "0.00")
    assert terms(found["7495"]) == ("0.45", 30, 6, "0.00")


def test_an_export_of_a_billing_program(put: Put) -> None:
    """Codes, connection cost, cost of a minute and step in columns of their own names."""
    found = put(
        '"Code","Prepend","Destination","Connect Cost","Included Seconds","Per Minute Cost","Increment","Precedence"\n'
        '7,00,"RUSSIA",0,0,1.75,60,0\n33,00,"FRANCE",5,0,1.00,1,0\n',
        """
currency = "RUB"
[columns]
prefix = "Code"
destination = "Destination"
connect_fee = "Connect Cost"
per_minute = "Per Minute Cost"
increment_s = "Increment"
""",
    )
    assert terms(found["7"]) == ("1.75", 60, 60, "0.00")
    assert terms(found["33"]) == ("1.00", 60, 1, "5.00")


def test_country_codes_and_area_codes_stand_apart(put: Put) -> None:
    found = put(
        'CC,Areas,Name,Rate\n7,"495,499",Moscow,0.45\n7,,Russia,1.75\n1,876;658,Jamaica,20.00\n',
        """
currency = "RUB"
[columns]
country_code = "CC"
area_codes = "Areas"
destination = "Name"
per_minute = "Rate"
""",
    )
    assert sorted(found) == ["1658", "1876", "7", "7495", "7499"]


def test_tails_of_codes_are_read_where_the_mapping_says_so(put: Put) -> None:
    mapping = '{codes}currency = "RUB"\n[columns]\nprefix = 1\ndestination = 2\nper_minute = 3\n'
    text = '"7495,499,498",Moscow,0.45\n"35387,86,85",Ireland mobile,5.00\n'
    with pytest.raises(WrongDeck):
        put(text, "heading = 0\n" + mapping.format(codes=""))
    found = put(text, "heading = 0\n" + mapping.format(codes='codes = "tails"\n'))
    assert sorted(found) == ["35385", "35386", "35387", "7495", "7498", "7499"]


def test_prices_a_second_and_in_a_foreign_currency_become_costs(put: Put) -> None:
    mapping = """
currency = "USD"
per = "second"
block_words = ["n/a"]
[cost]
currency = "RUB"
rate = "92.5031"
date = 2026-12-01
[columns]
prefix = "Code"
destination = "Name"
per_minute = "Rate"
"""
    text = "Code,Name,Rate\n7,Russia,0.000325\n2392,Sao Tome special,N/A\n"
    found = put(text, mapping)
    assert terms(found["7"]) == ("1.80381", 60, 60, "0.00")  # 0.000325 · 60 · 92.5031 = 1.80381045
    assert found["2392"].is_blocked
    with pytest.raises(WrongFile, match="is what K5 sells by"):
        put(text, mapping, name="k5")


def test_thousands_and_the_decimal_sign_are_as_the_mapping_says(put: Put) -> None:
    text = "Code;Name;Rate\n8816;Iridium;1.234,50\n870;Inmarsat;1 500,00\n7;Russia;1,750\n"
    mapping = 'decimal = ","\ncurrency = "RUB"\n[columns]\nprefix = "Code"\ndestination = "Name"\nper_minute = "Rate"\n'
    found = put(text, mapping)
    assert [str(found[prefix].per_minute) for prefix in ("8816", "870", "7")] == ["1234.50", "1500.00", "1.75"]


def test_a_sheet_of_several_and_an_encoding_are_as_the_mapping_says(put: Put) -> None:
    columns = '[columns]\nprefix = "prefix"\ndestination = "destination"\nper_minute = "per_minute"\n'
    rows: list[list[object]] = [["prefix", "destination", "per_minute"], ["7", "Россия", 1.75]]
    found = put(workbook(*rows, sheets=2), f'sheet = "Sheet1"\ncurrency = "RUB"\n{columns}')
    assert list(found) == ["7"]
    text = "prefix;destination;per_minute\n7;Россия;1,80\n".encode("cp866")
    assert put(text, f'encoding = "cp866"\ncurrency = "RUB"\n{columns}', replace=True)["7"].destination == "Россия"


@pytest.mark.parametrize(
    ("mapping", "reason"),
    [
        ("colums = {}", "did you mean columns"),
        ('[columns]\nprefx = "a"\ndestination = "b"\nper_minute = "c"', "did you mean prefix"),
        ('[columns]\nprefix = "a"\ndestination = "b"', "columns.per_minute is missing"),
        ('[columns]\nprefix = "a"\ndestination = "b"\nper_minute = "z"', "column 'z' 0 times; it has a, b, c"),
        ('heading = 0\n[columns]\nprefix = "a"\ndestination = 2\nper_minute = 3', "the columns are numbers"),
        ("[columns]\nprefix = 0\ndestination = 2\nper_minute = 3", "counted from 1"),
        ('per = "hour"\n[columns]\nprefix = 1\ndestination = 2\nper_minute = 3', "hour"),
        ("x = \ny = 1", "line 1"),
        (
            '[columns]\nprefix = 1\ndestination = 2\nper_minute = 3\n[cost]\ncurrency = "RUB"\nrate = "9"\n'
            "date = 2026-12-01",
            "currency is missing",
        ),
        (
            'currency = "USD"\n[columns]\nprefix = 1\ndestination = 2\nper_minute = 3\n[cost]\ncurrency = "RUB"\n'
            'rate = "0"\ndate = 2026-12-01',
            "cost.rate is a text",
        ),
        ('sheet = "Rates"\nheading = 9\n[columns]\nprefix = 1\ndestination = 2\nper_minute = 3', "line 9 is to be"),
    ],
)
def test_a_wrong_mapping_is_named_with_what_was_meant(put: Put, mapping: str, reason: str) -> None:
    with pytest.raises(WrongFile) as refused:
        put("a,b,c\n7,Russia,1.75\n", mapping)
    assert reason in str(refused.value)


@pytest.mark.parametrize("price", ["dear", "1_000", "٣", "1e3", "NaN"])
def test_a_row_that_the_mapping_cannot_read_is_refused_by_its_line(put: Put, price: str) -> None:
    mapping = 'per = "second"\ncurrency = "RUB"\n[columns]\nprefix = "a"\ndestination = "b"\nper_minute = "c"\n'
    with pytest.raises(WrongDeck) as refused:
        put(f"a,b,c\n7,Russia,0.02\n7495,Moscow,{price}\n", mapping)
    rejected = refused.value.facts["rejected"]
    assert isinstance(rejected, tuple)
    [row] = rejected
    assert (row.line, f"'{price}' " in row.reason) == (3, True)


def test_a_blocked_carrier_row_leaves_the_carrier_out(put: Put, ports: Ports) -> None:
    put(
        "7,Russia,1.75\n7940,Abkhazia,-\n",
        'heading = 0\nblock_words = ["-"]\n[columns]\nprefix = 1\ndestination = 2\nper_minute = 3\n',
    )
    with pytest.raises(DirectionBlocked):
        ports.rates.table("carrier").find("79407123456")
