"""Sums, days, accounts, BICs and numbers of statements: every spelling is one value, or refused. Promises: B13."""

from datetime import date

import pytest

from k5web.domain.bank.parts import (
    exact_account,
    exact_bic,
    exact_day,
    exact_number,
    exact_sum,
    is_in_roubles,
    refuse_rounded,
)
from k5web.errors import WrongStatement

ACCOUNT = "40817810400030269771"


@pytest.mark.parametrize(
    ("text", "kopecks"),
    [
        ("500", 50000),
        ("100,5", 10050),
        ("100.50 ", 10050),
        ("1 000,00", 100000),
        ("1\u00a0000.00", 100000),
        ("1\u202f234\u202f567,89", 123456789),
        ("1'000.00", 100000),
        ("1\u2019000,00", 100000),
        ("1,000.00", 100000),
        ("1.000,00", 100000),
        ("1,234,567.8", 123456780),
        ("1.234.567", 123456700),
        ("+100.00", 10000),
        (".50", 50),
        ("100.", 10000),
        ("100-50", 10050),
        ("100=", 10000),
        ("100.5000", 10050),
        ("007,50", 750),
        ('="500.00"', 50000),
        ("'500", 50000),
        ("100,00 руб.", 10000),
        ("100 RUB", 10000),
        ("100₽", 10000),
        ("-50,00", -5000),
        ("\u221250", -5000),
        ("(50,00)", -5000),
        ("0.00", 0),
        ("9999999999999.99", 999999999999999),
    ],
)
def test_a_sum_is_read_as_a_person_reads_it(text: str, kopecks: int) -> None:
    assert exact_sum(text, 1, "Сумма").minor == kopecks


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "1 00.50",
        "100.000",
        "1.000",
        "1,000",
        "1.000.00",
        "1,000,00",
        "1 000.000",
        "10 00",
        "1e3",
        "5e2",
        "٥٠٠",
        "$100",
        "100 USD",
        "100,00 евро",
        "99999999999999",
        "1'00",
        "1 000'000",
        "--5",
        "+-5",
        "100)",
        "NaN",
        ".",
    ],
)
def test_a_sum_that_may_be_two_is_none(text: str) -> None:
    with pytest.raises(WrongStatement, match="line 7: Сумма is not a sum"):
        exact_sum(text, 7, "Сумма")


@pytest.mark.parametrize(
    "text",
    [
        "27.11.2026",
        "27.11.2026 10:15:00",
        "27.11.2026T10:15",
        "2026-11-27",
        "2026-11-27T10:15:00+03:00",
        "27/11/2026",
        "27.11.26",
        "27-11-2026",
        "2026.11.27",
        "27.11.2026 г.",
        "27 ноября 2026 г.",
        "'27.11.2026",
        '="27.11.2026"',
        " 27.11.2026 ",
        "2026-11-27 00:00:00.000",
        "2026-11-27T10:15:00Z",
    ],
)
def test_a_day_is_read_in_every_order_that_is_certain(text: str) -> None:
    assert exact_day(text, 1, "Дата") == date(2026, 11, 27)


def test_a_day_of_one_digit_is_one() -> None:
    assert exact_day("7.1.2026", 1, "Дата") == exact_day("07.01.2026", 1, "Дата") == date(2026, 1, 7)


@pytest.mark.parametrize("text", ["", "  ", "00.00.0000", "  .  .    ", "0000-00-00", "00.00.0000 00:00:00", "--"])
def test_a_blank_day_is_not_told(text: str) -> None:
    assert exact_day(text, 1, "Дата") is None


@pytest.mark.parametrize(
    "text",
    ["31.02.2026", "11/27/2026", "45988", "27.11.1926", "27.11-2026", "27112026", "вчера", "27.13.2026", "٢٧.11.2026"],
)
def test_a_day_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(WrongStatement, match="line 7: Дата is not a day"):
        exact_day(text, 7, "Дата")


@pytest.mark.parametrize(
    "text",
    [
        ACCOUNT,
        "408.17.810.4.00030269771",
        "4081 7810 4000 3026 9771",
        f'="{ACCOUNT}"',
        f"'{ACCOUNT}",
        f"'{ACCOUNT}'",
        f"{ACCOUNT}\xa0",
        f"№{ACCOUNT}",
        f"№ {ACCOUNT}",
        "40817-810-4-00030269771",
        f"\u200e{ACCOUNT}",
        f'"{ACCOUNT}"',
    ],
)
def test_an_account_is_the_same_in_every_spelling(text: str) -> None:
    assert exact_account(text, 1, "счет") == ACCOUNT


@pytest.mark.parametrize("text", ["", " ", "0", "-", "нет", "00000000000000000000", "N/A"])
def test_an_account_may_not_be_told(text: str) -> None:
    assert exact_account(text, 1, "счет") == ""


@pytest.mark.parametrize(
    "text",
    [
        "1280096000123456",
        "KZ86125KZT5004100100",
        "KZ86 125K ZT50 0410 0100",
        "40702A10500000000001"[:5] + "A" + "40702810500000000001"[6:],
    ],
)
def test_accounts_of_other_countries_and_clearings_are_accounts(text: str) -> None:
    assert exact_account(text, 1, "счет") == text.replace(" ", "")


@pytest.mark.parametrize("text", ["4,08E+19", "4.08178104000303E+19", "408E19"])
def test_an_account_that_a_spreadsheet_rounded_is_none(text: str) -> None:
    with pytest.raises(WrongStatement, match="line 7: счет is not an account of 20 digits: a spreadsheet rounded it"):
        exact_account(text, 7, "счет")


@pytest.mark.parametrize(
    "text",
    ["4081781040003026977", "408178104000302697711", "408178104****0269771", "4081781040003026977О", "4" * 70_000],
)
def test_what_is_no_account_is_refused(text: str) -> None:
    with pytest.raises(WrongStatement, match="line 7: счет is not an account of 20 digits"):
        exact_account(text, 7, "счет")


def test_an_account_whose_last_digits_a_spreadsheet_lost_does_not_fit_its_bank() -> None:
    """Fifteen digits are left of twenty: the rest became zeros."""
    with pytest.raises(WrongStatement, match="line 7: счет ends in zeros"):
        refuse_rounded("40817810400030200000", "044525974", 7, "счет")
    refuse_rounded(ACCOUNT, "044525974", 7, "счет")
    refuse_rounded("40817810400030200000", "", 7, "счет")


@pytest.mark.parametrize(
    "text", ["044525974", "44525974", '="044525974"', "'44525974", "04 45 25 974", "БИК 044525974"]
)
def test_a_bic_is_the_same_with_and_without_its_zero(text: str) -> None:
    assert exact_bic(text, 1, "БИК") == "044525974"


def test_a_bic_may_not_be_told_or_be_of_another_country() -> None:
    assert exact_bic("", 1, "БИК") == exact_bic("0", 1, "БИК") == ""
    assert exact_bic("SABRRUMM", 1, "БИК") == "SABRRUMM"


@pytest.mark.parametrize("text", ["4452597", "4.4525974E+7", "0445259744"])
def test_what_is_no_bic_is_refused(text: str) -> None:
    with pytest.raises(WrongStatement, match="line 7: БИК is not a BIC"):
        exact_bic(text, 7, "БИК")


@pytest.mark.parametrize(
    "text", ["17", "0017", "№ 17", "№17", "N 17", "No. 17", "#17", " 1 7 ", "'17", '="0017"', "17\u00a0", "１７"]
)
def test_a_number_is_the_same_without_its_signs_and_zeros(text: str) -> None:
    assert exact_number(text, 1, "Номер") == "17"


@pytest.mark.parametrize(
    ("text", "number"), [("", ""), ("0", ""), ("000", ""), ("б/н", ""), ("-", ""), ("12/А", "12/а")]
)
def test_a_number_may_not_be_told_or_hold_letters(text: str, number: str) -> None:
    assert exact_number(text, 1, "Номер") == number


def test_a_number_that_a_spreadsheet_rounded_is_refused() -> None:
    with pytest.raises(WrongStatement, match="line 7: Номер was rounded"):
        exact_number("1,23E+11", 7, "Номер")


def test_roubles_have_many_names() -> None:
    assert all(is_in_roubles(text) for text in ("RUB", "rur", "643", "810", "руб.", ""))
    assert not any(is_in_roubles(text) for text in ("USD", "840", "EUR", "KGS"))
