"""The text of a payment's code: agreed and published vectors, clean values, what is left out. Promise: B13."""

import pytest

from k5web.domain.bank import qr_text
from k5web.errors import NotPrintable
from tests.domain import gost_reader
from tests.domain.gost_reader import digest
from tests.fakes.payee import ROMASHKA

ACCOUNT = "1234567"


BARE = (
    "ST00012|Name=ООО «Ромашка»|PersonalAcc=40702810938000017997|BankName=ПАО Сбербанк г. Москва|BIC=044525225"
    "|CorrespAcc=30101810400000000225"
)


def test_the_minimal_code_has_the_agreed_bytes() -> None:
    payload = qr_text.payload(ROMASHKA.requisites())
    assert payload.decode() == BARE
    assert len(payload) == 167
    assert qr_text.mandatory_bytes(ROMASHKA.requisites()) == 159
    assert digest(payload) == "fc40fac893d7c609cd1c49b245485a1f045c6e3e246cf44d57f3e39b0f934041"
    other = payload.decode().replace("ST00012", "ST00011").encode("windows-1251")
    assert digest(other) == "0cdfb55fb0c2efd0cbd195372dc3e1e246de9167287c81c7bdccf44ece996ed8"


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


def test_a_long_purpose_ends_between_words() -> None:
    values = ROMASHKA.requisites() | {"Purpose": "слово " * 40, "PersAcc": ACCOUNT}
    purpose = gost_reader.read(qr_text.payload(values))["Purpose"]
    assert 150 <= len(purpose) <= qr_text.LONGEST_PURPOSE
    assert purpose.endswith("слово")
