"""Cells of a price list become prefixes, prices and days; what has two readings is refused with its own words."""

import pytest

from k5web.domain.prices.deck_cells import WrongCell, parse_prefixes


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("7495", ["7495"]),
        ("+7495", ["7495"]),
        ("7495;7499", ["7495", "7499"]),
        (" 7495 ; 7499 ;", ["7495", "7499"]),
        ("7495,7499", ["7495", "7499"]),
        ("78632-78635", ["78632", "78633", "78634", "78635"]),
        ("78632 \u2013 78633", ["78632", "78633"]),
        ("783141-3; 783146", ["783141", "783142", "783143", "783146"]),  # as price lists print it (D4)
        ("7846300-4", [f"784630{digit}" for digit in range(5)]),
        ("7495-7495", ["7495"]),
    ],
)
def test_several_prefixes_and_ranges_stand_in_one_cell(cell: str, expected: list[str]) -> None:
    assert parse_prefixes(cell) == expected


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("", "prefix is empty"),
        (";", "prefix is empty"),
        ("07495", "write 7495"),
        ("7 495", "not digits"),
        ("749x", "not digits"),
        ("7495.7499", "not digits"),  # a spreadsheet that took two prefixes for a number with a fraction
        ("٧٤٩٥", "not digits"),
        ("７４９５", "not digits"),
        ("7" * 16, "not digits"),
        ("-7495", "not digits"),
        ("7495-", "not digits"),
        ("7495-7499-7500", "not digits"),
        ("78635-78632", "runs backwards"),
        ("7-7495", "runs backwards or changes its length"),
        ("783143-1", "runs backwards"),
        ("70000-79999", None),
        ("700000-799999", "more than 10000 prefixes"),
        ("100000000000000-199999999999999", "more than 10000 prefixes"),
        ("7495;7499;7495", "prefix 7495 stands twice"),
        ("78632-78635;78634", "prefix 78634 stands twice"),
        ("=7495", "not digits"),
        # a part of a list stands for itself: 499 is Germany's, 39 Italy's, 16 a part of North America
        ("7495,499,498", "'499' after 7495 may mean 7499"),
        ("6138,39", "'39' after 6138 may mean 6139"),
        ("35387,86,85", "'86' after 35387 may mean 35386"),
        ("4915,16,17", "'16' after 4915 may mean 4916"),
        ("7846300-4;79", "'79' after 7846300-4"),
        # a range never leaves its country code: the dash parts code and area
        ("52-55", "leaves the country code 52"),
        ("44-7", "leaves the country code 44: if 447 is meant"),
        ("880-1", "if 8801 is meant"),
        ("972-5", "if 9725 is meant"),
        ("212-6", "if 2126 is meant"),
        ("7-495", "if 7495 is meant"),
        ("49-30", "if 4930 is meant"),
        ("1-876", "if 1876 is meant"),
        ("7,49512E+11", "a spreadsheet shortened"),
        ("7.49512E+11", "a spreadsheet shortened"),
        ("0049", "begins as it is dialled: write 49"),
        ("011420", "begins as it is dialled: write 420"),
        ("7495\x00", "not digits"),
    ],
)
def test_a_wrong_prefix_has_its_own_words(cell: str, reason: str | None) -> None:
    if reason is None:
        assert len(parse_prefixes(cell)) == 10_000
        return
    with pytest.raises(WrongCell, match=reason):
        parse_prefixes(cell)
