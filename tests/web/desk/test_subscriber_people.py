"""Staff see who has which extension and whether it works: no password, no digest, nobody's name."""

from collections.abc import Callable
from datetime import timedelta

from k5web.domain.pbx.conversation import ConversationLeg
from k5web.services.pbx import people
from k5web.storage.pbx import conversation_rows
from tests.services.accounts.stock import on
from tests.services.house import House
from tests.services.pbx.test_publishing import rent
from tests.web.conftest import Browser
from tests.web.pbx.test_rules import read


def test_staff_see_extensions_states_and_the_last_talk(staff: Callable[..., Browser], k5: House) -> None:
    owner_id = rent(k5)
    users = [people.add_person(k5.ports, owner_id, title) for title in ("Анна", "Борис")]
    account, password = people.make_account(k5.ports, owner_id, users[0].n)
    people.restrict_account(k5.ports, owner_id, users[0].n, "203.0.113.0/24")
    at = k5.clock()
    older = ConversationLeg(owner_id, "k5", "k5-1.1", "k5-1.1", at - timedelta(days=2), account.login, answered_at=at)
    unanswered = ConversationLeg(owner_id, "k5", "k5-1.2", "k5-1.2", at + timedelta(days=1), account.login)
    with k5.ports.sessions.begin() as db:
        conversation_rows.hear_legs(db, [older, unanswered])
    page = f"/desk/subscribers/{owner_id}/people"
    browser = staff("engineer")
    answer = browser.get(page)
    text = read(answer)
    assert "Занято мест: 2 из 3." in text
    first, second = (row for row in answer.text.split("<tr>")[1:] if 'data-label="Внутренний номер">20' in row)
    assert all(word in first for word in ("201", "✓ работает", account.login, "203.0.113.0/24", f"{at:%d.%m.%Y}"))
    assert "телефон не подключён" in second
    assert "не было" in second
    for secret in (password, account.password_digest, "Анна", "Борис"):
        assert secret not in answer.text
    assert page in staff("desk", login="boris").get(f"/desk/subscribers/{owner_id}").text


def test_a_subscriber_without_a_pbx_has_no_people(staff: Callable[..., Browser], k5: House) -> None:
    browser = staff("desk")
    text = read(browser.get(f"/desk/subscribers/{k5.caller.id}/people"))
    assert "Тарифа с ВАТС нет." in text
    assert "Сотрудников пока нет." in text
    assert browser.get("/desk/subscribers/999999/people").status_code == 404


def test_who_is_not_paid_for_is_said_not_to_work(staff: Callable[..., Browser], k5: House) -> None:
    owner_id = rent(k5)
    for title in ("Анна", "Борис", "Вера"):
        people.add_person(k5.ports, owner_id, title)
    on(k5.ports, "k5", k5.caller)
    assert read(staff("desk").get(f"/desk/subscribers/{owner_id}/people")).count("место не оплачено") == 3
