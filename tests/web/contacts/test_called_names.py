"""Names of the own list in lists of calls and in their details."""

from k5web.domain.prices.number import Msisdn
from k5web.services.contacts import favourites
from tests.services.house import House
from tests.services.pbx.conversed import CALLER, converse
from tests.web.calls.call_page import words
from tests.web.conftest import Browser


def test_calls_and_their_details_say_the_name_and_the_number(phone: Browser, k5: House) -> None:
    k5.top_up("50.00")
    call = k5.talk(k5.order(), "5")
    k5.talk(k5.order("+78432123456"), "5")
    favourites.keep(k5.ports, k5.caller.id, Msisdn("74951234567"), "Офис")
    for path in ("/me", "/me/calls"):
        said = words(phone.get(path))
        assert "Офис +7 495 123-45-67 ·" in said
        assert " +7 843 212-34-56 " in said
    assert "Звонок +7 495 123-45-67 Офис" in words(phone.get(f"/me/calls/{call.id}"))


def test_conversations_of_the_pbx_say_the_name_of_whom_they_were_with(phone: Browser, k5: House) -> None:
    linked_id = converse(k5, "k5-1.1")
    favourites.keep(k5.ports, k5.caller.id, Msisdn(CALLER), "Покупатель")
    assert "Покупатель +" in words(phone.get("/me/calls"))
    assert "Входящий звонок Покупатель" in words(phone.get(f"/me/calls/k5/{linked_id}"))
