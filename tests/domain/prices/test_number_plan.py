"""Whose a prefix is by the numbering plan, and what a prefix dialled at home would be with its country code."""

import pytest

from k5web.domain.prices.number_plan import borrowed_ranges, country_code, home_forms, regions


@pytest.mark.parametrize(
    ("digits", "code"),
    [
        ("74951234567", "7"),
        ("7", "7"),
        ("996555", "996"),
        ("99", ""),  # a beginning of several codes
        ("35921", "359"),
        ("1876", "1"),
        ("210", ""),  # no country's
        ("0049", ""),
        ("", ""),
    ],
)
def test_digits_begin_with_the_code_of_a_country_or_of_none(digits: str, code: str) -> None:
    assert country_code(digits) == code


@pytest.mark.parametrize(
    ("prefix", "owners"),
    [
        ("7495", {"RU"}),
        ("77172", {"KZ"}),
        ("76", {"KZ"}),  # by the agreement of Russia and Kazakhstan
        ("996", {"KG"}),
        ("359", {"BG"}),
        ("1876", {"JM"}),
        ("1809", {"DO"}),
        ("210", set()),
        ("", set()),
    ],
)
def test_a_prefix_is_its_countrys(prefix: str, owners: set[str]) -> None:
    assert regions(prefix) == owners


def test_a_short_prefix_of_a_shared_code_is_several_countries() -> None:
    assert regions("7") == {"RU", "KZ"}
    assert {"US", "CA", "JM", "DO"} <= regions("1")


def test_north_america_is_divided_by_whole_area_codes() -> None:
    ranges = borrowed_ranges()
    assert ranges["1876"] == "JM"
    assert {len(lead) for lead in ranges if lead.startswith("1")} == {4}


@pytest.mark.parametrize(
    ("prefix", "meant"),
    [
        ("84951234567", ["74951234567", "784951234567"]),
        ("8107", ["7", "7107", "78107"]),
        ("0049", ["49"]),
        ("011420", ["420"]),
        ("495", ["7495"]),
        ("7495", []),
        ("00", []),
        ("996", ["7996"]),
        ("1876", []),
    ],
)
def test_a_prefix_as_it_is_dialled_in_russia_may_mean_another(prefix: str, meant: list[str]) -> None:
    assert list(home_forms(prefix)) == meant
