"""The price list as people read it: by name, by number, page by page (A5)."""

from collections.abc import Callable

import pytest

from k5web.domain.money import Price
from k5web.domain.prices.rating import Rate, RateTable
from k5web.domain.prices.tariff import TariffList, TariffPage, country_code, fold

ROWS = [
    ("7", "Россия городской", "1.69"),
    ("79", "Россия мобильный", "1.75"),
    ("7916", "Россия мобильный", "1.75"),
    ("7926", "Россия мобильный", "1.90"),
    ("7495", "Москва городской", "0.45"),
    ("7499", "Москва городской", "0.45"),
    ("7343", "Екатеринбург городской", "0.52"),
    ("77172", "Астана городской", "0.26"),
    ("996", "Кыргызстан", "3.00"),
    ("996555", "Кыргызстан Мегаком", "2.80"),
    ("44", "Великобритания", "0.60"),
    ("354", "Исландия «Ёж»", "1.10"),
]
TARIFFS = TariffList(RateTable("k5", 1, [Rate(p, name, Price.parse(price)) for p, name, price in ROWS]))


def names(page: TariffPage) -> list[str]:
    return [row.destination for row in page.rows]


def test_rows_of_one_destination_and_price_are_one_line_with_their_prefixes() -> None:
    page = TARIFFS.by_name("москва", "", 25)
    assert [(row.key, row.prefixes, str(row.per_minute)) for row in page.rows] == [("7495", ("7495", "7499"), "0.45")]
    mobile = TARIFFS.by_name("россия моб", "", 25)
    assert [(row.prefixes, str(row.per_minute)) for row in mobile.rows] == [
        (("79", "7916"), "1.75"),
        (("7926",), "1.90"),
    ]


def test_other_steps_make_another_line() -> None:
    rates = [Rate("71", "Россия", Price(10)), Rate("72", "Россия", Price(10), increment_s=1)]
    assert len(TariffList(RateTable("k5", 1, rates))) == 2


def test_search_by_name_heeds_neither_case_nor_yo_and_takes_words_in_any_order() -> None:
    for text in ("МЕГАКОМ", "мегаком кыргыз", "  Кыргызстан   мега "):
        assert names(TARIFFS.by_name(text, "", 25)) == ["Кыргызстан Мегаком"]
    assert names(TARIFFS.by_name("еж", "", 25)) == names(TARIFFS.by_name("ЁЖ", "", 25)) == ["Исландия «Ёж»"]
    assert names(TARIFFS.by_name("Атлантида", "", 25)) == []
    assert fold(" Ёлка  И\u00a0Ко ") == "елка и ко"


def test_nothing_typed_lists_everything_by_prefix() -> None:
    page = TARIFFS.by_name("", "", 25)
    assert [row.key for row in page.rows] == sorted(row.key for row in page.rows)
    assert len(page.rows) == len(TARIFFS) == 10
    assert page.next_after is None


def by_name(after: str) -> TariffPage:
    return TARIFFS.by_name("", after, 3)


def by_digits(after: str) -> TariffPage:
    return TARIFFS.by_digits("74951234567", after, 2)


@pytest.mark.parametrize(("ask", "rows"), [(by_name, 10), (by_digits, 5)])
def test_pages_by_key_show_every_row_once(ask: Callable[[str], TariffPage], rows: int) -> None:
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = ask(after)
        seen += [row.key for row in page.rows]
        after = page.next_after
    assert len(seen) == len(set(seen)) == rows


def test_a_page_after_a_key_that_is_gone_still_goes_on() -> None:
    assert names(TARIFFS.by_name("", "4400", 1)) == ["Россия городской"]
    assert names(TARIFFS.by_name("", "\U0010ffff", 5)) == []


def test_a_number_gets_its_real_price_first_then_the_rows_nearby() -> None:
    """A5: the price that the number would really get, by longest prefix."""
    page = TARIFFS.by_digits("74951234567", "", 25)
    assert page.exact is not None
    assert page.exact.prefix == "7495"
    assert "Москва городской" not in names(page)  # it is the answer itself
    assert {"Россия городской", "Астана городской"} <= set(names(page))
    assert "Великобритания" not in names(page)


def test_the_nearest_rows_come_first() -> None:
    near = names(TARIFFS.by_digits("79261112233", "", 25))
    assert near[0] == "Россия мобильный"
    assert TARIFFS.by_digits("99655", "", 25).exact == Rate("996", "Кыргызстан", Price.parse("3.00"))
    assert names(TARIFFS.by_digits("99655", "", 25)) == ["Кыргызстан Мегаком"]


def test_digits_without_a_price_show_their_country_s_rows_or_none() -> None:
    assert TARIFFS.by_digits("35", "", 25).exact is None
    assert TARIFFS.by_digits("0", "", 25) == TariffPage(None, (), None)
    assert [country_code(digits) for digits in ("74951", "1202", "996555", "99", "210", "4")] == [
        "7", "1", "996", "99", "210", "4",
    ]  # fmt: skip
