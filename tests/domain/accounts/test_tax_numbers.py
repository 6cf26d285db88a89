"""INN, KPP and OGRN: true ones pass, wrong ones are told why."""

from datetime import date

import pytest

from k5web.domain.accounts import tax_numbers
from k5web.errors import WrongRequisite


@pytest.mark.parametrize(
    "inn",
    [
        "7708789018",
        "2308210371",
        "7802532605",
        "7707083893",
        "5433118499",
        "7802895380",
        "504908219824",
        "500705271772",
        "500100732259",
    ],
)
def test_a_true_inn_passes(inn: str) -> None:
    tax_numbers.check_inn(inn)


@pytest.mark.parametrize(
    ("inn", "words"),
    [
        ("6200098765", "digit 10 would be 3"),
        ("7701234567", "digit 10 would be 0"),
        ("504908219834", "would be"),
        ("504908219825", "digit 12 would be 4"),
        ("0000000000", "no region"),
        ("000000000000", "no region"),
        ("770878901", "no INN"),
        ("77087890188", "no INN"),
        ("7708 789018", "no INN"),
    ],
)
def test_a_wrong_inn_is_told_why(inn: str, words: str) -> None:
    with pytest.raises(WrongRequisite, match=words):
        tax_numbers.check_inn(inn)


def test_a_kpp_belongs_to_organisations_only() -> None:
    tax_numbers.check_kpp("772401001", "7708789018")
    tax_numbers.check_kpp("7724AZ001", "7708789018")
    tax_numbers.check_kpp("", "504908219824")
    with pytest.raises(WrongRequisite, match="an entrepreneur"):
        tax_numbers.check_kpp("772401001", "504908219824")
    for wrong in ("77240100", "7724az001", "772401001 ", "0"):
        with pytest.raises(WrongRequisite, match="no KPP"):
            tax_numbers.check_kpp(wrong, "7708789018")


@pytest.mark.parametrize(
    "ogrn",
    ["1137746405510", "1142308006917", "1027700132195", "1037739010891", "1027700220624", "304500116000157"],
)
def test_an_ogrn_ends_in_its_control_digit(ogrn: str) -> None:
    tax_numbers.check_ogrn(ogrn)
    mistyped = ogrn[:-1] + str((int(ogrn[-1]) + 1) % 10)
    with pytest.raises(WrongRequisite, match=f"last digit would be {ogrn[-1]}"):
        tax_numbers.check_ogrn(mistyped)
    with pytest.raises(WrongRequisite, match="13 digits"):
        tax_numbers.check_ogrn(ogrn[1:])


@pytest.mark.parametrize("ogrn", ["0000000000000", "0137746405510", "104500116000155", "504500116000155"])
def test_an_ogrn_does_not_begin_so(ogrn: str) -> None:
    with pytest.raises(WrongRequisite, match=f"cannot begin with {ogrn[0]}"):
        tax_numbers.check_ogrn(ogrn)


TODAY = date(2026, 12, 1)


@pytest.mark.parametrize("inn", ["02507199510010", "20502198100469", "00112202600000", "12902200000000"])
def test_a_kyrgyz_number_holds_a_day_of_the_past(inn: str) -> None:
    """Source: numbers in public registers, of organisations and of persons."""
    assert tax_numbers.is_kyrgyz_inn(inn)
    assert not tax_numbers.is_kyrgyz_inn_doubtful(inn, TODAY)


@pytest.mark.parametrize("inn", ["03207199510010", "02513199510010", "02902202300000", "00212202600000"])
def test_a_kyrgyz_number_with_a_day_that_cannot_be_is_doubtful(inn: str) -> None:
    assert tax_numbers.is_kyrgyz_inn(inn)
    assert tax_numbers.is_kyrgyz_inn_doubtful(inn, TODAY)


@pytest.mark.parametrize("text", ["1207199510092", "025071995100101", "0250719951001x", "٠٢٥٠٧١٩٩٥١٠٠١٠"])
def test_no_other_text_is_a_kyrgyz_number(text: str) -> None:
    assert not tax_numbers.is_kyrgyz_inn(text)
    assert not tax_numbers.is_kyrgyz_inn_doubtful(text, TODAY)
