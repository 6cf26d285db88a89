"""Where is my payment: on one screen, with what is missing and what to do, in words for each case. Promises: C3, B4."""

from collections.abc import Callable

from k5web.domain.books.ledger import EventName
from k5web.services.books import corrections
from k5web.storage.books import ledger
from tests.services.house import House
from tests.web.conftest import Browser

Staff = Callable[..., Browser]


def number_of(k5: House, key: str) -> int:
    with k5.ports.sessions.read() as db:
        event = ledger.find_event(db, k5.caller.id, EventName("test:bank", key))
    assert event is not None
    return event.postings[0].number


def test_a_credited_payment_shows_its_posting_and_its_owner(staff: Staff, k5: House) -> None:
    k5.top_up("100.00")
    page = staff("money").get(f"/desk/payments/{k5.caller.id}/{number_of(k5, 'in-1')}").text
    assert "Зачислен" in page
    assert "Проводка" in page
    assert f"K5-{k5.caller.id}" in page
    assert "Делать ничего не надо" in page


def test_a_payment_of_another_owner_or_of_nobody_is_not_found(staff: Staff, k5: House) -> None:
    k5.top_up("100.00")
    browser = staff("money")
    ours = number_of(k5, "in-1")
    for address in (
        f"/desk/payments/1/{ours}",
        f"/desk/payments/{k5.caller.id}/{ours + 5}",
        f"/desk/payments/{k5.caller.id}/{10**30}",
        "/desk/payments/top-up/K5-1-1",
        "/desk/payments/top-up/%01",
        "/desk/payments/doubtful/1",
        f"/desk/payments/doubtful/{10**30}",
        "/desk/payments/named",
        "/desk/payments/named?origin=a&key=%01",
    ):
        assert browser.get(address).status_code == 404, address


def test_a_payment_that_never_came_says_so_and_what_is_missing(staff: Staff) -> None:
    page = staff("desk").get("/desk/payments/named?origin=test:bank&key=lost-1").text
    assert "Платёж к нам не приходил" in page
    assert "Чего нет" in page
    assert "проводки на счёте" in page


def test_what_went_back_is_told_with_what_is_left(staff: Staff, k5: House) -> None:
    k5.top_up("100.00")
    name = EventName("test:bank", "in-1")
    corrections.refund(k5.ports, k5.caller.id, name, k5.balance(), "application-1", "staff:x")
    page = staff("money").get("/desk/payments/named?origin=test:bank&key=in-1").text
    assert "Возвращён целиком" in page
    assert "refund application-1, staff:x" in page
