"""What a phone's codes do, before they are put into words (E3 to E5)."""

import pytest

from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.subscription import SubscriptionState
from k5web.errors import InsufficientFunds, NotFound
from k5web.services.prices import ussd
from tests.plan_samples import plan_of
from tests.services.house import OWN, House
from tests.services.prices.test_subscriptions import states

PHONE = Msisdn.parse(OWN)


def test_a_code_of_no_plan_is_unknown_and_costs_nothing(k5: House) -> None:
    k5.top_up("50.00")
    assert ussd.answer(k5.ports, PHONE, "*509*30#", "1") == ussd.Unknown()
    assert ussd.answer(k5.ports, PHONE, "*100#", "2") == ussd.Balance(rub("50.00"))


def test_no_code_at_all_orders_nothing(k5: House) -> None:
    """Options and plans that have no code are not meant by an empty one."""
    k5.top_up("5000.00")
    assert ussd.answer(k5.ports, PHONE, "", "1") == ussd.Unknown()
    ussd.answer(k5.ports, PHONE, "*800*2#", "2")
    assert ussd.answer(k5.ports, PHONE, "", "3") == ussd.Unknown()
    assert k5.balance() == rub("4995.00")


def test_the_plan_s_own_codes_work_on_the_plan(k5: House) -> None:
    k5.top_up("50.00")
    taken = ussd.answer(k5.ports, PHONE, "*800*2#", "1")
    assert isinstance(taken, ussd.Connected)
    assert (taken.sort, taken.title, taken.taken) == ("plan", "Экономный", rub("5.00"))
    assert ussd.answer(k5.ports, PHONE, "*509*0#", "2") == ussd.Ended([], [])
    with pytest.raises(InsufficientFunds):
        ussd.answer(k5.ports, PHONE, "*509*100#", "3")


def test_an_unknown_phone_is_refused(k5: House) -> None:
    with pytest.raises(NotFound):
        ussd.answer(k5.ports, Msisdn("79160000000"), "*100#", "1")


def test_one_session_may_bring_several_codes_and_a_repeat_of_one_costs_nothing(k5: House) -> None:
    k5.top_up("500.00")
    ussd.answer(k5.ports, PHONE, "*800*2#", "1")
    for _ in range(2):
        assert isinstance(ussd.answer(k5.ports, PHONE, "*509*30#", "1"), ussd.Connected)
    assert k5.balance() == rub("455.00")
    assert states(k5)["sms-30"] is SubscriptionState.ACTIVE


def test_the_codes_of_plans_are_listed_once_with_what_they_do() -> None:
    found = dict(ussd.codes([plan_of("economny"), plan_of("k5")]))
    assert list(found)[:3] == ["*100#", "*100*1#", "*800*2#"]
    assert found["*525*1#"] == "подключить «Безлимитный интернет по всей стране»"
    assert found["*509*0#"] == "отключить «SMS пакет 30», отключить «SMS пакет 60», отключить «SMS пакет 100»"
    assert len(found) == 9
