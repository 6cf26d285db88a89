"""The receipt's code byte by byte: the agreed vectors, the limits, and every odd thing people have in their names."""

import dataclasses
import hashlib
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k5web.domain.bank import qr_text, receipt
from k5web.domain.money import Money, rub
from k5web.errors import CurrencyMismatch, NotPrintable, SumOutsideLimits
from tests.domain import gost_reader
from tests.fakes.payee import ROMASHKA

ACCOUNT = "1234567"
BARE = (
    "ST00012|Name=ООО «Ромашка»|PersonalAcc=40702810938000017997|BankName=ПАО Сбербанк г. Москва|BIC=044525225"
    "|CorrespAcc=30101810400000000225"
)
USUAL = "Пополнение лицевого счета 1234567. Услуги связи. Без НДС"


def digest(payload: bytes) -> str:
    return hashlib.sha256(payload).hexdigest()


def test_the_minimal_code_has_the_agreed_bytes() -> None:
    payload = qr_text.payload(ROMASHKA.requisites())
    assert payload.decode() == BARE
    assert len(payload) == 167
    assert qr_text.mandatory_bytes(ROMASHKA.requisites()) == 159
    assert digest(payload) == "fc40fac893d7c609cd1c49b245485a1f045c6e3e246cf44d57f3e39b0f934041"
    other = payload.decode().replace("ST00012", "ST00011").encode("windows-1251")
    assert digest(other) == "0cdfb55fb0c2efd0cbd195372dc3e1e246de9167287c81c7bdccf44ece996ed8"


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


def test_a_hostile_purpose_stays_one_value() -> None:
    hostile = " Оплата|Sum=999999|Name=X\r\n№\u00a05 "
    values = ROMASHKA.requisites() | {
        "Sum": "1",
        "Purpose": qr_text.clean(hostile),
        "PayeeINN": ROMASHKA.inn,
        "PersAcc": ACCOUNT,
    }
    payload = qr_text.payload(values)
    assert len(payload) == 254
    assert digest(payload) == "274b97b5c610cdf83987a27eddd5204c7f8b6e54d0e36a09cdbd718eb3481776"


PUBLISHED = {
    'ST00012|Name=ООО «Три кита»|PersonalAcc=40702810138250123017|BankName=ОАО "БАНК"|BIC=044525225'
    "|CorrespAcc=30101810400000000225|PayeeINN=6200098765|LastName=Иванов|FirstName=Иван|MiddleName=Иванович"
    "|Purpose=Оплата членского взноса|PayerAddress=г.Рязань ул.Ленина д.10 кв.15|Sum=100000": (359, "3c979eb9ec2858d0"),
    'ST00012|Name=АНО "Танцующий Петербург"|PersonalAcc=40703810990200000032|BankName=ПАО "БАНК "САНКТ-ПЕТЕРБУРГ"'
    "|BIC=044030790|CorrespAcc=30101810900000000790|KPP=780201001|PayeeINN=7802532605"
    "|Purpose=Оплата за участие в Swing & Snow 2022 REG 6821320/1106|Sum=225000": (320, "68a4e0914b849517"),
    "ST00012|Name=OLOLO|PersonalAcc=12312312|BankName=ОАО КБ АВАНГАРД|BIC=123123|CorrespAcc=12312412": (
        108,
        "b3b6ddd3f1797eca",
    ),
    'ST00012#Name=ООО «Три кита»#PersonalAcc=40702810138250123017#BankName=ОАО | "БАНК"#BIC=044525225'
    "#CorrespAcc=30101810400000000225#": (148, "4d30835109ca414c"),
}


@pytest.mark.parametrize("text", PUBLISHED)
def test_published_codes_are_read_and_written_again(text: str) -> None:
    size, beginning = PUBLISHED[text]
    code = text.encode()
    assert len(code) == size
    assert digest(code).startswith(beginning)
    found = gost_reader.read(code)
    if text.startswith(qr_text.HEADER):
        assert qr_text.payload(found) == code


@pytest.mark.parametrize(
    "text", ["", "SA00012|Name=x", "ST00022|Name=x", "ST00010|Name=x", "ST00014|Name=x", "ST00012|"]
)
def test_what_is_no_code_is_refused_by_the_reader(text: str) -> None:
    with pytest.raises(ValueError, match=r"no|missing"):
        gost_reader.read(text.encode())


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


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("дом|корпус", "дом/корпус"),
        ("a=b==c", "a:b::c"),
        ("  много \t мест\u2009\u202f\u00a0\n тут ", "много мест тут"),
        ("не\u00adвидно\u200b\ufeff\u202e", "невидно"),
        ("Лаврентий\u0306".replace("й\u0306", "и\u0306"), "Лаврентий"),
        ("Королe\u0308в", "Королëв"),
        ("Өмүрбеков Үсөн, ңұқ", "Өмүрбеков Үсөн, ңұқ"),
        ("", ""),
    ],
)
def test_values_are_made_clean(typed: str, cleaned: str) -> None:
    assert qr_text.clean(typed) == cleaned


@pytest.mark.parametrize("sign", ["\ud800", "\ue000", "\U0010ffff", "\u0378"])
def test_a_sign_that_stands_for_nothing_is_refused(sign: str) -> None:
    with pytest.raises(NotPrintable, match=r"U\+"):
        qr_text.clean(f"Иван{sign}ов")


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


def test_a_long_purpose_ends_between_words() -> None:
    values = ROMASHKA.requisites() | {"Purpose": "слово " * 40, "PersAcc": ACCOUNT}
    purpose = gost_reader.read(qr_text.payload(values))["Purpose"]
    assert 150 <= len(purpose) <= qr_text.LONGEST_PURPOSE
    assert purpose.endswith("слово")


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
