"""Notices about orders begun here: proof enough, or asked about; another's order is nothing of ours. Promises: S22."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from k5web.domain.money import rub
from k5web.domain.payments.top_up import TopUpState
from k5web.errors import (
    ProviderUnknown,
)
from k5web.services.payments import order_notices, search
from k5web.services.ports import Connectors
from k5web.storage.payments import top_up_rows
from k5web.storage.tables import TopUpRow
from k5web.turns import TurnsByName
from tests.fakes.connector import FakeConnector
from tests.services.payments.shop import PAID, Shop


@pytest.mark.parametrize("said", [{"sum": "99.99"}, {"sum": "100.01"}, {"sum": "100.00", "currency": "KGS"}])
def test_another_sum_than_the_orders_is_not_credited_and_still_acknowledged(shop: Shop, said: dict[str, str]) -> None:
    top_up = shop.begin()
    assert shop.says(do="order", number=top_up.number, **said) == "noted"
    assert shop.balance() == rub("0.00")
    assert shop.incidents() == ["topup_amount"]
    assert shop.state(top_up) is TopUpState.UNCLEAR


def test_a_notice_about_no_order_of_ours_is_an_alarm(shop: Shop) -> None:
    for reference in ("K5-100001-7", "K5-1-1", "nonsense", "K5-x-1", "K5-1-" + "9" * 40, "K5-１-1"):
        assert shop.says(do="order", number=reference, sum="100.00") == "refused unknown_payment"
        assert shop.says(do="look", number=reference) == "refused unknown_payment"
    assert set(shop.incidents()) == {"unknown_topup"}


def test_a_provider_that_cannot_be_asked_now_is_asked_again(shop: Shop) -> None:
    top_up = shop.begin()
    shop.connector.troubles = [ProviderUnknown(reason="time-out")]
    assert shop.says(do="look", number=top_up.number) == "refused later"


def test_paid_after_its_end_is_believed_when_the_provider_confirms(shop: Shop) -> None:
    top_up = shop.begin()
    shop.provider_says(top_up.number, TopUpState.DECLINED)
    assert shop.says(do="declined", number=top_up.number) == "noted"
    assert shop.state(top_up) is TopUpState.DECLINED
    assert shop.says(do="order", number=top_up.number, sum="100.00") == "noted"
    assert shop.balance() == rub("0.00")
    shop.provider_says(top_up.number, PAID)
    assert shop.says(do="order", number=top_up.number, sum="100.00") == "noted"
    assert shop.balance() == rub("100.00")


def test_a_provider_that_calls_and_is_silent_takes_few_threads_from_the_notices_of_others(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    top_up = shop.begin()
    monkeypatch.setattr(order_notices, "_LOOKS", TurnsByName(1))
    with order_notices._LOOKS.take("fake:bank"):
        assert shop.says(do="look", number=top_up.number) == "refused later", "it sends it again"
    with order_notices._LOOKS.take("fake:other"):
        assert shop.says(do="look", number=top_up.number) == "noted"


def test_b2_a_notice_of_another_house_s_number_is_nothing_of_ours(shop: Shop) -> None:
    """Its letters differ; an old one of theirs has none."""
    top_up = shop.begin()
    others = [top_up.reference, f"{top_up.reference}-ABCDEFGHJK", f"{top_up.number}-2", f"{top_up.reference}-2"]
    for number in others:
        assert shop.says(do="order", number=number, sum="100.00") == "refused unknown_payment"
        assert shop.says(do="look", number=number) == "refused unknown_payment"
        assert shop.says(do="declined", number=number) == "refused unknown_payment"
    assert (shop.balance(), shop.state(top_up)) == (rub("0.00"), TopUpState.WAITING)
    assert shop.says(do="order", number=top_up.number, sum="100.00") == "noted"


def test_b2_another_partner_vouches_for_no_order_of_this_one(shop: Shop) -> None:
    top_up, bank = shop.begin(), shop.connector
    shop.connector = FakeConnector(replace(bank.partner, code="other"))
    shop.ports = replace(shop.ports, connectors=Connectors([bank, shop.connector]))
    shop.provider_says(top_up.number, PAID)
    for said in ({"do": "order", "sum": "100.00"}, {"do": "look"}, {"do": "declined"}):
        assert shop.says(number=top_up.number, **said) == "refused unknown_payment"
    assert (shop.balance(), shop.state(top_up)) == (rub("0.00"), TopUpState.WAITING)


def test_b2_an_old_number_goes_on_working_and_is_asked_about(shop: Shop) -> None:
    top_up = shop.begin()
    with shop.ports.sessions.begin() as db:
        db.execute(update(TopUpRow).where(TopUpRow.owner_id == shop.caller.id).values(mark=""))
        old = top_up_rows.find(db, top_up.reference)
    assert (old.number, old.provider_id) == (top_up.reference, top_up.provider_id)
    assert shop.says(do="order", number=old.number, sum="100.00") == "noted"
    assert shop.balance() == rub("0.00"), "anybody's notice: the provider still waits"
    shop.provider_says(old.number, PAID)
    shop.connector.seen[old.number] = replace(shop.connector.seen[old.number], provider_id=old.provider_id)
    assert shop.says(do="order", number=old.number, sum="100.00", id=old.provider_id) == "noted"
    assert shop.balance() == rub("100.00")
    [found] = search.find_payments(shop.ports, old.number)
    assert found.top_up is not None
    assert found.top_up.state is PAID
