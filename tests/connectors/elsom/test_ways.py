"""What payers by the wallet are told to do, held against its own menu (C1, C4)."""

import re

from connectors.elsom import ways as wallet
from connectors.elsom.sandbox_menu import screen
from k5web.domain.payments.payment_way import Payer
from k5web.domain.prices.number import Msisdn
from tests.connectors.elsom.fake_phone import FakePhone

PAYER = Payer(100001, Msisdn("79161234567"))


def test_c1_there_are_four_ways_by_the_wallet_and_each_says_what_to_choose_and_type() -> None:
    way = wallet.to_account("Кошелёк", PAYER)
    assert len(way.paths) == 4
    menu, site, app, newcomer = (" ".join(map(str, path.steps)) for path in way.paths)
    assert all("14-значный ИНН" in path for path in (menu, site, app))
    assert all("DosTek group" in path for path in (site, app))
    assert "SMS с кодом платежа" in menu
    assert "*900#" in newcomer


def test_c1_the_steps_for_any_phone_lead_through_the_wallets_menu_to_a_payment() -> None:
    steps = " ".join(map(str, wallet.PATHS[0].steps))
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


def test_c2_the_cabinets_own_number_may_be_typed_instead_of_the_tax_number() -> None:
    way = wallet.to_account("Кошелёк", PAYER)
    assert (way.account, [fact.value for fact in way.facts]) == ("100001", ["100001"])
    stranger = wallet.to_account("Кошелёк", None)
    assert (stranger.account, stranger.facts, stranger.notes) == ("", (), ())
