"""What a provider says of a top-up becomes money once, and what went back is debited, whoever brings the news and when.
Promises: A12, S22, docs/ledger.md.
"""

import logging
from dataclasses import replace

import pytest

from k5web.domain.books.ledger import EventName
from k5web.domain.money import rub
from k5web.domain.payments.connector import Seen
from k5web.domain.payments.top_up import TopUpState
from k5web.errors import (
    ProviderUnknown,
)
from k5web.services import health
from k5web.services.books import corrections
from k5web.services.payments import polling, refunds, topups
from k5web.services.payments.booking import book_seen
from tests.services.house import subscriber
from tests.services.payments.shop import PAID, Shop


@pytest.mark.parametrize("end", [TopUpState.DECLINED, TopUpState.EXPIRED, TopUpState.HELD])
def test_what_became_of_a_number_that_was_given_up_is_nothing_of_the_next_one(shop: Shop, end: TopUpState) -> None:
    shop.connector.troubles = [ProviderUnknown(reason="time-out")]
    top_up = shop.begin()
    given_up = replace(top_up, attempt=1, provider_id="")
    seen = Seen(end, provider_id=f"id-{given_up.number}")
    assert book_seen(shop.ports, shop.connector, given_up, seen).state is TopUpState.WAITING
    kept = topups.find(shop.ports, top_up.reference)
    assert (kept.provider_id, kept.look_at is None) == (top_up.provider_id, False)


def test_a_notice_a_return_and_the_worker_together_credit_once(shop: Shop) -> None:
    top_up = shop.begin()
    shop.provider_says(top_up.number, PAID)
    for _ in range(2):
        assert shop.says(do="look", number=top_up.number) == "noted"
        assert shop.says(do="order", number=top_up.number, sum="100.00") == "noted"
        assert shop.look(top_up).state is PAID
        shop.clock.forward(minutes=2)
        polling.poll(shop.ports)
    assert shop.balance() == rub("100.00")
    assert shop.incidents() == []
    shop.assert_sound()


def test_a_payment_is_a_line_of_the_log_and_a_figure_once_whoever_brought_the_news(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    top_up = shop.begin()
    shop.provider_says(top_up.number, PAID)
    with caplog.at_level(logging.INFO):
        assert shop.says(do="look", number=top_up.number) == "noted"
        for _ in range(2):
            assert shop.says(do="order", number=top_up.number, sum="100.00") == "noted"
    lines = [vars(line) for line in caplog.records if line.getMessage() == "payment credited"]
    assert [(line["origin"], line["amount"]) for line in lines] == [(shop.connector.origin, "100.00")]
    partner = health.figures(shop.ports).partners[shop.connector.origin]
    assert (partner.verdicts, partner.credited, partner.credited_minor) == ({"ok": 3}, 1, 100_00)
    shop.clock.forward(minutes=20)
    partner = health.figures(shop.ports).partners[shop.connector.origin]
    assert (partner.verdicts, partner.credited, partner.credited_minor) == ({}, 0, 0)


def test_an_end_after_the_payment_changes_nothing(shop: Shop) -> None:
    top_up = shop.paid()
    for state in (TopUpState.DECLINED, TopUpState.EXPIRED, TopUpState.WAITING, TopUpState.HELD, TopUpState.NEW):
        shop.provider_says(top_up.number, state)
        assert shop.says(do="declined", number=top_up.number) == "noted"
        assert shop.look(top_up).state is PAID
    assert shop.balance() == rub("100.00")


def test_late_money_is_credited(shop: Shop) -> None:
    top_up = shop.begin()
    shop.clock.forward(minutes=30)
    assert shop.look(top_up).state is TopUpState.EXPIRED
    shop.provider_says(top_up.number, PAID)
    shop.clock.forward(hours=3)
    polling.poll(shop.ports)
    assert shop.balance() == rub("100.00")


def test_a_second_payment_of_an_abandoned_number_is_credited_and_listed(shop: Shop) -> None:
    shop.connector.troubles = [ProviderUnknown(reason="time-out")]
    top_up = shop.begin()
    shop.provider_says(top_up.number, PAID)
    shop.look(top_up)
    abandoned = replace(top_up, attempt=1).number
    shop.provider_says(abandoned, PAID)
    for _ in range(2):
        assert shop.says(do="look", number=abandoned) == "noted"
    assert shop.balance() == rub("200.00")
    assert shop.incidents() == ["topup_paid_twice"]
    shop.assert_sound()


def test_refunded_before_paid_was_heard_of_books_both(shop: Shop) -> None:
    top_up = shop.begin()
    shop.provider_says(top_up.number, TopUpState.PART_REFUNDED, refunded="30.00")
    for _ in range(2):
        shop.look(top_up)
    assert shop.balance() == rub("70.00")
    assert shop.state(top_up) is TopUpState.PART_REFUNDED


def test_money_that_went_back_though_it_was_spent_is_a_fact_and_an_alarm(shop: Shop) -> None:
    top_up = shop.paid()
    shop.talk(shop.order(), "61")
    shop.provider_says(top_up.number, TopUpState.REFUNDED)
    shop.look(top_up)
    assert shop.balance() == -rub("4.40")
    assert shop.incidents() == ["topup_refund_short"]


def test_a_provider_that_says_less_went_back_than_is_booked_is_an_incident(shop: Shop) -> None:
    """B5, the other direction: nothing is credited again by itself."""
    top_up = shop.paid()
    refunds.refund(shop.ports, top_up.reference, rub("40.00"), "staff:1")
    shop.provider_says(top_up.number, TopUpState.PART_REFUNDED, refunded="40.00")
    shop.look(top_up)
    assert shop.incidents() == []
    for told in ("0.00", "39.99"):
        shop.provider_says(top_up.number, PAID, refunded=told)
        shop.look(top_up)
    assert (shop.incidents(), shop.balance()) == (["topup_refund_less"], rub("60.00"))


@pytest.mark.parametrize("told", ["100.00", "100.01", "60.01"])
def test_a_provider_that_says_more_went_back_than_is_left_takes_nothing_and_is_an_incident(
    shop: Shop, told: str
) -> None:
    """A part was paid back by application, so the rest of the payment is all that may go."""
    top_up = shop.paid()
    name = EventName("fake:bank", f"id-{top_up.number}")
    corrections.refund(shop.ports, shop.caller.id, name, rub("40.00"), "by hand", "staff:1")
    shop.provider_says(top_up.number, TopUpState.PART_REFUNDED, refunded=told)
    for _ in range(2):
        shop.look(top_up)
    assert (shop.incidents(), shop.balance()) == (["topup_refund_excess"], rub("60.00"))
    shop.assert_sound()


def test_a_provider_that_tells_nothing_of_refunds_is_not_taken_for_one_that_tells_of_none(shop: Shop) -> None:
    top_up = shop.paid()
    refunds.refund(shop.ports, top_up.reference, rub("40.00"), "staff:1")
    shop.provider_says(top_up.number, PAID)
    shop.look(top_up)
    assert shop.incidents() == []


def test_a_look_that_was_asked_before_a_refund_is_no_incident(shop: Shop) -> None:
    top_up = shop.paid()
    asked = topups.find(shop.ports, top_up.reference)
    refunds.refund(shop.ports, top_up.reference, rub("40.00"), "staff:1")
    book_seen(shop.ports, shop.connector, asked, Seen(PAID, rub("100.00"), rub("0.00")))
    assert shop.incidents() == []


def test_b2_somebody_else_s_order_is_listed_and_never_credited(shop: Shop) -> None:
    top_up = shop.begin()
    shop.connector.seen[top_up.number] = Seen(PAID, rub("100.00"), provider_id="theirs", is_foreign=True)
    assert shop.look(top_up).state is TopUpState.WAITING
    assert (shop.balance(), shop.incidents()) == (rub("0.00"), ["order_not_ours"])


def test_b2_an_order_that_paid_one_top_up_pays_no_other(shop: Shop) -> None:
    """The gateway names the first one's id for the second: whoever has it."""
    first = shop.paid()
    second = shop.begin("form-2")
    other = subscriber(shop, 1)
    third = topups.begin(shop.ports, other, shop.wish("form-3"))
    for top_up in (second, third):
        shop.connector.seen[top_up.number] = Seen(PAID, rub("100.00"), provider_id=first.provider_id)
        assert topups.look(shop.ports, top_up.reference).state is TopUpState.WAITING
    assert (shop.balance(), shop.incidents()) == (rub("100.00"), ["order_not_ours", "order_not_ours"])
