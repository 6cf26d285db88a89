"""What payers are told to do, held against what the providers' own menus and forms ask for (A10, A11, C1, C4)."""

import re

import pytest

from connectors.cards.ways import by_card
from connectors.elsom import ways as wallet
from connectors.elsom.sandbox_menu import screen
from connectors.qiwi import ways as terminal
from k5web.domain.payments.payment_way import Fact, Payer, Way
from k5web.domain.prices.number import Msisdn
from tests.connectors.elsom.test_sandbox_menu import FakePhone

PAYER = Payer(100001, Msisdn("79161234567"))


def told(way: Way) -> str:
    """All that the page says."""
    steps = [step for path in way.paths for step in path.steps]
    return " ".join([way.title, way.lead, *steps, *way.notes])


def test_a11_the_merchants_id_and_the_phone_without_the_8_are_filled_in() -> None:
    way = terminal.to_account("Терминал", "10001", PAYER)
    assert way.facts == (Fact("ID ТСП", "10001"), Fact("ID Участника/Покупателя", "9161234567"))
    assert "без первой 8: только 10 цифр" in told(way)
    assert "терминал берёт комиссию, кабинет – нет" in told(way)


@pytest.mark.parametrize(
    ("payer", "typed"), [(Payer(100001, None), "100001"), (Payer(100001, Msisdn("996555123456")), "100001")]
)
def test_a11_without_a_russian_phone_the_account_is_typed(payer: Payer, typed: str) -> None:
    assert terminal.to_account("Терминал", "", payer).facts == (Fact("ID Участника/Покупателя", typed),)


def test_a11_a_stranger_is_told_the_rule_and_nobodys_number() -> None:
    assert terminal.to_account("Терминал", "10001", None).facts == (Fact("ID ТСП", "10001"),)
    assert "только 10 цифр" in told(terminal.to_account("Терминал", "", None))


def test_a10_a_card_is_typed_on_the_banks_page_alone() -> None:
    assert "Номер карты вводится только там: мы его не видим." in told(by_card("Карта"))


def test_c1_there_are_four_ways_by_the_wallet_and_each_says_what_to_choose_and_type() -> None:
    way = wallet.to_account("Кошелёк", PAYER)
    assert len(way.paths) == 4
    menu, site, app, newcomer = (" ".join(path.steps) for path in way.paths)
    assert all("14-значный ИНН" in path for path in (menu, site, app))
    assert all("DosTek group" in path for path in (site, app))
    assert "SMS с кодом платежа" in menu
    assert "*900#" in newcomer


def test_c1_the_steps_for_any_phone_lead_through_the_wallets_menu_to_a_payment() -> None:
    steps = " ".join(wallet.PATHS[0].steps)
    phone = FakePhone()
    keys = ["2", *re.findall(r"Выберите (\d+)", steps), "01234567890123", "250"]
    assert screen(phone, keys[:-2]).text.startswith("Достэк")
    check = screen(phone, keys).text
    assert "ИНН 01234567890123" in check
    assert "Сумма 250.00 сом" in check
    paid = screen(phone, [*keys, phone.pin])
    assert paid.is_last
    assert phone.asked[-1] == ("pay", "01234567890123", "250.00")


def test_c4_the_help_numbers_stand_on_every_page_of_the_wallet() -> None:
    for way in (wallet.to_account("Кошелёк", None), wallet.by_code("Код")):
        assert [call.value for call in way.calls] == ["0312 960 888", "0312 986 000"]
