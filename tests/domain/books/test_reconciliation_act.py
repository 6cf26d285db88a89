"""Services by months, and on which side a document stands."""

from datetime import date

from k5web.domain.books.period import Period
from k5web.domain.books.reconciliation_act import ReconciliationAct, Row, Services, services_by_month
from k5web.domain.money import rub

NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)


def test_what_is_taken_back_in_its_own_month_is_off_the_services_and_later_stands_by_itself() -> None:
    found = services_by_month(
        [
            (date(2026, 11, 3), date(2026, 11, 3), -rub("5.00")),
            (date(2026, 11, 20), date(2026, 11, 3), rub("2.00")),
            (date(2026, 12, 9), date(2026, 11, 3), rub("1.00")),
            (date(2026, 12, 5), date(2026, 12, 5), -rub("7.00")),
        ]
    )
    assert found == [
        Services(date(2026, 11, 20), NOVEMBER, -rub("3.00")),
        Services(date(2026, 12, 5), DECEMBER, -rub("7.00")),
        Services(date(2026, 12, 9), NOVEMBER, rub("1.00")),
    ]
    assert [each.is_correction for each in found] == [False, False, True]


def test_a_month_whose_services_were_all_taken_back_has_no_line() -> None:
    day = date(2026, 11, 3)
    assert services_by_month([(day, day, -rub("5.00")), (date(2026, 11, 4), day, rub("5.00"))]) == []


def test_what_the_subscriber_owes_is_debit_and_what_they_paid_is_credit() -> None:
    rows = [Row.of(NOVEMBER, "Услуги", -rub("5.00")), Row.of(DECEMBER, "Оплата", rub("8.00"))]
    assert [(str(row.debit), str(row.credit)) for row in rows] == [("5.00", "0.00"), ("0.00", "8.00")]
    act = ReconciliationAct(Period(NOVEMBER, DECEMBER), rub("1.00"), rows, rub("4.00"))
    assert (act.debit, act.credit) == (rub("5.00"), rub("8.00"))
    assert act.opening + act.credit - act.debit == act.closing
