"""ELQR: check values of real and own codes, and the link K5 makes."""

from urllib.parse import unquote

import pytest

from connectors.elsom import elqr
from k5web.config.table import PartnerTable
from k5web.domain.money import Money
from k5web.errors import WrongKey

VECTORS = [
    (
        "00020101021232810011qr.finik.kg0114averspay-items10328606240d690d42e4b036d3dba9d0371a1202121302125204482953034"
        "17540712412005908Finik-QR",
        "b127",
    ),
    (
        "00020101021132750011qr.finik.kg0114averspay-items10326cc60f3c453e4286ae7bbbed49208ead130212520448295303417"
        "5908Finik-QR",
        "24e3",
    ),
    (
        "00020101021132750011qr.finik.kg0114averspay-items1032c728e5bb087648b0a96fb55a677b9e72130212520448295303417"
        "5908Finik-QR",
        "0ad6",
    ),
    (
        "00020101021232610010qr.k5.test010470011011791612345671108K50000421202121302125204481453034175405500005902K5",
        "49CA",
    ),
    (
        "00020101021232580010qr.k5.test010470011007K5-10421109INV0000421202121302123413Пополнение К5"
        "5204481453034175405500005902K5",
        "D026",
    ),
]
SERVICE = elqr.QrService(host="payqr.kg", acquirer="qr.k5.test", service="7001", mcc="4814", name="K5")


@pytest.mark.parametrize(("payload", "value"), VECTORS)
def test_check_values_of_the_regulation(payload: str, value: str) -> None:
    assert elqr.check_value(payload) == value.upper()
    assert elqr.is_sound(f"{payload}6304{value}")
    assert not elqr.is_sound(f"{payload}0{value}")
    assert not elqr.is_sound(f"{payload[:-1]}X6304{value}")


def test_a_code_for_a_prepared_sum_is_the_vector() -> None:
    link = SERVICE.link("79161234567", Money.parse("500.00", "KGS"), transaction="K5000042")
    assert link == f"https://payqr.kg#{VECTORS[3][0]}630449CA"


def test_a_code_for_an_account_leaves_the_sum_to_the_payer() -> None:
    text = unquote(SERVICE.link("01234567890123").partition("#")[2])
    assert text.startswith("000201010211")
    assert "101401234567890123" in text
    assert "12021113021252" in text
    assert elqr.is_sound(text)


def test_lengths_count_letters_not_bytes() -> None:
    assert elqr.field("34", "Пополнение К5") == "3413Пополнение К5"
    with pytest.raises(ValueError, match="100"):
        elqr.field("34", "x" * 100)


def test_a_partner_without_acquirer_draws_no_code() -> None:
    assert elqr.service(PartnerTable({}, elqr.KEYS)) is None
    with pytest.raises(WrongKey, match="elqr_service"):
        elqr.service(PartnerTable({"elqr_acquirer": "x"}, elqr.KEYS))
