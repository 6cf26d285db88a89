"""Registers on the desk: handed in, shown by the day, resolved with a reason. Promises: R21, B4."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from k5web.domain.books.ledger import EventName
from k5web.domain.desk.audit import AuditFilter
from k5web.domain.money import rub
from k5web.services.desk import audit, jobs
from k5web.services.payments import register_days, topups
from k5web.storage.session import open_sessions
from tests.conftest import Clock
from tests.services.house import House
from tests.services.net import Net
from tests.services.payments.test_reconciliation import DAY
from tests.web.conftest import Browser
from tests.web.desk.test_uploads import hand_in

Staff = Callable[..., Browser]
ORIGIN, ON = "fake:bank", DAY.date()
PAGE = f"/desk/registers/{ORIGIN}/{ON}"


@pytest.fixture
def k5(sqlite_url: str, clock: Clock) -> Iterator[Net]:
    """The house behind the pages, with a provider that sends registers."""
    sessions = open_sessions(sqlite_url, sqlite_url)
    yield Net(sessions, clock)
    sessions.dispose()


@pytest.fixture
def anna(staff: Staff) -> Browser:
    """Somebody who works with money."""
    return staff("money")


def credit(k5: House, key: str, amount: str) -> None:
    topups.credit(k5.ports, k5.caller.id, EventName(ORIGIN, key), rub(amount), "cash.fake", "connector:fake", DAY)


def register(k5: House, anna: Browser, *lines: tuple[str, str], total: str = "") -> str:
    """Hand a register in and let the worker do it; return the page of the job."""
    text = [f"{key};{DAY.isoformat()};{k5.caller.id};{amount}" for key, amount in lines]
    whole = rub(f"{sum(rub(amount).minor for _, amount in lines) // 100}.00")
    text.append(total or f"total;{len(lines)};{whole}")
    n = len(jobs.page(k5.ports))
    answer = hand_in(
        anna, "/desk/registers/load", "\n".join(text).encode(), "day.csv", origin=ORIGIN, form_key=f"form-{n:04}"
    )
    jobs.run_due(k5.ports)
    return answer.headers["Location"]


def test_a_register_is_handed_in_and_its_day_shows_what_differs(anna: Browser, k5: House) -> None:
    credit(k5, "1", "10.00")
    credit(k5, "2", "20.00")
    credit(k5, "3", "30.00")
    job = anna.get(register(k5, anna, ("1", "10.00"), ("2", "21.00"), ("4", "40.00")))
    assert "Строк: 3" in job.text
    assert f'href="{PAGE}"' in job.text
    days = anna.get("/desk/registers").text
    assert "3 расхождения" in days
    day = anna.get(PAGE).text
    assert day.count('<section class="part"') == 3
    assert "только у них: 4" in day
    assert "только у нас: 3" in day
    assert "суммы разные: 2" in day


def test_a_payment_only_they_have_is_credited_from_the_page_and_written_down(anna: Browser, k5: House) -> None:
    register(k5, anna, ("700", "100.00"))
    answer = anna.press(
        PAGE, f"{PAGE}/resolve", None,
        key="700", verdict="missing_here", how="credited", login=str(k5.caller.id), reason="по письму банка",
        form_key="form-0001",
    )  # fmt: skip
    assert answer.status_code == 303
    assert k5.balance() == rub("100.00")
    shown = anna.get(PAGE).text
    assert "Расхождений нет" in shown
    assert "по письму банка" in shown
    (line, *_) = audit.lines(k5.ports, AuditFilter(action="desk.resolve_difference"))
    assert (line.owner_id, line.reason, line.outcome) == (k5.caller.id, "по письму банка", "done")
    again = anna.press(
        PAGE, f"{PAGE}/resolve", None,
        key="700", verdict="missing_here", how="credited", login=str(k5.caller.id), reason="ещё раз",
        form_key="form-0002",
    )  # fmt: skip
    assert again.status_code == 404
    assert k5.balance() == rub("100.00")


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"reason": ""}, 400),
        ({"reason": "x", "how": "credited", "login": "+79990000000"}, 404),
        ({"reason": "x", "how": "conflict"}, 400),
        ({"reason": "x", "how": "forget it"}, 404),
        ({"reason": "x", "verdict": "confirmed"}, 404),
        ({"reason": "x", "key": "701"}, 404),
    ],
)
def test_what_cannot_be_resolved_so_is_refused_in_words(
    anna: Browser, k5: House, fields: dict[str, str], status: int
) -> None:
    register(k5, anna, ("700", "100.00"))
    given = {"key": "700", "verdict": "missing_here", "how": "clarified", "form_key": "form-0001"} | fields
    answer = anna.press(PAGE, f"{PAGE}/resolve", None, **given)
    assert answer.status_code == status
    assert k5.balance() == rub("0.00")
    assert "только у них: 700" in anna.get(PAGE).text


def test_a_register_whose_total_is_wrong_is_refused_whole(anna: Browser, k5: House) -> None:
    job = anna.get(register(k5, anna, ("1", "10.00"), total="total;1;10.01"))
    assert "не принят целиком" in job.text
    assert "Эти дни ещё не считались" in anna.get("/desk/registers").text
    assert k5.incidents() == []


def test_a_register_of_nobody_is_not_taken(anna: Browser, k5: House) -> None:
    assert hand_in(anna, "/desk/registers/load", b"x", origin="net:nobody").status_code == 404
    assert jobs.page(k5.ports) == []


def test_a_day_without_its_register_is_said_and_late_payments_have_both_dates(
    anna: Browser, staff: Staff, k5: House
) -> None:
    credit(k5, "1", "10.00")
    register_days.count(k5.ports, ORIGIN, ON)
    assert "нет реестра" in anna.get("/desk/registers").text
    assert "Реестра за этот день нет" in anna.get(PAGE).text
    k5.clock.forward(days=21)
    credit(k5, "2", "20.00")
    vera = staff("money", login="vera")
    register(k5, vera, ("1", "10.00"), ("2", "20.00"))
    shown = vera.get(PAGE).text
    assert "Зачислено позже трёх рабочих дней" in shown
    assert "Расхождений нет" in shown


def test_the_days_are_filtered_by_the_address_and_at_most_some_months(anna: Browser, k5: House) -> None:
    register(k5, anna, ("1", "10.00"))
    for query, is_there in (
        (f"first={ON}&last={ON}", True),
        (f"first={ON + timedelta(days=1)}&last={ON + timedelta(days=2)}", False),
        (f"first=1000-01-01&last={ON}", True),
        (f"origin={ORIGIN}&last={ON}", True),
        ("first=x&last=y&origin=z", True),
    ):
        assert (str(ON) in anna.get(f"/desk/registers?{query}").text) is is_there, query


@pytest.mark.parametrize("day", ["2026-13-01", "x", "0"])
def test_no_day_is_not_found(anna: Browser, day: str) -> None:
    assert anna.get(f"/desk/registers/{ORIGIN}/{day}").status_code == 404
    assert anna.get(f"/desk/bill-check/{day}").status_code == 404


def test_somebody_who_only_looks_has_no_buttons(anna: Browser, staff: Staff, k5: House) -> None:
    register(k5, anna, ("700", "100.00"))
    auditor = staff("auditor", login="vera")
    assert "Зачислить" not in auditor.get(PAGE).text
    assert 'type="file"' not in auditor.get("/desk/registers").text
    assert auditor.press("/desk", f"{PAGE}/resolve", None, key="700", reason="x").status_code == 403


def test_a_day_can_be_counted_anew(anna: Browser, k5: House) -> None:
    assert anna.press(PAGE, f"{PAGE}/count", None).status_code == 303
    assert register_days.kept_days(k5.ports, ON, ON)[0].origin == ORIGIN
