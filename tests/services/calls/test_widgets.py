"""Buttons «Звонок с сайта»: a visitor's number is called within the owner's limits, and the owner pays."""

import threading
from dataclasses import replace

import pytest

from k5web.domain.calls.widget import FROM_ADDRESS, MOST_WIDGETS, TO_NUMBER, Widget
from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.errors import (
    InsufficientFunds,
    K5Error,
    NotForVisitors,
    NotFound,
    TooMany,
    TooManyCalls,
    TooOften,
    WidgetSpent,
    WrongCount,
    WrongName,
    WrongNumber,
    WrongPrice,
    WrongSite,
)
from k5web.services.accounts import accounts
from k5web.services.calls import ordering, widgets
from k5web.services.calls.widgets import TypedWidget, Visitor
from tests.services.house import OWN, THEIRS, House

WISH = TypedWidget("Лавка", "https://shop.example", "5,00", "20")


@pytest.fixture
def widget(k5: House) -> Widget:
    """A button of somebody with money."""
    k5.top_up("1000.00")
    return widgets.make(k5.ports, k5.caller, WISH)


def press(k5: House, widget: Widget, number: str = THEIRS, key: str = "form-0001", address: str = "192.0.2.1") -> str:
    return widgets.press(k5.ports, widget.code, Visitor(number, key, address)).id


def today(k5: House) -> int:
    return widgets.of_owner(k5.ports, k5.caller.id)[0].ordered_on(k5.ports.today())


def test_the_owners_phone_rings_first_then_the_visitors_and_the_owner_pays(k5: House, widget: Widget) -> None:
    call_id = press(k5, widget)
    call = k5.talk(k5.ordered_by(call_id), "61")
    assert (call.quote.a_number, call.quote.b_number) == (OWN[1:], THEIRS[1:])
    assert k5.balance() == rub("995.60")
    assert today(k5) == 1
    k5.assert_sound()


def test_the_same_form_and_a_number_being_called_are_the_same_call(k5: House, widget: Widget) -> None:
    call_id = press(k5, widget)
    assert press(k5, widget) == call_id
    assert press(k5, widget, key="form-0002") == call_id
    k5.talk(k5.ordered_by(call_id), "5")
    assert press(k5, widget) == call_id
    assert today(k5) == 1
    k5.work()
    assert len(k5.switch.orders) == 1


def test_whom_the_owner_talks_to_otherwise_is_told_to_no_visitor(k5: House, widget: Widget) -> None:
    k5.order(THEIRS)
    for n, number in enumerate((THEIRS, "+74951234500")):
        with pytest.raises(TooManyCalls):
            press(k5, widget, number, f"form-000{n}")


def test_a_number_that_a_visitor_chose_is_not_one_the_owner_called_by_hand(k5: House, widget: Widget) -> None:
    k5.talk(k5.ordered_by(press(k5, widget)), "5")
    assert not ordering.may_call_at_once(k5.ports, k5.caller.id, Msisdn.parse(THEIRS))


def test_a_number_typed_anew_on_the_same_form_is_another_call(k5: House, widget: Widget) -> None:
    wrong = press(k5, widget, "+74951234500")
    k5.talk(k5.ordered_by(wrong), "5")
    assert press(k5, widget) != wrong
    assert today(k5) == 2


def all_at_once(k5: House, widget: Widget, visits: list[tuple[str, str, str]]) -> set[str]:
    """Press from many threads; return the calls' ids and the refusals' codes."""
    outcomes: list[str] = []

    def visit(number: str, key: str, address: str) -> None:
        try:
            outcomes.append(press(k5, widget, number, key, address))
        except K5Error as refusal:
            outcomes.append(refusal.code)

    threads = [threading.Thread(target=visit, args=args) for args in visits]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == len(visits)
    return set(outcomes)


@pytest.mark.parametrize("keys", ["one form", "no keys"])
def test_ten_taps_at_once_are_one_call_and_are_counted_once(k5: House, widget: Widget, keys: str) -> None:
    visits = [(THEIRS, "form-0001" if keys == "one form" else f"form-000{n}", "192.0.2.1") for n in range(10)]
    assert all_at_once(k5, widget, visits) <= {f"{k5.caller.id}-1", "later"}
    k5.talk(k5.ordered_by(press(k5, widget)), "5")
    assert len(k5.switch.orders) == 1
    assert today(k5) == 1
    for n in range(1, TO_NUMBER.at_once):
        talk_to(k5, widget, 100 + n, number=THEIRS)


def test_ten_visitors_at_once_are_never_more_than_the_limits_let_through(k5: House, widget: Widget) -> None:
    visits = [(f"+7495123450{n}", f"form-000{n}", f"192.0.{n}.1") for n in range(10)]
    first = f"{k5.caller.id}-1"
    outcomes = all_at_once(k5, widget, visits)
    assert outcomes <= {first, "too_many_calls", "later"}
    assert today(k5) == (first in outcomes)


def talk_to(k5: House, widget: Widget, n: int, *, number: str = "", address: str = "") -> None:
    """One visitor after another, each from a town of their own unless it is said."""
    call_id = press(k5, widget, number or f"+7495123{n:04}", f"form-{n:04}", address or f"192.0.{n}.1")
    k5.talk(k5.ordered_by(call_id), "5")


def test_a_day_has_so_many_calls_and_the_next_day_as_many_again(k5: House, widget: Widget) -> None:
    widgets.change(k5.ports, k5.caller.id, widget.code, replace(WISH, calls_a_day="2"))
    talk_to(k5, widget, 1)
    talk_to(k5, widget, 2)
    with pytest.raises(WidgetSpent):
        talk_to(k5, widget, 3)
    k5.clock.forward(days=1)
    talk_to(k5, widget, 4)
    assert today(k5) == 1


def test_one_address_has_so_many_in_a_row(k5: House, widget: Widget) -> None:
    for n in range(FROM_ADDRESS.at_once):
        talk_to(k5, widget, n, address=f"192.0.2.{n}")
    with pytest.raises(TooOften):
        talk_to(k5, widget, 8, address="192.0.2.99")
    talk_to(k5, widget, 9, address="198.51.100.1")
    k5.clock.forward(hours=1)
    talk_to(k5, widget, 10, address="192.0.2.99")


def test_one_number_has_so_many_in_a_row_over_all_buttons(k5: House, widget: Widget) -> None:
    other = widgets.make(k5.ports, k5.caller, WISH)
    for n in range(TO_NUMBER.at_once):
        talk_to(k5, (widget, other)[n % 2], n, number=THEIRS)
    with pytest.raises(TooOften):
        talk_to(k5, other, 9, number=THEIRS)


def test_a_refused_order_is_counted_nowhere(k5: House, widget: Widget) -> None:
    own = k5.order("+77172123456")
    for _ in range(FROM_ADDRESS.at_once + 1):
        with pytest.raises(TooManyCalls):
            press(k5, widget)
    assert today(k5) == 0
    k5.talk(own, "5")
    assert press(k5, widget)


def test_without_money_nobody_is_called(k5: House) -> None:
    poor = widgets.make(k5.ports, k5.caller, WISH)
    with pytest.raises(InsufficientFunds):
        press(k5, poor)
    assert today(k5) == 0


@pytest.mark.parametrize("number", [OWN, "+999123456789", "+870773123456", "+3592123456", "112"])
def test_visitors_get_ordinary_numbers_within_the_price_and_one_answer_for_all_others(
    k5: House, widget: Widget, number: str
) -> None:
    widgets.change(k5.ports, k5.caller.id, widget.code, replace(WISH, dearest="2,20"))
    with pytest.raises((NotForVisitors, WrongNumber)) as refused:
        press(k5, widget, number)
    assert number == "112" or isinstance(refused.value, NotForVisitors)
    assert press(k5, widget)


def test_a_dearer_price_list_stops_a_button_at_its_price(k5: House, widget: Widget) -> None:
    widgets.change(k5.ports, k5.caller.id, widget.code, replace(WISH, dearest="2,20"))
    k5.reprice("7495", "0.46")
    with pytest.raises(NotForVisitors):
        press(k5, widget)


def test_a_button_that_is_off_or_gone_calls_nobody(k5: House, widget: Widget) -> None:
    widgets.switch(k5.ports, k5.caller.id, widget.code, is_on=False)
    with pytest.raises(NotFound):
        press(k5, widget)
    widgets.switch(k5.ports, k5.caller.id, widget.code, is_on=True)
    assert press(k5, widget)
    widgets.remove(k5.ports, k5.caller.id, widget.code)
    for code in (widget.code, "x", "'; --", "a" * 16):
        with pytest.raises(NotFound):
            widgets.show(k5.ports, code)


def test_nobody_changes_somebody_elses_button(k5: House, widget: Widget) -> None:
    other = accounts.add_subscriber(k5.ports, Msisdn("79160000001"), "correct horse", "Ольга")
    with pytest.raises(NotFound):
        widgets.change(k5.ports, other.id, widget.code, WISH)
    with pytest.raises(NotFound):
        widgets.switch(k5.ports, other.id, widget.code, is_on=False)
    with pytest.raises(NotFound):
        widgets.remove(k5.ports, other.id, widget.code)
    assert widgets.of_owner(k5.ports, k5.caller.id) == [widget]


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"label": " "}, WrongName),
        ({"sites": "ftp://x"}, WrongSite),
        ({"dearest": "-1"}, WrongPrice),
        ({"calls_a_day": "0"}, WrongCount),
        ({"calls_a_day": "1001"}, WrongCount),
        ({"calls_a_day": "1e2"}, WrongCount),
        ({"calls_a_day": "٣"}, WrongCount),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused(k5: House, change: dict[str, str], refusal: type[K5Error]) -> None:
    with pytest.raises(refusal):
        widgets.make(k5.ports, k5.caller, replace(WISH, **change))
    assert widgets.of_owner(k5.ports, k5.caller.id) == []


def test_there_is_room_for_so_many(k5: House) -> None:
    for _ in range(MOST_WIDGETS):
        widgets.make(k5.ports, k5.caller, WISH)
    with pytest.raises(TooMany):
        widgets.make(k5.ports, k5.caller, WISH)
