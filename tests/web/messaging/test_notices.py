"""What a subscriber hears of, and how a stranger joins by SMS."""

from k5web.domain.accounts.email_address import EmailAddress
from k5web.domain.messaging.notice import KINDS
from k5web.services.messaging import wishes
from k5web.storage.accounts import email_rows
from tests.services.house import House
from tests.web.conftest import Browser


def ways(k5: House) -> dict[str, str]:
    return {wish.kind: wish.way for wish in wishes.of(k5.ports, k5.caller.id).each}


def test_a_choice_is_kept_and_what_is_none_changes_nothing(phone: Browser, k5: House) -> None:
    page = phone.get("/me/notices").text
    assert all(f'name="{kind}"' in page for kind in KINDS)
    assert "С 22:00 до 8:00 по Москве их нет." in page
    phone.press("/me/notices", "/me/notices", low_balance="off", resume="pigeon", plan_change="off", unknown="sms")
    assert ways(k5)["low_balance"] == "off"
    assert ways(k5)["resume"] == "sms"
    assert ways(k5)["plan_change"] == "sms"  # B2: it must be told
    assert '<option value="off" selected>' in phone.get("/me/notices").text


def test_letters_are_offered_where_the_address_is_confirmed(phone: Browser, k5: House) -> None:
    assert "Почта не подтверждена" in phone.get("/me/notices").text
    with k5.ports.sessions.begin() as db:
        email_rows.give(db, k5.caller.id, EmailAddress("a@mail.ru"), k5.clock())
        email_rows.confirm(db, k5.caller.id, EmailAddress("a@mail.ru"), k5.clock())
    assert "Почта не подтверждена" not in phone.get("/me/notices").text
    assert ways(k5)["payment"] == "email"


def test_the_page_of_joining_prints_the_numbers_and_what_a_message_costs(browser: Browser) -> None:
    """A6, A7."""
    page = browser.get("/join").text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NON-BREAKING HYPHEN}", "-")
    assert "на номер 4443." in page
    assert "5–6 ₽" in page
    assert "+7 903 797-61-71" in page
