"""What a subscriber hears of, and how a stranger joins by SMS."""

import re

from k5web.domain.accounts.email_address import EmailAddress
from k5web.domain.messaging.notice import KINDS
from k5web.services.messaging import wishes
from k5web.storage.accounts import email_rows
from k5web.storage.messaging import choice_rows
from tests.services.house import House
from tests.web.conftest import Browser

BY_BOTH = ("offer_change", "contract_ended")


def ways(k5: House) -> dict[str, str]:
    return {wish.kind: wish.way for wish in wishes.of(k5.ports, k5.caller.id).each}


def test_a_choice_is_kept_and_what_is_none_changes_nothing(phone: Browser, k5: House) -> None:
    page = phone.get("/me/notices").text
    assert all(f'name="{kind}"' in page for kind in KINDS if kind not in BY_BOTH)
    assert "С 22:00 до 8:00 по Москве их нет." in page
    phone.press("/me/notices", "/me/notices", low_balance="off", resume="pigeon", plan_change="off", unknown="sms")
    assert ways(k5)["low_balance"] == "off"
    assert ways(k5)["resume"] == "sms"
    assert ways(k5)["plan_change"] == "sms"  # B2: it must be told
    assert '<option value="off" selected>' in phone.get("/me/notices").text


def test_what_goes_by_both_ways_is_said_so_and_leaves_no_choice(phone: Browser, k5: House) -> None:
    page = phone.get("/me/notices").text
    said = re.search(r"и по SMS, и письмом, если почта подтверждена:.+?<ul>(.+?)</ul>", page, re.DOTALL)
    assert said
    assert re.findall("<li>(.+)</li>", said[1]) == ["Договор меняется", "Договор закончен"]
    assert not [kind for kind in BY_BOTH if f'name="{kind}"' in page]
    before = ways(k5)
    phone.press("/me/notices", "/me/notices", offer_change="sms", contract_ended="email")
    with k5.ports.sessions.read() as db:
        assert choice_rows.choices(db, k5.caller.id) == {}
    assert ways(k5) == before


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
