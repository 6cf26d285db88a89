"""Rows of a price list become rates; a wrong row is named by its line and its reason, and never half taken."""

from datetime import date

import pytest

from k5web.domain.money import Price
from k5web.domain.prices.deck import (
    COLUMNS,
    DECK_NAME,
    DatedRate,
    DeckTerms,
    RejectedRow,
    parse_deck,
)
from k5web.domain.prices.rating import Rate

DAY = date(2026, 12, 1)


def parse(*rows: str) -> tuple[list[DatedRate], list[RejectedRow]]:
    """Return what the rows hold, cells written apart by |."""
    deck = parse_deck([(line, row.split("|")) for line, row in enumerate(rows, start=1)], DeckTerms(DAY))
    return list(deck.rates), list(deck.rejected)


def reasons(*rows: str) -> list[tuple[int, str]]:
    return [(row.line, row.reason) for row in parse(*rows)[1]]


def prefixes(*rows: str) -> list[str]:
    rates, rejected = parse(*rows)
    assert rejected == []
    return [dated.rate.prefix for dated in rates]


def test_three_cells_are_enough_and_the_rest_has_defaults() -> None:
    rate = Rate("7495", "Москва", Price.parse("0.45"), 60, 60, 3, None)
    assert parse("7495|Москва|0,45") == ([DatedRate(rate, DAY)], [])


def test_all_columns_are_read_without_a_heading() -> None:
    rate = Rate("996", "Кыргызстан", Price(1_500_000, "KGS"), 1, 30, 5, Price(250_000, "KGS"))
    assert parse("996|Кыргызстан|1.5|KGS|1|30|5|0.25|2026-12-24") == ([DatedRate(rate, date(2026, 12, 24))], [])


def test_a_heading_sets_the_order_of_the_columns() -> None:
    rates, rejected = parse("Per_Minute| DESTINATION |prefix|increment_s", "0.45|Москва|7495|1", "0.52|Урал|7343|")
    assert rejected == []
    assert [(r.rate.prefix, str(r.rate.per_minute), r.rate.increment_s) for r in rates] == [
        ("7495", "0.45", 1),
        ("7343", "0.52", 60),
    ]


def test_blank_rows_and_trailing_blank_cells_are_nothing() -> None:
    assert prefixes("", "  | |", "7495|Москва|0.45|||||||||", "") == ["7495"]


def test_a_connect_fee_of_nothing_is_no_fee() -> None:
    assert parse("7|Россия|1|RUB|60|60|3|0.00")[0][0].rate.connect_fee is None


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("7495|Москва|", "per_minute is empty"),
        ("7495||0.45", "destination is empty"),
        ("|Москва|0.45", "prefix is empty"),
        ("7495|Москва", "per_minute is empty"),
        ("7495", "destination is empty"),
        ("7495|Москва|-0.45", "per_minute '-0.45' is negative"),
        ("7495|Москва|\u22120.45", "is negative"),
        ("7495|Москва|0.4500001", "has more than six decimals"),
        ("7495|Москва|0.30000000000000004", "has more than six decimals"),
        ("7495|Москва|NaN", "is not a number"),
        ("7495|Москва|inf", "is not a number"),
        ("7495|Москва|٠.٤٥", "has digits other than 0-9"),
        ("7495|Москва|1e2", "is not a price"),
        ("7495|Москва|1 000", "is not a price"),
        ("7495|Москва|TRUE", "is not a price"),
        ("7495|Москва|0.45 руб.", "is not a price"),
        ("7495|Москва|1.000.000", "is not a price"),
        ("7495|Москва|9999999999", "is not a price"),
        ("7495|Москва|0", "write 'blocked' to close the range"),
        ("7495|Москва|0.000", "allow free calls with --allow-free"),
        ("7495|Москва|$0.45", "the currency of '$' in a column of its own"),
        ("7495|Москва|0,45 руб.", "the currency of 'руб.' in a column of its own"),
        ("7495|Москва|0.45|RUB|60|60|3|0|46402", "a spreadsheet's number of 2027-01-15"),
        ("7495|Москва|0.45|RUB|60|60|3|0|16/08/2026", "is not a day"),
        ("7495|Москва|0.45|RUB|60|60|3|0|8/16/2026", "is not a day"),
        ("7495|Москва|0.45|RUB|60|60|3|0|01.02.27", "is not a day"),
        ("7495|Москва|0.45|RUB|60|60|3|0|15-Jan-2027", "is not a day"),
        ("7495|Москва|0.45|RUB|60|60|3|0|2027-01-15T00:00:00Z", "is not a day"),
        ("7495|Москва|0.45|USD", "currency 'USD' is not one of KGS, RUB"),
        ("7495|Москва|0.45|RUB|0", "increment_s is 0"),
        ("7495|Москва|0.45|RUB|-1", "increment_s '-1' is not a whole number"),
        ("7495|Москва|0.45|RUB|1.5", "increment_s '1.5' is not a whole number"),
        ("7495|Москва|0.45|RUB|60|x", "minimum_s 'x' is not a whole number"),
        ("7495|Москва|0.45|RUB|60|60|999999", "free_below_s '999999' is not a whole number"),
        ("7495|Москва|0.45|RUB|60|60|3|-1", "connect_fee '-1' is negative"),
        ("7495|Москва|0.45|RUB|60|60|3|0|2026-02-30", "effective_from '2026-02-30' is not a day"),
        ("7495|Москва|0.45|RUB|60|60|3|0|30.02.2026", "is not a day"),
        ("7495|Москва|0.45|RUB|60|60|3|0|tomorrow", "is not a day"),
        ("7495|Москва|0.45|RUB|60|60|3|0|2026-12-01 10:00:00", "is not a day"),
        ("7495|Москва|0.45|RUB|60|60|3|0||surplus", "10 cells, at most 9 are known"),
        ("7495|Мос\x1bква|0.45", "cannot be printed"),
        (f"7495|{'М' * 201}|0.45", "longer than 200 letters"),
    ],
)
def test_a_wrong_row_has_its_own_words(row: str, reason: str) -> None:
    [(line, found)] = reasons("7|Россия|1.75", row)
    assert line == 2
    assert reason in found


def test_every_wrong_row_is_listed_and_the_right_ones_do_not_hide_them() -> None:
    found = reasons("prefix|destination|per_minute", "7495|Москва|0.45", "x|Урал|1", "", "7343|Урал|-1", "7|Россия|1")
    assert [line for line, _ in found] == [3, 5]


def test_the_texts_of_a_refusal_are_short_and_harmless() -> None:
    [(_, reason)] = reasons(f"7495|Москва|\x1b[31m{'9' * 5000}")
    assert reason.isprintable()
    assert len(reason) < 120


@pytest.mark.parametrize("cell", ["2027-01-15", "2027/01/15", "2027-01-15 00:00:00", "15.01.2027"])
def test_a_day_with_one_reading_is_taken(cell: str) -> None:
    assert parse(f"7|Россия|1|RUB|60|60|3|0|{cell}")[0][0].starts == date(2027, 1, 15)


@pytest.mark.parametrize(
    ("prices", "rejected"),
    [
        (["1.75", "1,500"], [2]),  # fifteen hundred, beside 1.75
        (["1.75", "1.500"], []),  # one and a half, beside 1.75
        (["1,75", "1.500"], [2]),
        (["1,75", "1,500"], []),
        (["12,345", "1,500"], [1, 2]),  # nothing tells
        (["0.445", "1.125"], []),  # no thousands begin with 0
        (["1.75", "0,445"], []),
        (["1.75", "1,75", "1,500"], [3]),
    ],
)
def test_a_price_that_may_be_a_thousand_times_dearer_is_not_guessed(prices: list[str], rejected: list[int]) -> None:
    rows = [f"7{at}95|Место|{price}" for at, price in enumerate(prices, start=3)]
    assert [line for line, reason in reasons(*rows)] == rejected
    assert all("may be" in reason for _, reason in reasons(*rows))


@pytest.mark.parametrize("word", ["blocked", "Closed", " ЗАКРЫТО "])
def test_a_row_may_close_its_range(word: str) -> None:
    [open_, closed] = parse("7|Россия|1.75", f"7940|Абхазия мобильный|{word}")[0]
    assert (open_.rate.is_blocked, closed.rate.is_blocked, closed.rate.per_minute) == (False, True, Price(0))


def test_free_calls_are_allowed_by_a_word_of_the_operator() -> None:
    deck = parse_deck([(1, ["7800", "Бесплатный номер", "0"])], DeckTerms(DAY, allow_free=True))
    assert (deck.rejected, deck.rates[0].rate.is_blocked) == ((), False)


NAMES = {
    "Германия": ["DE"],
    "Россия": ["RU"],
    "США": ["US"],
    "Казахстан": ["KZ"],
    "Чехия": ["CZ"],
    "Mexico": ["MX"],
    "Jamaica": ["JM"],
}
PLACES = {"7495": ["москва"], "7812": ["санкт-петербург"]}


def proved(*rows: str) -> tuple[list[str], list[str]]:
    """Return the reasons of refusals and of doubts, where countries and places are known."""
    terms = DeckTerms(
        DAY,
        countries=lambda text: [code for name, codes in NAMES.items() if name in text for code in codes],
        places=lambda prefix: PLACES.get(prefix, []),
    )
    deck = parse_deck([(line, row.split("|")) for line, row in enumerate(rows, start=1)], terms)
    return [row.reason for row in deck.rejected], [row.reason for row in deck.doubts]


@pytest.mark.parametrize(
    ("row", "right"),
    [
        ("495|Москва|0.45", "7495"),
        ("8495|Москва|0.45", "7495"),
        ("812|Санкт-Петербург|0.65", "7812"),
        ("8812|Санкт-Петербург|0.65", "7812"),
        ("916|Россия мобильный|1.75", "7916"),
        ("8916|Россия мобильный|1.75", "7916"),
        ("81049|Германия|3", "49"),
        ("810420|Чехия|3", "420"),
        ("8107495|Москва|0.45", "7495"),
    ],
)
def test_a_prefix_as_it_is_dialled_at_home_is_refused_with_the_right_one(row: str, right: str) -> None:
    [reason] = proved(row)[0]
    assert reason.endswith(f"write {right}")


def test_rows_that_fit_the_numbering_plan_raise_no_doubt() -> None:
    rows = [
        "7|Россия, Казахстан|1",
        "7495|Москва|1",
        "495|Германия|1",
        "1|США|1",
        "84|Вьетнам|1",
        "52|Mexico|1",
        "8816|Iridium|1",
    ]
    assert proved(*rows[:3], "1876|Jamaica|20", *rows[4:]) == ([], [])


def test_a_row_of_another_country_and_a_country_without_a_row_are_shown() -> None:
    refused, doubts = proved("1|США|0.55", "4915|Mexico mobile|2", "2101|Nowhere|1")
    assert refused == []
    assert doubts[:2] == [
        "prefix 4915 is a range of DE, and the row says Mexico mobile",
        "prefix 2101 begins with no country code",
    ]
    assert "no row for +1876 (JM): its numbers would cost the price of США (1)" in doubts


def test_a_prefix_that_stands_twice_is_rejected_with_the_line_of_the_first() -> None:
    rates, rejected = parse("7495|Москва|0.45", "7499;7495|Москва|0.50", "7499|Москва|0.50")
    assert rejected == [RejectedRow(2, "prefix 7495 stands already in line 1 for 2026-12-01")]
    assert [r.rate.prefix for r in rates] == ["7495", "7499"]  # the rejected row took none of its prefixes


def test_a_prefix_may_stand_once_for_each_day() -> None:
    rates, rejected = parse(
        "7495|Москва|0.45|||||",
        "7495|Москва|0.55||||||2027-01-01",
        "7495|Москва|0.60||||||01.02.2027",
        "7495|Москва|0.65||||||2027-01-01",
    )
    assert [r.starts for r in rates] == [DAY, date(2027, 1, 1), date(2027, 2, 1)]
    assert [(row.line, "stands already in line 2" in row.reason) for row in rejected] == [(4, True)]


def test_a_day_before_the_list_s_own_counts_from_the_list_s() -> None:
    rates, rejected = parse("7495|Москва|0.45||||||2020-01-01", "7495|Москва|0.50")
    assert [r.starts for r in rates] == [DAY]
    assert [row.line for row in rejected] == [2]


def test_two_currencies_in_one_deck_are_refused() -> None:
    [(line, reason)] = reasons("7495|Москва|0.45", "996|Кыргызстан|1|KGS", "7343|Урал|1|rub")
    assert (line, reason) == (2, "currency KGS, but line 1 has RUB: one deck, one currency")


@pytest.mark.parametrize(
    ("heading", "reason"),
    [
        ("prefix|destination", "no column 'per_minute'"),
        ("code|country|price", "no column 'prefix'"),
        ("prefix|destination|per_minute|increment", "column 'increment' is unknown"),
        ("prefix|destination|per_minute|prefix", "names column 'prefix' twice"),
        ("prefix||destination|per_minute", "column '' is unknown"),
    ],
)
def test_a_wrong_heading_is_the_only_complaint(heading: str, reason: str) -> None:
    [(line, found)] = reasons(heading, "x|y|z", "7495|Москва|0.45")
    assert line == 1
    assert reason in found
    assert "effective_from" in found or "twice" in found  # the known ones are named


def test_a_list_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("k5web.domain.prices.deck.MOST_RATES", 3)
    assert reasons("71-74|Россия|1", "75|Россия|x") == [(1, "the file holds more than 3 prices")]


def test_the_columns_are_those_of_the_contract() -> None:
    names = "prefix,destination,per_minute,currency,increment_s,minimum_s,free_below_s,connect_fee,effective_from"
    assert ",".join(COLUMNS) == names


def test_a_deck_s_name_cannot_be_taken_for_a_version() -> None:
    assert [bool(DECK_NAME.fullmatch(name)) for name in ("k5", "clovertel", "12", "K5", "", "a" * 33, "k5\n")] == [
        True, True, False, False, False, False, False,
    ]  # fmt: skip
