"""The receipt's code byte by byte: the agreed vectors, the limits, and every odd thing people have in their names."""

import dataclasses
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k5web.domain.bank import qr_text, receipt
from k5web.domain.money import Money, rub
from k5web.errors import CurrencyMismatch, NotPrintable, SumOutsideLimits
from tests.domain import gost_reader
from tests.domain.gost_reader import digest
from tests.fakes.payee import ROMASHKA

ACCOUNT = "1234567"
USUAL = "Пополнение лицевого счета 1234567. Услуги связи. Без НДС"


def test_the_usual_code_has_the_agreed_bytes() -> None:
    payload = receipt.make(ROMASHKA, ACCOUNT, rub("500.00"), "Иванов Иван Иванович").payload()
    assert len(payload) == 401
    assert digest(payload) == "9dd6e9ba7b5409ff17b69c71ba60adf1081c623d416240f595199ed231c773b3"


def test_the_code_with_kyrgyz_letters_has_the_agreed_bytes() -> None:
    made = receipt.make(
        ROMASHKA,
        ACCOUNT,
        rub("1234.56"),
        "Өмүрбеков Үсөн Иванович",
        "г. Бишкек, ул. Киевская, д. 10, кв. 15",
        "996555123456",
    )
    with_code = made.payload() + b"|TechCode=15"  # what a bank may ask for besides
    assert len(with_code) == 511
    assert digest(with_code) == "da698c4fd5e9915cd4f382b702d331bae0d0b63a89bcf900aa26458dda2f396e"
    with pytest.raises(UnicodeEncodeError, match="u04e8"):
        with_code.decode().encode("windows-1251")


@pytest.mark.parametrize(
    ("amount", "sum_", "roubles", "kopecks"),
    [
        ("0.01", "1", "0", "01"),
        ("0.10", "10", "0", "10"),
        ("1.00", "100", "1", "00"),
        ("99999.99", "9999999", "99999", "99"),
        ("9999999.99", "999999999", "9999999", "99"),
    ],
)
def test_a_sum_is_kopecks_in_the_code_and_two_digits_of_them_in_print(
    amount: str, sum_: str, roubles: str, kopecks: str
) -> None:
    made = receipt.make(ROMASHKA, ACCOUNT, rub(amount))
    assert gost_reader.read(made.payload())["Sum"] == sum_
    assert (made.roubles, made.kopecks) == (roubles, kopecks)


def test_without_a_sum_there_is_no_key_for_it() -> None:
    made = receipt.make(ROMASHKA, ACCOUNT)
    assert b"Sum" not in made.payload()
    assert (made.roubles, made.kopecks) == ("", "")


@pytest.mark.parametrize("amount", [Money(0), Money(-1), Money(1_000_000_000)])
def test_no_receipt_is_made_for_nothing_or_for_more_than_its_lines_hold(amount: Money) -> None:
    with pytest.raises(SumOutsideLimits):
        receipt.make(ROMASHKA, ACCOUNT, amount)


def test_the_form_knows_roubles_only() -> None:
    with pytest.raises(CurrencyMismatch):
        receipt.make(ROMASHKA, ACCOUNT, Money(100, "KGS"))


def test_an_entrepreneurs_code_has_no_kpp() -> None:
    payee = dataclasses.replace(ROMASHKA, inn="504908219824", kpp="", account="40802810538050005372")
    assert "KPP" not in gost_reader.read(receipt.make(payee, ACCOUNT).payload())


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Иванов Иван Иванович", ("Иванов", "Иван", "Иванович")),
        ("Иванов Иван", ("Иванов", "Иван", "")),
        ("Анна", ("Анна", "", "")),
        ("Алиев Али Вели оглы", ("Алиев", "Али", "Вели оглы")),
        ("", ("", "", "")),
    ],
)
def test_a_name_falls_into_surname_name_and_patronymic(name: str, parts: tuple[str, str, str]) -> None:
    assert receipt.split_name(name) == parts
    found = gost_reader.read(receipt.make(ROMASHKA, ACCOUNT, payer=name).payload())
    keys = ("LastName", "FirstName", "MiddleName")
    assert tuple(found.get(key, "") for key in keys) == parts
    assert "" not in found.values()


def test_a_code_of_560_bytes_stays_whole_and_one_more_loses_the_telephone() -> None:
    def payload_of(address: str) -> bytes:
        return receipt.make(ROMASHKA, ACCOUNT, rub("500.00"), "Иванов Иван Иванович", address, "79161234567").payload()

    spare = qr_text.MOST_BYTES - len(payload_of("x")) + 1
    whole = payload_of("x" * spare)
    assert len(whole) == qr_text.MOST_BYTES
    assert b"Phone=" in whole
    shorter = payload_of("x" * (spare + 1))
    assert b"Phone=" not in shorter
    assert b"PayerAddress=" in shorter


def test_what_does_not_fit_goes_in_order_and_what_is_needed_stays() -> None:
    name = "Константинопольский " + "Александр-Эммануил " + "Ж" * 60
    made = receipt.make(ROMASHKA, ACCOUNT, rub("9999999.99"), name, "ул. Длинная, " + "д" * 200, "79161234567")
    found = gost_reader.read(made.payload())
    assert list(found)[5:] == ["Sum", "Purpose", "PayeeINN", "KPP", "LastName", "FirstName", "PersAcc"]
    assert made.payer == name  # the paper says it all
    endless = receipt.make(ROMASHKA, ACCOUNT, rub("500.00"), "Ж" * 300)
    assert list(gost_reader.read(endless.payload()))[5:] == ["Sum", "Purpose", "PayeeINN", "KPP", "PersAcc"]


@given(st.text(max_size=80), st.text(max_size=80), st.integers(1, 999_999_999))
def test_any_name_and_address_make_a_code_that_reads_back(name: str, address: str, minor: int) -> None:
    try:
        made = receipt.make(ROMASHKA, ACCOUNT, Money(minor), name, address)
    except NotPrintable:
        return
    payload = made.payload()
    assert len(payload) <= qr_text.MOST_BYTES
    found = gost_reader.read(payload)
    assert [key for key in found if not re.fullmatch("[A-Za-z]+", key)] == []
    assert (found["Sum"], found["PersAcc"], found["Purpose"]) == (str(minor), ACCOUNT, USUAL)
    said = " ".join(found.get(key, "") for key in ("LastName", "FirstName", "MiddleName")).strip()
    assert said in {made.payer, "", " ".join(made.payer.split()[:2])}
    assert found.get("PayerAddress", made.address) == made.address


FIRST, SECOND, THIRD = date(2026, 12, 1), date(2026, 12, 2), date(2026, 12, 3)
FIVE, SEVEN = rub("500.00"), rub("700.00")


@pytest.mark.parametrize(
    ("printed", "payments", "found"),
    [
        ([(FIRST, FIVE)], [(FIRST, FIVE)], {0: 0}),
        ([(FIRST, FIVE)], [(SECOND, SEVEN)], {}),
        ([(SECOND, FIVE)], [(FIRST, FIVE)], {}),
        ([(SECOND, FIVE), (FIRST, FIVE)], [(THIRD, FIVE), (SECOND, FIVE)], {1: 1, 0: 0}),
        ([(FIRST, None), (SECOND, FIVE)], [(SECOND, FIVE), (THIRD, SEVEN)], {0: 1, 1: 0}),
        ([(FIRST, FIVE)], [(SECOND, FIVE), (THIRD, FIVE)], {0: 0}),
        ([], [(FIRST, FIVE)], {}),
    ],
)
def test_a_payment_came_by_the_oldest_receipt_that_fits(
    printed: list[tuple[date, Money | None]], payments: list[tuple[date, Money]], found: dict[int, int]
) -> None:
    assert receipt.paid_by([receipt.Printed(*one) for one in printed], payments) == found
