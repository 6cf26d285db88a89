"""The simulated wallet's menu: the steps of the instruction for payers, key by key."""

import pytest

from connectors.elsom.sandbox_menu import Screen, in_soms, screen
from tests.connectors.elsom.fake_phone import INN, FakePhone


def test_registration_takes_name_company_number_and_consent() -> None:
    phone = FakePhone(pin="")
    keys: list[str] = []
    shown = []
    for key in ("2", "1", "Айгуль К.", INN, "1", "1"):
        shown.append(screen(phone, keys).text)
        keys.append(key)
    last = screen(phone, keys)
    assert ["язык" in shown[0], "Зарегистрироваться" in shown[1], "имя" in shown[2]] == [True] * 3
    assert ["ИНН" in shown[3], INN in shown[4], "оферты" in shown[5]] == [True] * 3
    assert (last.is_last, "4321" in last.text) == (True, True)
    assert phone.asked == [("register", "Айгуль К.", INN)]


def test_paying_leads_through_the_menu_to_the_check_the_pin_and_the_sms() -> None:
    phone = FakePhone()
    path = ["2", "3", "3", "14", "14"]
    assert "14-значный ИНН" in screen(phone, path).text
    assert "Сумма" in screen(phone, [*path, INN]).text
    shown = screen(phone, [*path, INN, "500"])
    assert all(word in shown.text for word in (INN, "О. Р.", "500.00", "PIN"))
    assert phone.asked == [("check", INN, "500.00")]
    assert screen(phone, [*path, INN, "500", "1234"]) == Screen("SMS: код платежа 1", is_last=True)
    assert phone.asked[-1] == ("pay", INN, "500.00")


@pytest.mark.parametrize("pin", ["", "0000", "12345"])
def test_a_wrong_pin_pays_nothing(pin: str) -> None:
    phone = FakePhone()
    assert screen(phone, ["2", "3", "3", "14", "14", INN, "500", pin]).is_last
    assert phone.asked == []


def test_an_account_that_is_not_there_ends_the_dialogue() -> None:
    phone = FakePhone()
    phone.knows = False
    shown = screen(phone, ["2", "3", "3", "14", "14", INN, "500"])
    assert (shown.is_last, "счёт не найден" in shown.text) == (True, True)


def test_the_pin_is_changed_under_settings() -> None:
    phone = FakePhone()
    assert "нынешний PIN" in screen(phone, ["2", "8", "3"]).text
    assert "новый PIN" in screen(phone, ["2", "8", "3", "1234"]).text
    screen(phone, ["2", "8", "3", "4321", "9876"])
    assert phone.pin == "1234", "whoever does not know it does not change it"
    screen(phone, ["2", "8", "3", "1234", "9876"])
    assert phone.pin == "9876"
    assert "50000.00" in screen(phone, ["2", "8", "1"]).text


@pytest.mark.parametrize("keys", [["2", "9"], ["2", "3", "3", "14", "15"], ["2", "8", "3", "1234", "12"], ["x"] * 9])
def test_what_the_menu_lacks_ends_the_dialogue(keys: list[str]) -> None:
    assert screen(FakePhone(), keys).is_last


@pytest.mark.parametrize(
    ("typed", "soms"),
    [("500", "500.00"), ("0,5", "0.50"), ("12.34", "12.34"), ("0", None), ("0.00", None), ("-5", None), ("1e3", None),
     ("", None), ("123456", None), ("٥", None)],
)  # fmt: skip
def test_typed_sums(typed: str, soms: str | None) -> None:
    assert in_soms(typed) == soms
