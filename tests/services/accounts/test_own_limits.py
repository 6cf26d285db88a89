"""What subscribers set for themselves holds each order, whichever way it came; nobody raises it at once (S19)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from k5web.domain.calls.risk import SafetyLimits
from k5web.domain.money import Money, rub
from k5web.domain.prices.number import Msisdn
from k5web.errors import LimitRaised, OwnLimitReached, TooMany
from k5web.services.accounts import own_limits, sms_inbox
from k5web.services.accounts.sms_inbox import Message
from k5web.services.calls import missed_calls, ordering, safety, widgets
from k5web.services.calls.widgets import TypedWidget, Visitor
from k5web.storage.messaging import outbox_rows
from tests.fakes.doors import change_plan
from tests.services.house import ACCESS, OWN, THEIRS, House, with_phone
from tests.services.visits import refusal

ASTANA, SOFIA = "+77172123456", "+35921234567"
EVENING = datetime(2026, 12, 1, 20, 59, tzinfo=UTC)  # a minute before midnight in Moscow


@pytest.fixture
def rich(k5: House) -> House:
    """A house with money whose first day is over."""
    k5.top_up("900.00")
    k5.clock.forward(days=2)
    return k5


def choose(k5: House, **wanted: int | None) -> None:
    own_limits.change(k5.ports, k5.caller.id, wanted)


def to(k5: House, **wanted: int | None) -> None:
    own_limits.change(k5.ports, k5.caller.id, {f"to:{region}": amount for region, amount in wanted.items()})


def told(k5: House) -> list[tuple[str, str | None]]:
    with k5.ports.sessions.read() as db:
        found = [(each.kind, each.address) for each in outbox_rows.due(db, k5.clock(), 100)]
    return [each for each in found if each[0] == own_limits.NOTICE]


def refused(k5: House, number: str = THEIRS) -> OwnLimitReached:
    refusal_ = refusal(lambda: k5.order(number))
    assert isinstance(refusal_, OwnLimitReached)
    shown = refusal(lambda: ordering.offer(k5.ports, k5.caller, Msisdn.parse(number)))
    assert (shown.code, shown.facts["key"]) == (refusal_.code, refusal_.facts["key"]), "the page says it before"
    assert k5.held() == rub("0.00")
    return refusal_


def test_a_day_holds_no_more_than_the_subscriber_lets_it(rich: House) -> None:
    choose(rich, day=5_00)
    call = rich.order()
    assert (call.minutes, call.hold) == (2, rub("4.40"))
    rich.talk(call, "61")
    said = refused(rich)
    assert (said.facts["key"], said.facts["most"], said.facts["left"]) == ("day", rub("5.00"), rub("0.60"))


def test_the_day_is_moscows(k5: House) -> None:
    k5.top_up("100.00")
    choose(k5, day=2_20)
    k5.clock.forward(seconds=(EVENING - k5.clock()).total_seconds())
    k5.talk(k5.order(), "30")
    k5.clock.forward(seconds=(EVENING + timedelta(seconds=59) - k5.clock()).total_seconds())
    assert refused(k5).facts["left"] == rub("0.00")
    k5.clock.forward(seconds=1)
    assert k5.order().minutes == 1


def test_a_country_has_a_sum_of_its_own_a_day(rich: House) -> None:
    to(rich, KZ=3_00)
    call = rich.order(ASTANA)
    assert call.minutes == 1
    rich.talk(call, "30")
    said = refused(rich, ASTANA)
    assert (said.facts["key"], said.facts["left"]) == ("to:KZ", rub("0.99"))
    assert rich.order().minutes > 1, "Russia is not Kazakhstan, though both are +7"


def test_a_closed_country_is_not_called_for_nothing_either(rich: House) -> None:
    """A gift or a free direction is no way into a country that its subscriber closed."""
    to(rich, KZ=0)
    assert refused(rich, ASTANA).facts["most"] == rub("0.00")
    rich.reprice("77172", "0.00")
    rich.reprice("79", "0.00")
    assert isinstance(refusal(lambda: rich.order(ASTANA)), OwnLimitReached)


def test_only_the_countries_that_are_named_may_be_called(rich: House) -> None:
    own_limits.change(rich.ports, rich.caller.id, {"to:*": 0, "to:RU": 100_00})
    assert refused(rich, SOFIA).facts["key"] == "to:*"
    assert rich.order().minutes > 1


def test_all_other_countries_share_one_sum(rich: House) -> None:
    own_limits.change(rich.ports, rich.caller.id, {"to:*": 5_00, "to:RU": 100_00})
    rich.talk(rich.order(SOFIA), "30")
    assert refused(rich, ASTANA).facts["left"] == rub("1.17"), "Sofia and Astana together"


def test_one_call_has_a_ceiling_of_money_and_of_minutes(rich: House) -> None:
    choose(rich, call=7_00)
    call = rich.order()
    assert (call.minutes, call.hold) == (3, rub("6.60"))
    rich.talk(call, "1")
    choose(rich, minutes=2)
    assert ordering.offer(rich.ports, rich.caller, Msisdn.parse(THEIRS)).minutes == 2
    call = rich.order()
    assert (call.minutes, call.talk_ms) == (2, 119_000)
    rich.talk(call, "1")
    choose(rich, call=2_19)
    assert refused(rich).facts["key"] == "call"


def test_lower_counts_at_once_and_higher_after_the_wait_which_all_phones_hear_of(rich: House) -> None:
    choose(rich, day=1_00)
    assert refused(rich).facts["most"] == rub("1.00")
    choose(rich, day=50_00)
    assert refused(rich).facts["most"] == rub("1.00")
    assert told(rich) == [("limit_raised", OWN)]
    rich.clock.forward(hours=24, seconds=-1)
    assert refused(rich).facts["most"] == rub("1.00")
    rich.clock.forward(seconds=1)
    assert rich.order().hold <= rub("50.00")


def test_a_country_is_opened_after_the_wait_where_all_others_are_closed(rich: House) -> None:
    own_limits.change(rich.ports, rich.caller.id, {"to:*": 0})
    to(rich, KZ=100_00)
    assert refused(rich, ASTANA).facts["key"] == "to:*"
    assert told(rich) == [("limit_raised", OWN)]
    rich.clock.forward(hours=24, seconds=-1)
    assert refused(rich, ASTANA)
    rich.clock.forward(seconds=1)
    assert rich.order(ASTANA).hold <= rub("100.00")


def test_countries_do_not_multiply_a_shared_sum(rich: House) -> None:
    own_limits.change(rich.ports, rich.caller.id, {"to:*": 3_00})
    to(rich, KZ=3_00, BG=3_00)
    rich.talk(rich.order(ASTANA), "30")
    assert refused(rich, SOFIA).facts["key"] == "to:*", "one sum of 3 for both until the wait is over"
    rich.clock.forward(hours=24)
    assert {key: each.at(rich.clock()) for key, each in own_limits.of(rich.ports, rich.caller.id).items()} == {
        "to:*": 3_00,
        "to:KZ": 3_00,
        "to:BG": 3_00,
    }


def test_a_country_left_to_a_higher_shared_sum_waits(rich: House) -> None:
    own_limits.change(rich.ports, rich.caller.id, {"to:*": 100_00, "to:KZ": 0})
    to(rich, KZ=None)
    assert refused(rich, ASTANA).facts["key"] == "to:KZ"
    rich.clock.forward(hours=24)
    assert rich.order(ASTANA).minutes > 1


def test_a_wish_that_waits_is_listed_and_saved_again_does_not_wait_anew(rich: House) -> None:
    own_limits.change(rich.ports, rich.caller.id, {"to:*": 0})
    to(rich, KZ=100_00)
    first = own_limits.of(rich.ports, rich.caller.id)["to:KZ"]
    rich.clock.forward(hours=1)
    to(rich, KZ=100_00)
    assert own_limits.of(rich.ports, rich.caller.id)["to:KZ"] == first


def test_to_take_a_limit_away_is_to_raise_it(rich: House) -> None:
    choose(rich, day=1_00)
    choose(rich, day=None)
    assert refused(rich)
    rich.clock.forward(hours=24)
    assert rich.order().minutes > 20
    assert own_limits.of(rich.ports, rich.caller.id) == {}


def test_the_operator_may_let_limits_rise_at_once(rich: House) -> None:
    rich.ports = replace(rich.ports, raise_wait=timedelta())
    choose(rich, day=1_00)
    choose(rich, day=None)
    assert rich.order().minutes > 20


def test_nobody_lifts_themselves_above_the_operators_limit(rich: House) -> None:
    most = SafetyLimits().daily_minor
    said = refusal(lambda: choose(rich, day=most + 1))
    assert isinstance(said, LimitRaised)
    assert said.facts["most"] == Money(most)
    choose(rich, day=most)
    safety.set_limits(rich.ports, rich.caller.id, {"daily_minor": 2_20})
    assert rich.order().minutes == 1, "the lower of the two counts"


def test_limits_are_never_many(rich: House) -> None:
    many = {f"to:{a}{b}": 1 for a in "ABCDEF" for b in "ABCDEFGHIJ"}
    assert isinstance(refusal(lambda: own_limits.change(rich.ports, rich.caller.id, many)), TooMany)
    assert own_limits.of(rich.ports, rich.caller.id) == {}


def test_limits_that_were_taken_away_make_room(rich: House) -> None:
    rich.ports = replace(rich.ports, raise_wait=timedelta())
    many = {f"to:{a}{b}": 1 for a in "ABCDE" for b in "ABCDEFGHIJ"}
    own_limits.change(rich.ports, rich.caller.id, many)
    assert isinstance(refusal(lambda: choose(rich, day=1_00)), TooMany)
    own_limits.change(rich.ports, rich.caller.id, dict.fromkeys(many))
    choose(rich, day=1_00)
    assert own_limits.of(rich.ports, rich.caller.id).keys() == {"day"}


def test_a_crowd_of_orders_never_spends_more_than_the_day(rich: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """From as many phones as there are orders: each order sees what the one before it took."""
    change_plan(monkeypatch, calls_at_once=20)
    choose(rich, day=10_00)
    theirs = [with_phone(rich.ports, rich.caller, Msisdn(f"7916000200{n}")) for n in range(8)]

    def press(n: int) -> Money | None:
        try:
            return rich.order(f"+7495123450{n}", key=f"crowd-{n}", caller=theirs[n]).hold
        except OwnLimitReached:
            return None

    with ThreadPoolExecutor(8) as crowd:
        held = [each for each in crowd.map(press, range(8)) if each is not None]
    assert held
    assert sum(each.minor for each in held) <= 10_00
    assert rich.held().minor == sum(each.minor for each in held)


# Every other way in


def test_a_missed_call_is_not_called_back(rich: House) -> None:
    missed_calls.assign(rich.ports, rich.caller, ACCESS[0], Msisdn.parse(THEIRS), "")
    choose(rich, day=1_00)
    rich.switch.miss(OWN[1:], ACCESS[0])
    rich.work()
    assert [each.outcome for each in missed_calls.latest(rich.ports, rich.caller.id, 5)] == ["own_limit"]
    assert rich.switch.orders == []


def test_an_sms_is_refused_in_the_same_words(rich: House) -> None:
    choose(rich, day=1_00)
    asked = Message("kannel", "1", OWN, "4443", f"ЗВОНОК {THEIRS}")
    assert isinstance(refusal(lambda: sms_inbox.handle(rich.ports, asked)), OwnLimitReached)


def test_a_button_on_a_site_spends_no_more(rich: House) -> None:
    typed = TypedWidget("Лавка", "https://shop.example", "5,00", "20")
    widget = widgets.make(rich.ports, rich.caller, typed)
    choose(rich, day=1_00)
    visitor = Visitor(THEIRS, "k" * 12, "203.0.113.9")
    assert isinstance(refusal(lambda: widgets.press(rich.ports, widget.code, visitor)), OwnLimitReached)


def test_refusals_are_counted_for_staff(rich: House) -> None:
    choose(rich, day=1_00)
    refused(rich)
    assert safety.show(rich.ports, rich.caller.id).refusals == {"own_limit": 1}
