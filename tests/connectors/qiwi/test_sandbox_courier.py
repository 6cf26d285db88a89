"""How the simulated provider delivers: twice when asked, never when asked, again until it is understood."""

from threading import Semaphore

import pytest

from connectors.qiwi.sandbox_courier import deliver, send
from k5web.domain.money import rub
from k5web.domain.payments.notice import (
    Credited,
    Notice,
    NoticeOutcome,
    Refusal,
    Refused,
)
from k5web.domain.payments.top_up import TopUpState
from tests.connectors.qiwi.town import SITES, Town, top_up
from tests.processes import PATIENCE_S, free_port, wait_for

pytestmark = pytest.mark.server


@pytest.mark.parametrize("kind", SITES)
def test_notices_come_twice_when_asked(town: Town, kind: str) -> None:
    page = town.sites[kind].start(top_up(town)).pay_url.replace("https://oplata.qiwi.com", town.url)
    town.pay(page, copies="2")
    wait_for(lambda: len(town.desk.heard) == 2, "both notices")
    assert town.desk.heard[0] == town.desk.heard[1]


def test_a_closed_tab_sends_no_notice_when_asked(town: Town) -> None:
    site, order = town.sites["bill"], top_up(town)
    town.pay(site.start(order).pay_url, copies="0")
    assert town.desk.heard == []
    assert site.look(order).state is TopUpState.PAID


@pytest.mark.parametrize("kind", SITES)
def test_a_notice_is_repeated_until_it_is_understood(town: Town, kind: str) -> None:
    def later_twice(notice: Notice) -> NoticeOutcome:
        return Refused(Refusal.LATER) if len(town.desk.heard) < 3 else Credited(7, rub("500.00"), town.clock(), True)

    town.desk.outcome = later_twice
    town.pay(town.sites[kind].start(top_up(town)).pay_url.replace("https://oplata.qiwi.com", town.url))
    wait_for(lambda: len(town.desk.heard) == 3, "the third try")


def test_after_the_first_answer_that_is_understood_nothing_more_is_sent() -> None:
    tries: list[bool] = []

    def is_understood() -> bool:
        tries.append(True)
        return True

    deliver(is_understood, delay_s=0, copies=1)
    assert len(tries) == 1


def test_a_copy_goes_beside_the_first_try() -> None:
    heard = Semaphore(0)

    def is_understood() -> bool:
        heard.release()
        return True

    deliver(is_understood, delay_s=0, copies=3)
    assert all(heard.acquire(timeout=PATIENCE_S) for _ in range(3))


def test_a_line_that_breaks_is_no_answer() -> None:
    assert send("POST", f"http://127.0.0.1:{free_port()}/hooks/qiwi/x", data=b"") is None
