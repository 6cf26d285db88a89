"""Every kopeck on the statement has its reason; every charge opens into its legs."""

from datetime import date

import pytest

from k5web.domain.books.period import Period
from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.errors import NotFound
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.books import statements
from tests.services.house import House


def test_a_month_adds_up_from_opening_to_closing(k5: House) -> None:
    k5.top_up("50.00")
    k5.clock.forward(days=31)
    k5.top_up("100.00")
    k5.talk(k5.order(), "60")
    page = statements.statement(k5.ports, k5.caller.id)
    assert (page.month, page.months) == (date(2027, 1, 1), [date(2027, 1, 1), date(2026, 12, 1)])
    sums = [str(money) for money in (page.opening, page.total_in, page.total_out, page.closing)]
    assert sums == ["50.00", "100.00", "-2.20", "147.80"]
    assert page.spent_by_day == [(date(2027, 1, 1), rub("2.20"))]
    before = statements.statement(k5.ports, k5.caller.id, Period.month(date(2026, 12, 15)))
    assert [str(line.posting.amount) for line in before.lines] == ["50.00"]
    assert str(before.closing) == "50.00"


def test_midnight_in_moscow_parts_the_months(k5: House) -> None:
    """The settlement period is a calendar month, Moscow time (B5): 21:00 UTC is the next day there."""
    k5.clock.now = k5.clock.now.replace(day=31, hour=20, minute=59)
    k5.top_up("1.00")
    k5.clock.forward(minutes=2)
    k5.top_up("2.00")
    assert [str(line.posting.amount) for line in statements.statement(k5.ports, k5.caller.id).lines] == ["2.00"]


def test_pages_go_on_by_key_and_lose_nothing(k5: House) -> None:
    for kopecks in range(1, 8):
        k5.top_up(f"0.0{kopecks}")
    seen, before = [], None
    while True:
        page = statements.statement(k5.ports, k5.caller.id, before=before, limit=3)
        seen += [line.posting.seq for line in page.lines]
        before = page.next_before
        if before is None:
            break
    assert seen == [7, 6, 5, 4, 3, 2, 1]


def test_a_charge_names_its_call(k5: House) -> None:
    k5.top_up("100.00")
    call = k5.talk(k5.order(), "60")
    line = statements.line(k5.ports, k5.caller.id, 2)
    assert line.call is not None
    assert (line.call.id, str(line.posting.amount), line.posting.counter) == (call.id, "-2.20", "sale.call")


def test_other_peoples_movements_are_not_there(k5: House) -> None:
    k5.top_up("100.00")
    call = k5.talk(k5.order(), "60")
    stranger = add_subscriber(k5.ports, Msisdn.parse("+79031112233"), "correct horse", "Чужой")
    with pytest.raises(NotFound):
        statements.line(k5.ports, stranger.id, 1)
    with pytest.raises(NotFound):
        statements.call_detail(k5.ports, stranger.id, call.id)
    assert statements.calls(k5.ports, stranger.id).calls == []


def test_a_call_opens_into_both_legs(k5: House) -> None:
    """Seconds talked, seconds billed, price, charge: 1.75 + 0.45, each twice (A3, B8)."""
    k5.top_up("100.00")
    detail = statements.call_detail(k5.ports, k5.caller.id, k5.talk(k5.order(), "60.1").id)
    legs = [
        (leg.number, leg.duration_us, leg.charge.billed_s, str(leg.rate.per_minute), str(leg.charge.charge), leg.why)
        for leg in (detail.a, detail.b)
    ]
    assert legs == [
        ("79161234567", 60_100_000, 120, "1.75", "3.50", "billed"),
        ("74951234567", 60_100_000, 120, "0.45", "0.90", "billed"),
    ]
    assert detail.total == rub("4.40")
    assert detail.posting is not None
    assert detail.posting.amount == -detail.total


def test_a_free_call_says_why(k5: House) -> None:
    k5.top_up("100.00")
    short = statements.call_detail(k5.ports, k5.caller.id, k5.talk(k5.order(), "2.9").id)
    assert {short.a.why, short.b.why} == {"under_free_threshold"}
    call = k5.order()
    k5.work()
    k5.switch.answer_a(call.id)
    k5.switch.no_answer(call.id, "b")
    k5.work()
    silent = statements.call_detail(k5.ports, k5.caller.id, call.id)
    assert (silent.a.why, silent.b.why, silent.posting) == ("nobody_reached", "not_answered", None)


def test_a_call_above_its_hold_says_what_nobody_pays(k5: House) -> None:
    """Both legs come to 4.40, 2.20 was held and taken: the rest is named, so that the sums agree."""
    k5.top_up("2.20")
    detail = statements.call_detail(k5.ports, k5.caller.id, k5.talk(k5.order(), "61.5").id)
    legs = detail.a.charge.charge + detail.b.charge.charge
    assert (str(legs), str(detail.waived), str(detail.total)) == ("4.40", "2.20", "2.20")


def test_calls_are_listed_newest_first_by_key(k5: House) -> None:
    k5.top_up("100.00")
    ids = [k5.talk(k5.order(), "5").id for _ in range(3)]
    first = statements.calls(k5.ports, k5.caller.id, limit=2)
    assert [call.id for call in first.calls] == [ids[2], ids[1]]
    rest = statements.calls(k5.ports, k5.caller.id, first.next_before, limit=2)
    assert ([call.id for call in rest.calls], rest.next_before) == ([ids[0]], None)
