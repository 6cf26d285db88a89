"""A payment link for a bank's app is shown only whole: its control number is computed, its sum is the order's."""

import pytest

from connectors.cards.sbp import crc, is_sound
from k5web.domain.money import Money, rub

GENUINE = {  # link before &crc=: crc, the sum it asks for (None: any)
    "https://qr.nspk.ru/AS100001ORTF4GAF80KPJ53K186D9A3G?type=01&bank=100000000007": ("0C8A", None),
    "https://qr.nspk.ru/AD100004BAL7227F9BNP6KNE007J9B3K?type=02&bank=100000000007&sum=1&cur=RUB": ("AB75", 1),
    "https://qr.nspk.ru/AS10003P3RH0LJ2A9ROO038L6NT5RU1M?type=01&bank=000000000001&sum=10000&cur=RUB": ("F3D0", 10000),
    "https://qr.nspk.ru/AD10006PTORDPC5D98HPT12HV37MMQ6G?type=02&bank=100000000284&sum=15590000&cur=RUB": (
        "4C8A",
        15590000,
    ),
    "https://qr.nspk.ru/BD10006LQ6LNI7R88AJBQP5AE5GEBSNT?type=02&bank=100000000015&sum=10000&cur=RUB": ("B4F7", 10000),
}
EDITED = "https://qr.nspk.ru/AD10006MNS72CPM49QGO1NIUBH13VD8H?type=02&bank=100000000111&sum=19900&cur=RUB&crc=6CB3"


def test_the_check_value_of_the_algorithm() -> None:
    assert crc(b"123456789") == "29B1"


@pytest.mark.parametrize("link", GENUINE)
def test_a_genuine_link_is_sound(link: str) -> None:
    number, minor = GENUINE[link]
    assert crc(link.encode()) == number
    assert is_sound(f"{link}&crc={number}", Money(minor or 777, "RUB"))


@pytest.mark.parametrize("link", GENUINE)
def test_a_changed_link_is_not(link: str) -> None:
    number, minor = GENUINE[link]
    amount = Money(minor or 777, "RUB")
    other = f"{int(number, 16) ^ 1:04X}"
    for changed in (f"{link}&crc={other}", f"{link}&crc={number.lower()}x", link, f"{link}&crc={number}&sum=1"):
        assert not is_sound(changed, amount)
    elsewhere = link.replace("qr.nspk.ru", "qr.nspk.ru.evil.example")
    assert not is_sound(f"{elsewhere}&crc={crc(elsewhere.encode())}", amount)
    if minor:
        assert not is_sound(f"{link}&crc={number}", Money(minor + 1, "RUB"))
        assert not is_sound(f"{link}&crc={number}", Money(minor, "KGS"))


def test_an_edited_sample_of_the_documentation_is_not_sound() -> None:
    assert not is_sound(EDITED, rub("199.00"))
