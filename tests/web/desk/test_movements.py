"""Movements of one subscriber, and a charge explained: legs, version of the price list, fee, what took it back."""

import re
from collections.abc import Callable
from html import unescape

from k5web.domain.books.ledger import EventName
from k5web.domain.books.service import first_charge
from k5web.domain.pbx.conversation import ConversationOutcome
from k5web.services.books import corrections, statements
from tests.services.books.test_claims import dispute, take, uphold
from tests.services.house import House
from tests.services.pbx.conversed import converse
from tests.services.prices.test_subscriptions import connect
from tests.web.conftest import Browser

Staff = Callable[..., Browser]
ID = 100001
PAGE = f"/desk/subscribers/{ID}/movements"


def said(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).replace("\N{NO-BREAK SPACE}", " ").split())


def newest(k5: House) -> int:
    return statements.statement(k5.ports, ID).lines[0].posting.seq


def test_a_calls_charge_says_prefix_seconds_rounding_and_price_list(staff: Staff, k5: House) -> None:
    k5.top_up("100.00")
    call = k5.talk(k5.order(), "60.1")
    page = said(staff("money").get(f"{PAGE}/{newest(k5)}").text)
    wanted = (
        "−4,40 ₽",
        f"Событие call {call.id}",
        "Кто записал job:",
        "Код направления 7495",
        "прайс-лист k5, № 1",
        "Засчитано 60,1 с",
        "Округлено 2 мин",
        "Сумма 3,50 ₽",
        "Сумма 0,90 ₽",
        "основной −4,40 ₽ 95,60 ₽ sale.call",
    )
    assert [each for each in wanted if each not in page] == []
    assert "+7 495 ***" in page
    assert "123‑45‑67" not in page


def test_a_fee_says_its_subscription_period_and_version(staff: Staff, k5: House) -> None:
    k5.top_up("1000.00")
    connect(k5, "plan", "go-100")
    page = said(staff("desk").get(f"{PAGE}/{newest(k5)}").text)
    wanted = ("Подписка № 1", "go-100, версия", "Период с 01.12.2026", "Плата за период 600,00 ₽")
    assert [each for each in wanted if each not in page] == []


def test_what_was_taken_back_leads_to_what_took_it_and_back(staff: Staff, k5: House) -> None:
    k5.top_up("100.00")
    seq = take(k5, 2_20, "form-1")
    corrections.reverse(k5.ports, ID, EventName("order", "form-1"), "staff:ivan")
    browser = staff("money")
    assert f'href="{PAGE}/{newest(k5)}"' in browser.get(f"{PAGE}/{seq}").text
    back = browser.get(f"{PAGE}/{newest(k5)}").text
    assert f'href="{PAGE}/{seq}"' in back
    assert "Отменяет" in back
    assert "staff:ivan" in back


def test_a_claim_and_the_right_charge_stand_beside_the_wrong_one(staff: Staff, k5: House) -> None:
    k5.top_up("100.00")
    seq = take(k5, 2_20, "form-1")
    dispute(k5, seq)
    uphold(k5, minor=1_00)
    page = said(staff("money").get(f"{PAGE}/{seq}").text)
    assert [word for word in ("Верная сумма", "Претензия № 1", "Удовлетворена частично") if word not in page] == []
    assert first_charge(EventName("claim", "order form-1")) == EventName("order", "form-1")


def test_movements_are_filtered_by_days_and_kind(staff: Staff, k5: House) -> None:
    k5.top_up("100.00")
    k5.talk(k5.order(), "60")
    browser = staff("money")
    days = "from=2026-12-01&to=2026-12-31"
    assert said(browser.get(f"{PAGE}?{days}").text).count("***") == 1
    assert "***" not in said(browser.get(f"{PAGE}?{days}&kind=payments").text)
    assert "Таких операций в эти дни не было" in browser.get(f"{PAGE}?from=2026-11-01&to=2026-11-30").text
    wrong = browser.get(f"{PAGE}?from=x&to=y")
    assert wrong.status_code == 400
    assert 'role="alert"' in wrong.text


def test_a_movement_that_is_not_there_is_not_found(staff: Staff, k5: House) -> None:
    browser = staff("owner")
    for seq in ("99", "0", str(10**18)):
        assert browser.get(f"{PAGE}/{seq}").status_code == 404


def test_conversations_of_the_pbx_stand_below_the_calls_with_their_numbers_masked(staff: Staff, k5: House) -> None:
    for n in range(51):
        converse(k5, f"k5-{n}.1", outcome=ConversationOutcome.MISSED)
        k5.clock.forward(seconds=1)
    desk = staff("desk")
    page = desk.get(f"/desk/subscribers/{ID}/calls").text
    assert said(page).count("+7 916 ***‑**‑21 входящий, пропущен –") == 50
    further = re.search(r'href="(\?[^"]*talk=[^"]*)"', page)
    assert further is not None
    assert said(desk.get(f"/desk/subscribers/{ID}/calls{unescape(further[1])}").text).count("входящий, пропущен") == 1
    assert "входящий, пропущен" in said(desk.get(f"/desk/subscribers/{ID}").text)
    assert "765‑43" not in page
