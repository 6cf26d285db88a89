"""Acts: a month's services to the kopeck, numbered without gaps, corrected by what is taken back. Promises: B10, B6."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from k5web.domain.books.ledger import EventName
from k5web.domain.books.service import ServiceKind, reversal_of
from k5web.domain.money import rub
from k5web.errors import NotFound, WrongSetting
from k5web.services.accounts import profiles
from k5web.services.books import acts
from k5web.services.messaging import sending
from k5web.storage.books import act_rows
from tests.services.books.months import Months
from tests.services.house import House, subscriber

DECEMBER, JANUARY, FEBRUARY = date(2026, 12, 1), date(2027, 1, 1), date(2027, 2, 1)
PERSON = {"surname": "Сидоров", "given_name": "Иван", "address": "Москва"}


@pytest.fixture
def months(k5: House) -> Months:
    """Acts begin in December 2026."""
    return Months(k5)


def test_a_month_of_services_is_one_act_on_the_first(months: Months) -> None:
    months.charge(1940_00, "sale.fee", EventName("gate", "1"))
    months.charge(1000_00, name=EventName("order", "number 74950000101 form"))
    months.charge(1000_00, name=EventName("order", "number 74950000102 form"))
    months.at("2027-01-01 00:09:00")
    assert acts.run(months.ports) == 0  # what began before midnight may still come
    months.at("2027-01-01 00:10:00")
    assert acts.run(months.ports) == 1
    (act,) = months.found()
    assert (act.label, act.day, act.month, act.version) == ("1/2026", date(2026, 12, 31), DECEMBER, 1)
    assert (act.operator.name, act.operator.vat) == ("ООО «Ромашка»", "Без НДС")
    assert (act.contract, act.total, act.address) == (f"K5-{months.owner_id}", rub("3940.00"), "2026-12")
    told = [(line.kind, line.quantity, str(line.price), str(line.amount)) for line in act.lines]
    assert told == [
        (ServiceKind.MONTHLY_FEE, 1, "1940.00", "1940.00"),
        (ServiceKind.NUMBER, 2, "1000.00", "2000.00"),
    ]
    assert acts.run(months.ports) == 0
    assert months.breaches() == []


def test_calls_of_a_month_are_one_line_with_their_number_and_minutes(months: Months) -> None:
    months.k5.top_up("100.00")
    for seconds in ("61", "125.5"):
        months.k5.talk(months.k5.order(), seconds)
    months.at("2027-01-01 12:00:00")
    acts.run(months.ports)
    (act,) = months.found()
    (line,) = act.lines
    assert (line.kind, line.quantity, line.pieces, line.seconds, line.minutes) == (ServiceKind.CALLS, 1, 2, 186, 4)
    assert str(line.amount) == str(act.total) == "11.00"
    months.k5.assert_sound()


def test_a_month_without_charges_has_no_act_and_takes_no_number(months: Months) -> None:
    months.k5.top_up("100.00")
    months.back(months.charge(5_00))
    months.at("2027-02-01 12:00:00")
    assert acts.run(months.ports) == 0
    months.charge(7_00)
    months.at("2027-03-01 12:00:00")
    acts.run(months.ports)
    assert months.acts() == ["2027-02 7.00"]
    assert months.found()[0].label == "1/2027"
    assert months.breaches() == []


def test_a_worker_that_slept_over_three_months_issues_each_in_order(months: Months) -> None:
    months.charge(10_00)
    months.at("2026-12-31 23:59:59")
    months.charge(1_00)
    months.at("2027-01-01 00:00:00")
    months.charge(20_00)
    months.at("2027-02-28 23:59:59")
    months.charge(40_00)
    months.at("2027-03-04 09:00:00")
    assert acts.run(months.ports) == 3
    assert months.acts() == ["2026-12 11.00", "2027-01 20.00", "2027-02 40.00"]
    assert [act.label for act in months.found()] == ["2/2027", "1/2027", "1/2026"]
    assert [act.day for act in months.found()] == [date(2027, 2, 28), date(2027, 1, 31), date(2026, 12, 31)]
    assert months.breaches() == []


def test_what_is_taken_back_in_its_month_is_not_in_the_act(months: Months) -> None:
    months.charge(10_00)
    months.back(months.charge(5_00))
    months.at("2027-01-01 12:00:00")
    acts.run(months.ports)
    assert months.acts() == ["2026-12 10.00"]


def test_what_is_taken_back_later_makes_a_corrected_act_and_stays_out_of_the_later_month(months: Months) -> None:
    months.charge(10_00)
    wrong = months.charge(5_00)
    months.at("2027-01-20 12:00:00")
    acts.run(months.ports)
    months.charge(30_00)
    months.back(wrong)
    assert months.breaches() == []  # the worker has two days
    assert acts.run(months.ports) == 1
    corrected = months.found()[0]
    assert (corrected.address, corrected.label, corrected.day) == ("2026-12-2", "1/2027", date(2027, 1, 20))
    assert corrected.corrects == "№ 1/2026 от 31.12.2026"
    months.at("2027-02-01 12:00:00")
    assert acts.run(months.ports) == 1
    assert months.acts() == ["2026-12 15.00", "2026-12-2 10.00", "2027-01 30.00"]
    assert months.latest_sum() == rub("40.00")
    assert (acts.run(months.ports), months.breaches()) == (0, [])


def test_all_taken_back_leaves_an_act_of_nothing_and_back_again_one_more(months: Months) -> None:
    wrong = months.charge(5_00)
    months.at("2027-01-01 12:00:00")
    acts.run(months.ports)
    months.back(wrong)
    acts.run(months.ports)
    assert months.found()[0].lines == ()
    months.back(reversal_of(wrong))
    acts.run(months.ports)
    assert months.acts() == ["2026-12 5.00", "2026-12-2 0.00", "2026-12-3 5.00"]
    assert months.breaches() == []


def test_what_is_taken_back_before_a_late_worker_came_is_two_acts(months: Months) -> None:
    wrong = months.charge(5_00)
    months.charge(6_00)
    months.at("2027-01-10 12:00:00")
    months.back(wrong)
    months.at("2027-02-03 12:00:00")
    assert acts.run(months.ports) == 2
    assert months.acts() == ["2026-12 11.00", "2026-12-2 6.00"]


def test_a_charge_of_before_midnight_that_was_booked_after_the_act_is_in_a_corrected_one(months: Months) -> None:
    months.at("2026-12-31 23:59:59")
    months.charge(10_00)
    months.at("2027-01-01 00:10:00")
    acts.run(months.ports)
    months.at("2026-12-31 23:59:59")  # its transaction began then
    months.charge(3_00)
    months.at("2027-01-02 12:00:00")
    acts.run(months.ports)
    assert months.acts() == ["2026-12 10.00", "2026-12-2 13.00"]
    assert months.breaches() == []


def test_another_service_for_the_same_sum_makes_a_corrected_act_and_the_same_lines_make_none(months: Months) -> None:
    months.at("2026-12-31 23:59:59")
    wrong, other = months.charge(3_00), months.charge(3_00)
    months.at("2027-01-01 00:10:00")
    acts.run(months.ports)
    months.at("2026-12-31 23:59:59")  # their transactions began then
    months.back(wrong)
    months.charge(3_00, "sale.fee", EventName("gate", "1"))
    months.at("2027-01-01 12:00:00")
    acts.run(months.ports)
    assert months.acts() == ["2026-12 6.00", "2026-12-2 6.00"]
    assert [line.kind for line in months.found()[0].lines] == [ServiceKind.MONTHLY_FEE, ServiceKind.ORDER]
    months.at("2026-12-31 23:59:59")
    months.back(other)
    months.charge(3_00)
    months.at("2027-01-01 13:00:00")
    assert (acts.run(months.ports), acts.correct_all(months.ports)) == (0, 0)
    assert months.breaches() == []


def test_a_correction_that_failed_is_tried_until_it_is_made(months: Months, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = months.charge(5_00)
    months.charge(1_00)
    months.at("2027-01-01 12:00:00")
    acts.run(months.ports)
    months.back(wrong)
    with monkeypatch.context() as broken:
        broken.setattr(sending, "queue_notice", lambda *_: 1 // 0)
        assert acts.run(months.ports) == 0
        months.at("2027-01-10 12:00:00")
        assert acts.run(months.ports) == 0
    months.at("2027-01-20 12:00:00")
    assert acts.run(months.ports) == 1
    assert months.acts() == ["2026-12 6.00", "2026-12-2 1.00"]


def test_the_hourly_search_looks_at_what_is_new_and_the_command_at_everything(months: Months) -> None:
    wrong = months.charge(5_00)
    months.at("2027-01-01 12:00:00")
    acts.run(months.ports)
    months.back(wrong)
    with months.ports.sessions.begin() as db:
        act_rows.note_search(db, datetime(2027, 1, 9, tzinfo=UTC))
    assert acts.run(months.ports) == 0
    assert acts.correct_all(months.ports) == 1


def test_money_that_moves_for_no_service_is_in_no_act(months: Months) -> None:
    months.k5.top_up("100.00")
    for n, counter in enumerate(("gift", "refund", "loss", "transfer", "fx", "cash.test")):
        months.charge(1_00, counter, EventName("order", f"x {n}"))
    months.at("2027-01-01 12:00:00")
    assert acts.run(months.ports) == 0


def test_months_before_acts_began_have_none_unless_staff_ask(months: Months) -> None:
    months.at("2026-11-15 12:00:00")
    wrong = months.charge(10_00)
    months.at("2026-12-02 12:00:00")
    months.charge(20_00)
    months.at("2027-01-01 12:00:00")
    acts.run(months.ports)
    assert months.acts() == ["2026-12 20.00"]
    assert acts.issue(months.ports, date(2026, 11, 1)) == 1
    months.back(wrong)
    acts.run(months.ports)
    assert months.acts() == ["2026-11 10.00", "2026-11-2 0.00", "2026-12 20.00"]
    assert months.breaches() == []


def test_a_month_that_is_not_over_has_no_act(months: Months) -> None:
    months.charge(1_00)
    with pytest.raises(NotFound, match="not over"):
        acts.issue(months.ports, DECEMBER)
    assert acts.correct(months.ports, months.owner_id, DECEMBER) is None


def test_without_a_payee_acts_wait_and_say_what_is_missing(months: Months) -> None:
    months.charge(1_00)
    months.at("2027-01-01 12:00:00")
    with pytest.raises(WrongSetting, match="K5_PAYEE: must be set"):
        acts.run(replace(months.ports, payee=None))
    assert months.acts() == []
    acts.run(months.ports)
    assert months.acts() == ["2026-12 1.00"]


def test_four_workers_at_once_give_no_number_twice_and_leave_none_out(
    months: Months, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts, "OWNERS_AT_ONCE", 2)
    everybody = [months, *(Months(months.k5, subscriber(months.k5, n)) for n in range(6))]
    wrong = [each.charge(1_00) for each in everybody]
    for each in everybody:
        each.charge(2_00)
    months.at("2027-01-01 12:00:00")
    _at_once(lambda: acts.run(months.ports))
    for each, name in zip(everybody, wrong, strict=True):
        each.back(name)
    _at_once(lambda: acts.run(months.ports))
    assert [each.acts() for each in everybody] == [["2026-12 3.00", "2026-12-2 2.00"]] * 7
    assert {act.number for each in everybody for act in each.found() if act.version == 1} == set(range(1, 8))
    assert months.breaches() == []


def _at_once(task: Callable[[], object]) -> None:
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(task) for _ in range(4)]:
            done.result()


def test_the_fault_of_one_takes_no_number_and_keeps_nobody_else_waiting(
    months: Months, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Months(months.k5, subscriber(months.k5, 1))
    for each in (months, other):
        each.charge(1_00)
    months.at("2027-01-01 12:00:00")
    told = sending.queue_notice

    def break_for_the_first(db: Session, owner_id: int, *rest: Any) -> bool:
        if owner_id == months.owner_id:
            raise ZeroDivisionError
        return told(db, owner_id, *rest)

    with monkeypatch.context() as broken:
        broken.setattr(sending, "queue_notice", break_for_the_first)
        assert acts.run(months.ports) == 1
    assert (months.acts(), [act.label for act in other.found()]) == ([], ["1/2026"])
    assert acts.run(months.ports) == 1
    (late,) = months.found()
    assert (late.label, late.day, late.version) == ("2/2026", date(2026, 12, 31), 1)
    assert months.breaches() == []


def test_an_act_names_the_subscriber_as_the_particulars_of_its_day_do(months: Months) -> None:
    months.charge(1_00)
    months.at("2027-01-01 12:00:00")
    acts.run(months.ports)
    assert _party(months).name == f"Абонент, лицевой счёт {months.owner_id}"
    months.k5.clock.forward(days=1)
    profiles.save(months.ports, months.owner_id, "person", PERSON, consents_now=True)
    assert (_party(months).name, _party(months).address) == ("Иван Сидоров", "Москва")
    months.at("2027-02-01 12:00:00")
    profiles.save(months.ports, months.owner_id, "person", PERSON | {"given_name": "Пётр"}, consents_now=True)
    assert _party(months).name == "Иван Сидоров"


def _party(months: Months) -> acts.Party:
    return acts.find(months.ports, months.owner_id, DECEMBER, 1).party


def test_an_act_older_than_those_of_the_list_still_knows_its_versions(
    months: Months, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = months.charge(10_00)
    months.charge(5_00)
    months.at("2027-01-01 12:00:00")
    acts.run(months.ports)
    months.back(wrong)
    acts.run(months.ports)
    monkeypatch.setattr(acts, "SHOWN", 1)
    assert len(months.found()) == 1
    for version in (1, 2):
        found = acts.find(months.ports, months.owner_id, DECEMBER, version)
        assert [each.version for each in found.versions] == [2, 1]


def test_a_signed_original_is_wanted_once_and_sent_once(months: Months) -> None:
    months.charge(1_00)
    months.at("2027-01-01 12:00:00")
    acts.run(months.ports)
    named = (months.owner_id, DECEMBER, 1)
    with pytest.raises(NotFound, match="wish for a signed act 2026-12"):
        acts.note_sent(months.ports, *named, JANUARY, "RA1", "staff:1")
    assert [acts.want_original(months.ports, *named) for _ in range(2)] == [True, False]
    assert [each.address for each in acts.originals(months.ports)] == ["2026-12"]
    assert [acts.note_sent(months.ports, *named, JANUARY, f"RA{n}", "staff:1") for n in range(2)] == [True, False]
    assert acts.originals(months.ports) == []
    original = acts.find(months.ports, *named).original
    assert original is not None
    assert (original.sent_on, original.document) == (JANUARY, "RA0")


def test_an_act_of_somebody_else_is_not_found(months: Months) -> None:
    months.charge(1_00)
    months.at("2027-01-01 12:00:00")
    acts.run(months.ports)
    other = subscriber(months.k5, 1)
    for ask in (acts.find, acts.want_original):
        with pytest.raises(NotFound):
            ask(months.ports, other.id, DECEMBER, 1)
        with pytest.raises(NotFound):
            ask(months.ports, months.owner_id, DECEMBER, 2)
