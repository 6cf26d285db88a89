"""No fee is taken of the time after a contract's last day, whoever comes first at midnight (B2, B12)."""

from dataclasses import replace
from datetime import date

import pytest

from k5web.domain.money import rub
from k5web.errors import Unavailable
from k5web.services.accounts import endings
from k5web.services.prices import billing, objections
from k5web.services.prices.last_days import last_days
from k5web.services.prices.plan_publishing import publish
from k5web.storage.prices import subscription_rows
from tests.fakes.doors import SHIPPED
from tests.services.accounts.test_endings import at, fall
from tests.services.house import House
from tests.services.prices.test_subscriptions import connect, sound

NEW_YEAR = date(2027, 1, 1)


def test_fees_that_come_before_the_end_was_carried_out_take_nothing_of_the_next_month(k5: House) -> None:
    k5.top_up("2000.00")
    connect(k5, "plan", "go-100")
    before = k5.balance()
    endings.apply(k5.ports, k5.caller.id)
    at(k5, NEW_YEAR)
    assert billing.run(k5.ports).paid == 0
    at(k5, date(2027, 2, 1))
    assert billing.run(k5.ports).paid == 0
    assert endings.carry_out(k5.ports) == 1
    assert k5.balance() == before
    sound(k5)


def test_whose_account_is_busy_when_the_contract_ends_pays_nothing_meanwhile(
    k5: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise Unavailable

    k5.top_up("2000.00")
    connect(k5, "plan", "go-100")
    before = k5.balance()
    endings.apply(k5.ports, k5.caller.id)
    at(k5, NEW_YEAR)
    with monkeypatch.context() as patch:
        patch.setattr(billing, "bill_owners", busy)
        failed: list[int] = []
        assert endings.carry_out(k5.ports, failed.append) == 0
        assert failed == [k5.caller.id]
    assert billing.run(k5.ports).paid == 0
    assert endings.carry_out(k5.ports) == 1
    assert k5.balance() == before


def test_what_is_suspended_is_not_brought_back_after_the_last_day(k5: House) -> None:
    k5.top_up("600.00")
    connect(k5, "plan", "go-100")
    at(k5, NEW_YEAR)
    assert billing.run(k5.ports).suspended == 1
    endings.apply(k5.ports, k5.caller.id)  # last day: 31 January
    at(k5, date(2027, 2, 1))
    k5.top_up("2000.00")
    assert billing.run(k5.ports).resumed == 0
    assert endings.carry_out(k5.ports) == 1
    assert k5.balance() == rub("2000.00")


def test_whoever_objected_pays_nothing_of_the_new_terms_before_it_is_carried_out(k5: House) -> None:
    k5.top_up("2000.00")
    connect(k5, "plan", "go-100")
    text = SHIPPED.text("go-100")
    dearer = replace(text, plan=text.plan.replace('"600.00 RUB"', '"700.00 RUB"'))
    publish(k5.ports, dearer, NEW_YEAR, "staff:test")
    objections.object_to_change(k5.ports, k5.caller.id, "subscriber:1")
    at(k5, NEW_YEAR)
    with k5.ports.sessions.read() as db:
        assert last_days(k5.ports, db, [k5.caller.id], NEW_YEAR) == {k5.caller.id: date(2026, 12, 31)}
        assert last_days(k5.ports, db, [k5.caller.id], date(2026, 12, 31)) == {}
    assert billing.run(k5.ports).paid == 0
    assert k5.balance() == rub("1400.00")
    assert endings.keep(k5.ports, k5.caller.id, "staff:test")
    assert billing.run(k5.ports).paid == 1


def test_what_was_put_right_or_agreed_is_billed_again(k5: House) -> None:
    fall(k5)
    at(k5, date(2027, 2, 2))
    endings.terminate(k5.ports, k5.caller.id, "staff:ivan", "two months")
    k5.top_up("2000.00")
    connect(k5, "plan", "go-100")
    at(k5, date(2027, 3, 1))
    assert billing.run(k5.ports).paid == 0
    assert endings.carry_out(k5.ports) == 0
    assert billing.run(k5.ports).paid == 1
    with k5.ports.sessions.read() as db:
        assert [each.next_due for each in subscription_rows.live(db, k5.caller.id)] == [date(2027, 4, 1)]
