"""Bill = CDR = ledger on the desk: green, or the calls that differ with what to do. Promises: I7."""

from collections.abc import Callable

from sqlalchemy import text

from k5web.domain.books.bill_check import BillFault
from k5web.services.books import bill_check
from k5web.web.desk.register_words import bill_fault
from tests.services.house import House
from tests.tamper import tampering
from tests.web.conftest import Browser

Staff = Callable[..., Browser]


def test_days_are_green_until_a_call_differs(staff: Staff, k5: House, sqlite_url: str) -> None:
    anna = staff("money")
    assert "ещё не считались" in anna.get("/desk/bill-check").text
    k5.top_up("100.00")
    call = k5.talk(k5.order(), "100")
    day = k5.ports.today()
    bill_check.count_due(k5.ports)
    assert "сошлось" in anna.get("/desk/bill-check").text
    assert "Сошлось." in anna.get(f"/desk/bill-check/{day}").text
    with tampering(str(k5.ports.sessions.write.url)) as hand:
        hand.execute(text("DELETE FROM posting WHERE origin = 'call'"))
    anna.press(f"/desk/bill-check/{day}", f"/desk/bill-check/{day}/count", None)
    assert "не сошёлся 1 звонок" in anna.get("/desk/bill-check").text
    shown = anna.get(f"/desk/bill-check/{day}").text
    assert call.id in shown
    assert bill_fault(BillFault.NOT_IN_LEDGER) in shown


def test_tomorrow_is_not_counted(staff: Staff, k5: House) -> None:
    assert staff("money").get("/desk/bill-check/2099-01-01").status_code == 404
