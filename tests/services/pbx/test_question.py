"""What a switch is answered: who is believed, what costs what, what is refused and why, one answer for one question."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import update

from k5web.domain.calls import own_limit
from k5web.domain.calls.call import CallKind, CallState
from k5web.domain.calls.own_limit import OwnLimit
from k5web.domain.calls.stops import StopKind
from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.errors import Unavailable
from k5web.services.accounts import blocking
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.calls import safety, stops
from k5web.services.pbx import question as asking
from k5web.services.prices import billing
from k5web.storage.calls import own_limit_rows
from k5web.storage.session import Sessions
from k5web.storage.tables import SipAccountRow, SubscriptionRow
from tests.conftest import Clock
from tests.fakes.doors import change_plan
from tests.services.pbx.office import CITY, FREEPHONE, MOBILE, MOSCOW, SHARED, Office, add_login, rent


@pytest.fixture
def office(sessions: Sessions, clock: Clock) -> Office:
    found = Office(sessions, clock)
    found.top_up("100.00")
    return found


def test_a_forward_holds_the_price_of_the_other_leg_alone(office: Office) -> None:
    answer = office.forward()
    call = office.asked(answer)
    # 100.00 at 1.75 a minute: 57 minutes, and 99.75 held for them
    assert answer == f"yes|{call.id}|3419000|3467|trunk-a|{MOSCOW}|"
    assert office.held() == rub("99.75") == call.hold
    assert (call.kind, call.state, call.switch) == (CallKind.FORWARD, CallState.CALLING_B, "fake")
    assert call.quote.a.per_minute.micro == 0
    assert call.quote.b.source == "deck clovertel 2"


@pytest.mark.parametrize(("money", "answer"), [("1.74", "no|funds"), ("1.75", "yes")])
def test_a_kopeck_decides(sessions: Sessions, clock: Clock, money: str, answer: str) -> None:
    office = Office(sessions, clock)
    office.top_up(money)
    assert office.forward().startswith(answer)


# Every code of the printed table with a number in it: D4
ORIGINS = [
    *((code, "2.00") for code in ("7495", "7496", "7498", "7499", "7812", "7813")),
    *((code, "3.50") for code in ("78432", "78435", "78312", "783141", "783142", "783143", "783146", "73512", "73517")),
    *((code, "3.00") for code in ("73432", "73433", "73832", "73833", "78632", "78633", "78462", "78469")),
    *((f"784630{n}", "3.00") for n in range(10)),
    *((f"78463{n}", "3.00") for n in (1, 2, 3, 4, 6, 7, 8, 9)),
    ("784635", "3.50"), ("79", "3.50"), ("7343", "3.50"), ("7846", "3.50"), ("7831", "3.50"), ("74712", "3.50"),
]  # fmt: skip


def test_the_owner_of_an_8_800_pays_by_where_the_caller_is(office: Office) -> None:
    """D4, with the plan as it is sold."""
    for code, price in ORIGINS:
        call = office.asked(office.ring_free(code.ljust(11, "1")))
        assert str(call.quote.b.per_minute) == price, code
        assert call.quote.b.source == "plan standard-8800 0"
        assert call.quote.b_number == code.ljust(11, "1")
        office.end_all()


def test_an_8_800_call_leaves_money_for_the_phone_that_its_rule_leads_to(sessions: Sessions, clock: Clock) -> None:
    """D4: the owner's own leg is paid beside the caller's; what one takes the other cannot have."""
    office = Office(sessions, clock)
    office.top_up("100.00")
    own = office.caller.phone
    assert own
    asked = office.question(CallKind.INCOMING, FREEPHONE, caller=CITY)
    first = office.asked(office.ask(asked))
    second = office.asked(office.ask(replace(asked, n=2, kind=CallKind.FORWARD, called=own.digits)))
    assert (first.minutes, second.minutes) == (26, 27)  # of 2.00 and 1.75
    assert first.hold + second.hold <= rub("100.00")


def test_a_caller_without_a_number_is_the_dearest_and_a_foreigner_is_refused(office: Office) -> None:
    """D4: who shows no number may be anywhere."""
    call = office.asked(office.ring_free(""))
    assert (str(call.quote.b.per_minute), call.quote.b_number) == ("3.50", "")
    office.end_all()
    assert office.ring_free("4930123456") == "no|closed"


def test_a_caller_pays_no_gift_and_the_answer_shows_no_number(office: Office) -> None:
    answer = office.ring_free()
    call = office.asked(answer)
    assert answer == f"yes|{call.id}|{call.talk_ms}|{call.leg_a_s}|trunk-a||"
    assert call.covers == ()


def test_a_pbx_user_shows_the_rented_number_and_without_one_the_lines(sessions: Sessions, clock: Clock) -> None:
    office = Office(sessions, clock)
    office.top_up("10.00")
    assert f"|{MOSCOW}|" in office.dial()
    other = add_subscriber(office.ports, Msisdn("79161234500"), "correct horse", "Борис")
    add_login(office.ports, other.id, f"w{other.id}-0123456789abcdef")
    office.caller = other
    office.top_up("10.00")
    login = f"w{other.id}-0123456789abcdef"
    answer = office.dial(CITY, caller=login, endpoint=login)
    assert f"|{office.switch.caller_id}|" in answer
    assert str(office.asked(answer).quote.per_minute) == "0.45"  # by the plan K5, leg A costs nothing


def test_the_same_question_gets_the_same_answer_and_holds_once(office: Office) -> None:
    question = office.question(CallKind.FORWARD, MOBILE)
    first = office.ask(question)
    office.clock.forward(seconds=30)
    assert office.ask(question) == first
    assert office.held() == office.asked(first).hold
    assert len(office.live()) == 1
    poor = replace(question, leg_uuid="k5-1.9")
    assert office.ask(poor) == "no|funds"
    office.top_up("100.00")
    assert office.ask(poor) == "no|funds"  # a no too: nobody asks twice to be told something else
    assert office.ask(replace(poor, n=2)).startswith("yes|")


@pytest.mark.parametrize(
    ("kind", "lie"),
    [
        (CallKind.FORWARD, {"did": "74950000199"}),  # in no stock
        (CallKind.FORWARD, {"did": "74950000102"}),  # another's
        (CallKind.FORWARD, {"owner_id": 999_999}),
        (CallKind.INCOMING, {"did": MOSCOW}),  # not what is called
        (CallKind.INCOMING, {"called": "78000000106", "did": "78000000106"}),  # another's
        (CallKind.OUTGOING, {"endpoint": "u1-1"}),
        (CallKind.OUTGOING, {"endpoint": "trunk-a"}),  # put through, but nobody's number, and no conversation
    ],
)
def test_the_owner_is_believed_only_where_the_rest_is_theirs(
    office: Office, kind: CallKind, lie: dict[str, object]
) -> None:
    other = add_subscriber(office.ports, Msisdn("79161234500"), "correct horse", "Борис")
    rent(office.ports, other.id, "74950000102", "78000000106")
    asked = office.question(kind, FREEPHONE if kind is CallKind.INCOMING else MOBILE)
    assert office.ask(replace(asked, **lie)) == "no|closed"  # type: ignore[arg-type]
    assert office.held() == rub("0.00")


def test_somebody_put_through_calls_at_the_cost_of_whose_number_they_rang(office: Office) -> None:
    assert office.dial(endpoint="trunk-a", did=MOSCOW, caller="79161112233").startswith("yes|")


def test_an_other_party_put_through_again_is_of_the_same_conversation(office: Office) -> None:
    office.top_up("100.00")
    first = office.question(CallKind.OUTGOING, CITY)
    office.ask(first)
    again = replace(first, leg_uuid="k5-1.77", endpoint="trunk-a")
    assert office.ask(again).startswith(("yes|", "no|funds"))
    assert office.ask(replace(again, linked_id="k5-1.78", leg_uuid="k5-1.79")) == "no|closed"


def test_a_login_that_is_over_may_not_call(office: Office) -> None:
    with office.ports.sessions.begin() as db:
        db.execute(update(SipAccountRow).values(removed_at=office.clock()))
    assert office.dial() == "no|closed"


def test_callers_of_the_shared_number_reach_whose_id_they_dial(office: Office) -> None:
    """D6."""
    answer = office.forward(did=SHARED)
    assert f"|{SHARED}|" in answer


@pytest.mark.parametrize("to", [MOSCOW, FREEPHONE, SHARED, "74950000102"])
def test_a_forward_to_a_number_of_ours_would_come_in_again(office: Office, to: str) -> None:
    other = add_subscriber(office.ports, Msisdn("79161234500"), "correct horse", "Борис")
    rent(office.ports, other.id, "74950000102")
    assert office.forward(to) == "no|closed"


def test_a_fourth_forward_of_one_caller_is_a_circle(office: Office) -> None:
    safety.set_limits(office.ports, office.caller.id, {"daily_minor": 10**6, "first_day_minor": 10**6})
    _give_short_calls(office)
    said = [office.forward(caller="79160000001") for _ in range(4)]
    assert [each[:3] for each in said] == ["yes", "yes", "yes", "no|"]


def _give_short_calls(office: Office) -> None:
    """Let every call hold a minute, so that money decides nothing."""
    with office.ports.sessions.begin() as db:
        own_limit_rows.keep(db, office.caller.id, OwnLimit(own_limit.MINUTES, 1))


def test_who_is_stopped_gets_no_leg(office: Office) -> None:
    blocking.block(office.ports, office.caller.id, "staff:anna", "долг за прошлый год")
    assert office.forward() == "no|closed"
    blocking.unblock(office.ports, office.caller.id, "staff:anna", "долг погашен")
    stops.stop(office.ports, StopKind.TO, MOBILE[:4], "мошенники", "staff:anna")
    assert office.forward() == "no|stop_list"
    assert office.forward(CITY).startswith("yes|")


def test_an_emergency_number_a_dear_country_and_no_number_are_closed(office: Office) -> None:
    assert office.dial("112") == "no|closed"
    assert office.dial("881612345678") == "no|closed"
    assert office.dial("89161234567") == "no|closed"  # a carrier might read it as Vietnam's 84 … are read
    assert office.held() == rub("0.00")


def test_calls_at_once_are_those_of_the_plan_and_one_leg_counts_once(office: Office) -> None:
    safety.set_limits(office.ports, office.caller.id, {"daily_minor": 10**6, "first_day_minor": 10**6})
    _give_short_calls(office)
    incoming = office.question(CallKind.INCOMING, FREEPHONE)
    assert office.ask(incoming).startswith("yes|")
    assert office.forward().startswith("yes|")
    assert office.forward(CITY).startswith("yes|")
    assert office.forward(CITY, caller="79160000009") == "no|limit"  # the plan has three
    through = replace(incoming, n=2, kind=CallKind.FORWARD, called=MOBILE)
    assert office.ask(through).startswith("yes|")  # the 8-800 call itself, put through


def test_limits_of_a_day_are_those_of_any_call(office: Office) -> None:
    office.top_up("1000.00")
    safety.set_limits(office.ports, office.caller.id, {"daily_minor": 1_74})
    assert office.forward() == "no|limit"
    assert safety.show(office.ports, office.caller.id).refusals == {"daily_limit": 1}


def test_our_own_trouble_is_no_answer_and_leaves_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def fall(*_: object) -> None:
        raise Unavailable

    monkeypatch.setattr(asking, "_terms_and_limits", fall)
    with pytest.raises(Unavailable):
        office.forward()
    monkeypatch.undo()
    assert office.held() == rub("0.00")


def test_a_line_that_is_full_refuses(sessions: Sessions, clock: Clock) -> None:
    office = Office(sessions, clock, lines=1)
    office.top_up("100.00")
    _give_short_calls(office)
    assert office.forward().startswith("yes|")
    assert office.dial() == "no|limit"


def test_forwards_stop_while_the_plan_is_unpaid_and_come_back_after_a_top_up(sessions: Sessions, clock: Clock) -> None:
    """B9."""
    office = Office(sessions, clock, plan="go-100")
    office.top_up("50.00")
    assert office.forward().startswith("yes|")
    office.end_all()
    with office.ports.sessions.begin() as db:
        db.execute(update(SubscriptionRow).values(next_due=office.ports.today()))
    assert billing.run(office.ports).suspended == 1
    assert (office.forward(), office.dial()) == ("no|funds", "no|funds")
    assert billing.run(office.ports).resumed == 0
    office.top_up("600.00")
    assert billing.run(office.ports).resumed == 1
    assert office.forward().startswith("yes|")


def test_of_eight_that_ask_at_once_with_money_for_four_four_are_dialled(
    sessions: Sessions, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(sessions, clock)
    change_plan(monkeypatch, "profi", calls_at_once=8, fees=(), options={})
    office.top_up("7.00")
    _give_short_calls(office)
    asked = [office.question(CallKind.OUTGOING, f"7916000{n:04d}") for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(office.ask, asked))
    assert sorted(each.partition("|")[0] for each in said) == ["no"] * 4 + ["yes"] * 4
    assert office.held() == rub("7.00")


def test_the_same_question_at_once_is_answered_alike_and_held_once(office: Office) -> None:
    asked = office.question(CallKind.FORWARD, MOBILE)
    with ThreadPoolExecutor(6) as pool:
        said = set(pool.map(office.ask, [asked] * 6))
    assert len(said) == 1
    assert len(office.live()) == 1
