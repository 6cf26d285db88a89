"""What services cost: a month by days and directions, equal to the statement and the ledger; a year of talk."""

from datetime import date

from k5web.domain.books.ledger import EventName
from k5web.domain.books.period import Period
from k5web.domain.books.service import ServiceKind
from k5web.domain.money import Money, rub
from k5web.services.books import corrections, spending, statements
from k5web.storage.books.spending_rows import Spent
from tests.services.house import House

MOSCOW, ASTANA = "+74951234567", "+77172123456"
DECEMBER, JANUARY = date(2026, 12, 1), date(2027, 1, 1)


def of(k5: House, month: date) -> spending.Spending:
    return spending.of_month(k5.ports, k5.caller.id, month)


def test_days_and_directions_are_the_same_money(k5: House) -> None:
    k5.top_up("100.00")
    k5.talk(k5.order(MOSCOW), "65")
    k5.talk(k5.order(ASTANA), "10")
    found = of(k5, DECEMBER)
    assert found.by_day == [(DECEMBER, rub("6.41"))]
    assert [(share.kind, share.region, str(share.spent)) for share in found.shares] == [
        (ServiceKind.CALLS, "RU", "4.40"),
        (ServiceKind.CALLS, "KZ", "2.01"),
    ]
    assert found.total == rub("6.41")


def test_what_was_taken_back_later_is_off_the_month_of_the_charge_and_on_no_other(k5: House) -> None:
    k5.top_up("100.00")
    call = k5.talk(k5.order(MOSCOW), "65")
    k5.talk(k5.order(ASTANA), "10")
    k5.clock.forward(days=40)
    corrections.reverse(k5.ports, k5.caller.id, EventName("call", call.id), "staff:1")
    found = of(k5, DECEMBER)
    assert [(share.region, str(share.spent)) for share in found.shares] == [("KZ", "2.01")]
    assert statements.statement(k5.ports, k5.caller.id, Period.month(DECEMBER)).spent == found.total == rub("2.01")
    assert (of(k5, JANUARY).total, of(k5, JANUARY).by_day) == (rub("0.00"), [])


def test_talk_is_told_for_twelve_months_up_to_the_chosen_one(k5: House) -> None:
    """A call belongs to the month in which it was ordered, by Moscow's clock."""
    k5.top_up("100.00")
    k5.clock.now = k5.clock.now.replace(day=31, hour=20, minute=59)  # a minute before midnight in Moscow
    k5.talk(k5.order(MOSCOW), "600")
    k5.talk(k5.order(MOSCOW), "30")
    assert of(k5, JANUARY).talked[-2:] == [(DECEMBER, 600), (JANUARY, 30)]
    talked = of(k5, DECEMBER).talked
    assert (talked[0], talked[-1], len(talked)) == ((date(2026, 1, 1), 0), (DECEMBER, 600), 12)


def test_many_directions_end_in_all_the_others_together() -> None:
    found = [Spent("sale.call", EventName("call", f"1-{n}"), number, 100 - n) for n, number in enumerate(
        ["74951234567", "77172123456", "35921234567", "996555123456", "4930123456", "33123456789", "390612345678",
         "34912345678", "48221234567", "420212345678"]
    )]  # fmt: skip
    shares = spending._shares(found, "RUB")
    assert len(shares) == spending.MOST_SHARES + 1
    assert [share.region for share in shares] == ["RU", "KZ", "BG", "KG", "DE", "FR", "IT", "ES", ""]
    assert shares[-1] == spending.Share(None, "", Money(92 + 91))
    assert len(spending._shares(found[:9], "RUB")) == 9
    assert spending._shares(found[:9], "RUB")[-1].region == "PL"


def test_a_number_of_no_country_has_a_share_of_its_own() -> None:
    found = [Spent("sale.call", EventName("call", "1-1"), "881612345678", 5)]
    assert [share.region for share in spending._shares(found, "RUB")] == ["001"]


def test_other_services_stand_by_their_kinds() -> None:
    found = [
        Spent("sale.fee", EventName("fee", "17:2026-12"), None, 100),
        Spent("sale.fee", EventName("fee", "18:2026-12"), None, 50),
        Spent("sale.order", EventName("order", "number 74951110001 x"), None, 70),
    ]
    shares = [(share.kind, share.region, share.spent.minor) for share in spending._shares(found, "RUB")]
    assert shares == [(ServiceKind.MONTHLY_FEE, "", 150), (ServiceKind.NUMBER, "", 70)]
