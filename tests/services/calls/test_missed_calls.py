"""A call to an access number is refused as busy and called back: once, while it is fresh, to the chosen contact."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import update

from k5web.domain.calls.missed_calls import CALLING_BACK, FRESH
from k5web.domain.money import rub
from k5web.domain.prices.number import Msisdn
from k5web.errors import NoRate, NotFound, OwnNumber, OwnTrunkNumber, Unavailable, WrongName
from k5web.services.calls import missed_calls
from k5web.storage.calls import missed_call_rows
from k5web.storage.tables import ContactRow
from tests.services.house import ACCESS, OWN, THEIRS, House

MOTHER, FATHER = Msisdn.parse(THEIRS), Msisdn.parse("+77172123456")
CALLER = OWN.removeprefix("+")


@pytest.fixture
def ready(k5: House) -> House:
    """Somebody with money whose first access number rings their mother."""
    k5.top_up("100.00")
    missed_calls.assign(k5.ports, k5.caller, ACCESS[0], MOTHER, "Мама")
    return k5


def outcomes(k5: House) -> list[str]:
    return [one.outcome for one in missed_calls.latest(k5.ports, k5.caller.id, 20)]


def test_a_missed_call_rings_the_caller_and_then_the_contact(ready: House) -> None:
    ready.switch.miss(CALLER, ACCESS[0])
    ready.work()
    ready.work()
    [call] = ready.switch.orders
    assert (call.quote.a_number, call.quote.b_number) == (CALLER, MOTHER.digits)
    ready.talk_on(call, "61")
    [told] = missed_calls.latest(ready.ports, ready.caller.id, 5)
    assert (told.outcome, told.call_id, told.access) == ("called", call.id, ACCESS[0])
    assert ready.balance() == rub("95.60")
    ready.assert_sound()


@pytest.mark.parametrize("shown", [CALLER, OWN, f"8{CALLER[1:]}", CALLER[1:]])
def test_the_carriers_way_of_writing_the_caller_does_not_matter(ready: House, shown: str) -> None:
    ready.switch.miss(shown, ACCESS[0])
    ready.work()
    assert outcomes(ready) == ["called"]


@pytest.mark.parametrize("shown", [f"8{ACCESS[0][1:]}", ACCESS[0][1:]])
def test_nor_does_the_carriers_way_of_writing_the_access_number(ready: House, shown: str) -> None:
    ready.switch.miss(CALLER, shown)
    ready.work()
    [told] = missed_calls.latest(ready.ports, ready.caller.id, 5)
    assert (told.outcome, told.access) == ("called", ACCESS[0])


def test_a_foreign_caller_with_the_same_last_digits_is_nobody_we_know(ready: House) -> None:
    ready.switch.miss(f"+{CALLER[1:]}", ACCESS[0])
    ready.work()
    ready.work()
    assert ready.switch.orders == []


def test_each_access_number_has_its_own_contact(ready: House) -> None:
    missed_calls.assign(ready.ports, ready.caller, ACCESS[1], FATHER, "")
    ready.switch.miss(CALLER, ACCESS[1])
    ready.work()
    ready.work()
    assert [call.quote.b_number for call in ready.switch.orders] == [FATHER.digits]


def test_a_record_read_again_is_the_same_missed_call(ready: House) -> None:
    ready.switch.miss(CALLER, ACCESS[0])
    ready.work()
    ready.work()
    ready.talk_on(ready.switch.orders[0], "5")
    ready.switch.write_again()
    ready.work()
    ready.work()
    assert len(ready.switch.orders) == 1
    assert outcomes(ready) == ["called"]


def test_a_worker_killed_after_the_order_makes_no_second_one(ready: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    ready.switch.miss(CALLER, ACCESS[0])
    with monkeypatch.context() as patch:
        patch.setattr("k5web.storage.calls.missed_call_rows.close", killed)
        with pytest.raises(KeyboardInterrupt):
            ready.work()
    ready.work()
    ready.talk_on(ready.switch.orders[0], "5")
    ready.clock.forward(hours=1)
    ready.work()
    assert len(ready.switch.orders) == 1
    assert outcomes(ready) == ["called"]


def test_two_workers_at_once_make_one_call(ready: House) -> None:
    ready.switch.miss(CALLER, ACCESS[0])
    for importer in ready.importers:
        importer.run_once()
    threads = [threading.Thread(target=missed_calls.call_back_due, args=(ready.ports,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ready.work()
    ready.work()
    assert len(ready.switch.orders) == 1
    assert outcomes(ready) == ["called"]


def test_a_missed_call_read_too_late_is_left_alone(ready: House) -> None:
    ready.switch.miss(CALLER, ACCESS[0], at=ready.clock() - FRESH - timedelta(seconds=1))
    ready.switch.miss(CALLER, ACCESS[0], at=ready.clock() - FRESH)
    ready.work()
    assert outcomes(ready) == ["called", "called_too_late"]


def test_a_busy_base_is_asked_again_at_the_next_sweep(ready: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object, **__: object) -> None:
        raise Unavailable

    ready.switch.miss(CALLER, ACCESS[0])
    with monkeypatch.context() as patch:
        patch.setattr("k5web.services.calls.ordering.order_call", busy)
        for _ in range(CALLING_BACK.at_once + 1):
            ready.work()
    assert outcomes(ready) == []
    ready.work()
    assert outcomes(ready) == ["called"]


@pytest.mark.parametrize("caller", ["", "79160000009", "1", "0" * 40])
def test_a_stranger_is_not_called_back(ready: House, caller: str) -> None:
    ready.switch.miss(caller, ACCESS[0])
    ready.work()
    ready.work()
    assert ready.switch.orders == []
    with ready.ports.sessions.read() as db:
        assert missed_call_rows.new(db) == []


def test_a_number_that_rings_nobody_or_is_not_ours_calls_nobody(ready: House) -> None:
    ready.switch.miss(CALLER, ACCESS[1])
    ready.switch.miss(CALLER, "74959999999")
    ready.work()
    ready.work()
    assert ready.switch.orders == []
    assert outcomes(ready) == ["not_assigned", "not_assigned"]


def test_who_rings_while_a_call_is_under_way_gets_no_second_one_and_loses_none(ready: House) -> None:
    for _ in range(CALLING_BACK.at_once + 1):
        ready.clock.forward(seconds=1)
        ready.switch.miss(CALLER, ACCESS[0])
    ready.work()
    assert outcomes(ready) == [*["too_many_calls"] * CALLING_BACK.at_once, "called"]
    ready.work()
    ready.talk_on(ready.switch.orders[0], "5")
    ready.switch.miss(CALLER, ACCESS[0])
    ready.work()
    assert outcomes(ready)[0] == "called"


def test_who_rings_again_and_again_gets_some_calls_and_then_a_pause(ready: House) -> None:
    for _ in range(CALLING_BACK.at_once + 1):
        ready.clock.forward(seconds=1)
        ready.switch.miss(CALLER, ACCESS[0])
        ready.work()
        ready.work()
        if outcomes(ready)[0] == "called":
            ready.talk_on(ready.switch.orders[-1], "5")
    assert outcomes(ready) == ["too_often", *["called"] * CALLING_BACK.at_once]
    assert len(ready.switch.orders) == CALLING_BACK.at_once


def test_what_refuses_an_order_refuses_this_one_too(k5: House) -> None:
    missed_calls.assign(k5.ports, k5.caller, ACCESS[0], MOTHER, "")
    k5.switch.miss(CALLER, ACCESS[0])
    k5.work()
    assert outcomes(k5) == ["insufficient_funds"]


def test_a_minute_that_became_dearer_is_not_called_without_being_asked(ready: House) -> None:
    ready.reprice("7495", "0.46")
    ready.switch.miss(CALLER, ACCESS[0])
    ready.work()
    assert outcomes(ready) == ["price_rose"]
    missed_calls.assign(ready.ports, ready.caller, ACCESS[0], MOTHER, "Мама")
    ready.clock.forward(seconds=1)
    ready.switch.miss(CALLER, ACCESS[0])
    ready.work()
    assert outcomes(ready) == ["called", "price_rose"]


@pytest.mark.parametrize("terms", [{"connect_fee_micro": 10_000}, {"minimum_s": 120}, {"free_below_s": 0}])
def test_a_new_term_is_not_called_without_being_asked(ready: House, terms: dict[str, int]) -> None:
    """The price of the minute stays: what is taken beside it was not agreed to."""
    ready.reprice("7495", "0.45", **terms)
    ready.switch.miss(CALLER, ACCESS[0])
    ready.work()
    assert outcomes(ready) == ["price_rose"]


def test_a_contact_that_was_chosen_when_only_the_price_was_kept_is_called_by_it(ready: House) -> None:
    with ready.ports.sessions.begin() as db:
        db.execute(update(ContactRow).values(agreed=None, agreed_micro=2_200_000))
    ready.switch.miss(CALLER, ACCESS[0])
    ready.work()
    assert outcomes(ready) == ["called"]
    ready.work()
    ready.talk_on(ready.switch.orders[0], "10")
    ready.reprice("7495", "0.45", connect_fee_micro=10_000)
    ready.switch.miss(CALLER, ACCESS[0])
    ready.work()
    assert outcomes(ready) == ["price_rose", "called"]


def test_assigning_again_replaces_and_releasing_ends_it(ready: House) -> None:
    missed_calls.assign(ready.ports, ready.caller, ACCESS[0], FATHER, " Папа ")
    found = missed_calls.contacts(ready.ports, ready.caller.id)
    assert {access: (contact.number, contact.name) for access, contact in found.items()} == {
        ACCESS[0]: (FATHER, "Папа")
    }
    missed_calls.release(ready.ports, ready.caller.id, ACCESS[0])
    assert missed_calls.contacts(ready.ports, ready.caller.id) == {}
    with pytest.raises(NotFound):
        missed_calls.release(ready.ports, ready.caller.id, ACCESS[0])


def test_what_cannot_be_a_contact_is_refused(k5: House) -> None:
    for number, name, refusal in (
        (OWN, "", OwnNumber),
        (f"+{ACCESS[1]}", "", OwnTrunkNumber),
        ("+999123456789", "", NoRate),
        (THEIRS, "x" * 61, WrongName),
    ):
        with pytest.raises(refusal):
            missed_calls.assign(k5.ports, k5.caller, ACCESS[0], Msisdn.parse(number), name)
    with pytest.raises(NotFound):
        missed_calls.assign(k5.ports, k5.caller, "74959999999", MOTHER, "")
    assert missed_calls.contacts(k5.ports, k5.caller.id) == {}


def test_missed_calls_of_long_ago_are_forgotten_and_never_called_back(ready: House) -> None:
    ready.switch.miss(CALLER, ACCESS[0])
    ready.work()
    ready.work()
    ready.talk_on(ready.switch.orders[0], "5")
    ready.clock.forward(days=31)
    missed_calls.forget_old(ready.ports)
    assert outcomes(ready) == []
    ready.switch.write_again()
    ready.work()
    ready.work()
    assert len(ready.switch.orders) == 1
