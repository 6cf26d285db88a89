"""Price lists as files: every spelling is read, what is no list or unsound is refused by row with a cure.
Promises: S23.
"""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path

import pytest

from k5web.errors import WrongDeck, WrongFile
from k5web.services.ports import Ports
from k5web.services.prices import deckfiles, ratedecks
from k5web.services.prices.ratedecks import DeckImport
from tests.services.prices.decks import prices, rejected, resaved, workbook

PLAIN = "7495,Москва,0.45\n79,Россия мобильный,1.75\n"


@pytest.mark.parametrize("part", ["xl/styles.xml", "docProps/core.xml", "xl/_rels/workbook.xml.rels"])
def test_a_part_that_would_fill_the_memory_is_refused_unread(put: Callable[..., DeckImport], part: str) -> None:
    """A zip of a few kilobytes holds megabytes of styles, and openpyxl makes a hundredfold of them."""
    changed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(THREE_ROWS)) as before,
        zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for entry in before.infolist():
            padding = b" " * deckfiles.LARGEST_PART if entry.filename == part else b""
            after.writestr(entry.filename, before.read(entry) + padding)
    assert len(changed.getvalue()) < 20_000
    with pytest.raises(WrongFile, match=f"list.csv: {part} is larger than 1024 KB unpacked"):
        put(changed.getvalue())


FILES = {
    "plain": PLAIN.encode(),
    "with the mark": PLAIN.encode("utf-8-sig"),
    "windows": PLAIN.encode("cp1251"),
    "crlf": PLAIN.replace("\n", "\r\n").encode(),
    "old mac": PLAIN.replace("\n", "\r").encode(),
    "semicolon and comma": "7495;Москва;0,45\n79;Россия мобильный;1,75\n".encode("cp1251"),
    "semicolon, comma, all columns": (
        "7495;Москва;0,45;RUB;60;60;3;0,00;\n79;Россия мобильный;1,75;RUB;60;60;3;0,00;\n".encode("cp1251")
    ),
    "tabs": "7495\tМосква\t0.45\r\n79\tРоссия мобильный\t1,75\r\n".encode(),
    "heading": f"prefix,destination,per_minute\n{PLAIN}".encode(),
    "heading in another order": "per_minute;prefix;destination\n0,45;7495;Москва\n1,75;79;Россия мобильный\n".encode(),
    "quotes": '"7495","Москва","0.45"\n"79","Россия мобильный","1,75"'.encode(),
    "blank lines": f"\n\n{PLAIN}\n\n".encode(),
    "xlsx of texts": workbook(["7495", "Москва", "0,45"], ["79", "Россия мобильный", "1.75"]),
    "xlsx of numbers": workbook(
        ["prefix", "destination", "per_minute"], [7495, "Москва", 0.45], [79.0, "Россия мобильный", 1.75]
    ),
    "xlsx with gaps": workbook([], [7495, "Москва", 0.45, None, None], [None], [79, "Россия мобильный", 1.75]),
}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES.keys())
def test_a_list_is_read_in_every_spelling(put: Callable[..., DeckImport], ports: Ports, content: bytes) -> None:
    """A5."""
    done = put(content)
    assert done.version is not None
    assert done.version.row_count == 2
    table = ports.rates.table("k5")
    assert prices(table) == {"7495": "0.45", "79": "1.75"}
    assert {rate.destination for rate in table.rates()} == {"Москва", "Россия мобильный"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"7495;7499",Москва,0.45\n', {"7495": "0.45", "7499": "0.45"}),
        ("7495;7496;7499,Москва,0.45\n7497;7498;7494,Центр,0.50\n", None),  # cells apart by comma, prefixes by ;
        ('"7495;7499";Москва;0,45\n', {"7495": "0.45", "7499": "0.45"}),
        ('7495;"Москва, Центр";0,45\n', {"7495": "0.45"}),
        ("78632-78633\tРостов\t3,00\n", {"78632": "3.00", "78633": "3.00"}),
    ],
)
def test_the_delimiter_is_the_one_that_makes_sense(
    put: Callable[..., DeckImport], ports: Ports, text: str, expected: dict[str, str] | None
) -> None:
    put(text)
    found = prices(ports.rates.table("k5"))
    assert found == expected if expected else set(found) == {"7494", "7495", "7496", "7497", "7498", "7499"}


WRONG_FILES = {
    "empty": (b"", "the file is empty"),
    "blank": (b" \n\r\n ", "the file is empty"),
    "picture": (b"\x89PNG\r\n\x1a\n\x00\x00", "no text"),
    "zeros": (b"\x00" * 5_000, "no text"),
    "utf-16": (PLAIN.encode("utf-16"), "UTF-16"),
    "old excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "save it as .xlsx"),
    "no encoding": (b"7495,\x98\xff,0.45\n", "neither UTF-8 nor Windows-1251"),
    "one column": (b"7495\n79\n", "no columns"),
    "prose": ("Уважаемые партнёры!\nЦены прежние.\n".encode(), "no columns"),
    "open quotes": ('7495,"Москва,0.45\n79,Россия,1.75\n'.encode(), "line 1 is damaged"),
    "broken quotes": ('7495,Москва,0.45\n79,"Рос"сия,1.75\n'.encode(), "line 2 is damaged"),
    "heading only": (b"prefix,destination,per_minute\n", "holds no prices"),
    "zip": (b"PK\x03\x04" + b"\x00" * 100, "no sound XLSX"),
    "empty workbook": (workbook(), "no sheet has rows"),
    "two sheets": (workbook(["7495", "Москва", "0.45"], sheets=2), "2 sheets have rows"),
}


@pytest.mark.parametrize(("content", "reason"), WRONG_FILES.values(), ids=WRONG_FILES.keys())
def test_a_file_that_is_no_list_has_its_own_words(
    put: Callable[..., DeckImport], ports: Ports, content: bytes, reason: str
) -> None:
    with pytest.raises(WrongFile, match=reason):
        put(content)
    assert ratedecks.versions(ports) == []


THREE_ROWS = workbook(["7495", "Москва", 0.45], ["7499", "Москва", 0.55], ["79", "Россия мобильный", 1.75])
MEND = "open the file in a spreadsheet program, look at that row and save the file"
OUT_OF_ORDER = {
    "a row goes back": ('<row r="3"', '<row r="1"', "row 1 comes after row 2"),
    "a row comes twice": ('<row r="3"', '<row r="2"', "row 2 comes after row 2"),
    "a row has number 0": ('<row r="1"', '<row r="0"', "row 0 comes after row 0"),
    "a row below zero": ('<row r="1"', '<row r="-4"', "row -4 comes after row 0"),
    "a price left of its words": ('r="C2"', 'r="A2"', "cell A2 is out of its place in row 2"),
    "a cell twice": ('r="C2"', 'r="B2"', "cell B2 is out of its place in row 2"),
    "a cell of another row": ('r="C2"', 'r="C3"', "cell C3 is out of its place in row 2"),
    "words right of the price": ('r="B2"', 'r="D2"', "cell C2 is out of its place in row 2"),
    "a formula as openpyxl writes it": ("<v>0.55</v>", "<f>C1+0.1</f><v />", "cell C2 has a formula and not its value"),
    "a number as Python writes it": (
        "<v>0.55</v>",
        "<v>1_000</v>",
        "cell 'C2' in row 2 holds '1_000', which is no number",
    ),
    "digits of another script": ("<v>0.55</v>", "<v>٣</v>", "cell 'C2' in row 2 holds '٣', which is no number"),
    "no number at all": ("<v>0.55</v>", "<v>NaN</v>", "cell 'C2' in row 2 holds 'NaN', which is no number"),
    "too large a number": ("<v>0.55</v>", "<v>1e999</v>", "cell 'C2' in row 2 holds '1e999', which is too large"),
    "a text before the first": ('t="n"><v>0.55<', 't="s"><v>-1<', "cell 'C2' in row 2 holds '-1', which is no number"),
    "a text after the last": ('t="n"><v>0.55<', 't="s"><v>99<', "cell 'C2' in row 2 is text '99' of [0-9]+"),
    "a cell in a cell": ("<v>0.55</v>", '<c r="C2"><v>0.7</v></c>', "cell 'C2' in row 2 holds more than one value"),
    "two values": ("<v>0.55</v>", "<v>0.55</v><v>0.7</v>", "cell 'C2' in row 2 holds more than one value"),
    "a value in a value": ("<v>0.55</v>", "<v>0<v>.7</v></v>", "cell 'C2' in row 2 holds more than one value"),
    "a value that is no text": ('t="n"><v>0.55<', 't="inlineStr"><v>0.55<', "cell 'C2' in row 2 is of no kind that is"),
    "an unknown kind": ('t="n"><v>0.55<', 't="z"><v>0.55<', "cell 'C2' in row 2 is of no kind that is known"),
    "a place of another script": ('r="C2"', 'r="C٢"', "cell 'C٢' in row 2 has no place"),
    "a row of another script": ('<row r="2"', '<row r="٢"', "the row after row 1 has the number '٢'"),
    "something between the cells": (
        '<c r="C2" ',
        '<k r="C2"/><c r="C2" ',
        "the row after row 1 holds something that is no cell",
    ),
    "a formula that nobody computed": ("<v>0.55</v>", "<f>C1+0.1</f>", "cell C2 has a formula and not its value"),
}


@pytest.mark.parametrize(("old", "new", "said"), OUT_OF_ORDER.values(), ids=OUT_OF_ORDER.keys())
def test_a_workbook_out_of_order_is_refused_with_its_row_and_the_cure(
    put: Callable[..., DeckImport], ports: Ports, old: str, new: str, said: str
) -> None:
    """The library drops such rows and cells without a word, so a price of three would be two, or another one."""
    with pytest.raises(WrongFile, match=rf"list.csv: {said}.*: {MEND}"):
        put(resaved(THREE_ROWS, old, new))
    assert ratedecks.versions(ports) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<v>0.55</v>", "<f>C1+0.1</f><v>0.55</v>"),
        ("<v>0.55</v>", "<v>5.5E-1</v>"),
        (' r="C2"', ""),  # without its place it is the next one
        ('<row r="2"', "<row"),
        ('<row r="3"', '<row r="300"'),  # nothing between them
    ],
)
def test_a_workbook_in_order_is_read_whole(put: Callable[..., DeckImport], ports: Ports, old: str, new: str) -> None:
    content = THREE_ROWS if old != '<row r="3"' else resaved(THREE_ROWS, 'r="A3"', 'r="A300"')
    for column in "BC" if old == '<row r="3"' else "":
        content = resaved(content, f'r="{column}3"', f'r="{column}300"')
    put(resaved(content, old, new))
    assert prices(ports.rates.table("k5")) == {"7495": "0.45", "7499": "0.55", "79": "1.75"}


def test_a_workbook_with_two_sheets_of_one_name_is_refused() -> None:
    """The wanted one would be the first of them, whatever the second says."""
    content = workbook(["7495", "Москва", "0.45"], sheets=2)
    book = zipfile.ZipFile(io.BytesIO(content)).read("xl/workbook.xml").decode()
    first, second = re.findall(r'<sheet [^>]*name="([^"]+)"', book)
    one_name = resaved(content, f'name="{second}"', f'name="{first}"', "xl/workbook.xml")
    for sheet in (None, first):
        with pytest.raises(WrongFile, match=f"two sheets are called '{first}'"):
            list(deckfiles.read_rows("one.xlsx", one_name, deckfiles.Layout(sheet=sheet)))


def test_a_workbook_with_two_parts_of_one_name_is_refused() -> None:
    doubled = io.BytesIO(THREE_ROWS)
    with zipfile.ZipFile(doubled, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("xl/worksheets/sheet1.xml", archive.read("xl/worksheets/sheet1.xml"))
    with pytest.raises(WrongFile, match="in it twice: save it anew"):
        list(deckfiles.read_rows("twice.xlsx", doubled.getvalue()))


def test_a_workbook_cut_short_anywhere_is_refused_as_unsound() -> None:
    whole = workbook(["7495", "Москва", "0.45"])
    for length in range(4, len(whole) - 1, 97):
        with pytest.raises(WrongFile, match="no sound XLSX"):
            list(deckfiles.read_rows("cut.xlsx", whole[:length]))


def test_a_bomb_and_a_huge_file_are_refused_before_they_are_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"\x00" * 3_000_000)
    monkeypatch.setattr(deckfiles, "LARGEST_SHEET", 2_000_000)
    with pytest.raises(WrongFile, match="unpacked the file is larger"):
        list(deckfiles.read_rows("bomb.xlsx", packed.getvalue()))
    monkeypatch.setattr(deckfiles, "LARGEST_FILE", 1024 * 1024)
    (tmp_path / "huge.csv").write_bytes(b"7" * (1024 * 1024 + 1))
    with pytest.raises(WrongFile, match="larger than 1 MB"):
        deckfiles.read_bytes(tmp_path / "huge.csv")


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    for path, reason in ((tmp_path / "none.csv", "no such file"), (tmp_path, "is a directory")):
        with pytest.raises(WrongFile, match=reason):
            deckfiles.read_bytes(path)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (7495, "7495"),
        (79161234567, "79161234567"),
        (7495.0, "7495"),
        (0.45, "0.45"),
        (1e-06, "0.000001"),
        (1e-07, "0.0000001"),
        (0.1 + 0.2, "0.30000000000000004"),
        (1e22, "10000000000000000000000"),
        (float("nan"), "NaN"),
        (True, "TRUE"),
        ("7495;7499", "7495;7499"),
        (datetime(2026, 12, 24), "2026-12-24"),  # noqa: DTZ001
        (datetime(2026, 12, 24, 10, 30), "2026-12-24 10:30:00"),  # noqa: DTZ001
        (date(2026, 12, 24), "2026-12-24"),
        (time(0, 45), "00:45:00"),
    ],
)
def test_a_spreadsheet_s_cell_keeps_every_digit_it_has(value: object, text: str) -> None:
    assert deckfiles.cell_text(value) == text


def test_cells_that_a_spreadsheet_spoiled_are_rejected_each_with_its_line(put: Callable[..., DeckImport]) -> None:
    content = workbook(
        ["prefix", "destination", "per_minute", "effective_from"],
        [7495, "Москва", 0.3],
        [7495.7499, "Москва", 0.45],
        [7499, "Москва", True],
        [7343, "Урал", 0.52, datetime(2026, 12, 24, 10, 30)],  # noqa: DTZ001
        [7861, "Краснодар", -0.91],
    )
    with pytest.raises(WrongDeck) as refused:
        put(resaved(content, "<v>0.3</v>", "<v>0.30000000000000004</v>"))  # as Excel keeps =0.1+0.2
    assert [(row.line, row.reason[:34]) for row in rejected(refused)] == [
        (2, "per_minute '0.30000000000000004' h"),
        (3, "prefix '7495.7499' is not digits l"),
        (4, "per_minute 'TRUE' is not a price: "),
        (5, "effective_from '2026-12-24 10:30:0"),
        (6, "per_minute '-0.91' is negative"),
    ]
