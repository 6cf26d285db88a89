"""Staff read a subscriber's rules and try them; nobody but the renter changes one."""

from collections.abc import Callable
from dataclasses import replace

from k5web.domain.pbx.rule import Say
from k5web.domain.pbx.rule_edits import add
from k5web.services.pbx import greetings, rules
from tests.services.accounts.stock import A
from tests.services.house import House
from tests.services.pbx.test_publishing import rent
from tests.web.conftest import Browser
from tests.web.pbx.test_rules import read


def test_staff_read_a_rule_and_try_it(staff: Callable[..., Browser], k5: House) -> None:
    owner_id = rent(k5)
    rules.take_template(k5.ports, owner_id, A, 0, "shop", "x")
    browser = staff("desk")
    page = f"/desk/subscribers/{owner_id}/rules"
    text = read(browser.get(page))
    assert "Смотрим на часы: работаем пн–сб 10:00–20:00 (Москва)." in text
    assert "№ 1 от" in text
    tried = read(browser.get(f"{page}?number={A}&when=2026-11-30T20:00"))
    assert "Сейчас не рабочее время." in tried
    assert page in browser.get(f"/desk/subscribers/{owner_id}").text


def test_staff_read_what_a_greeting_of_ones_own_is_called_and_says(staff: Callable[..., Browser], k5: House) -> None:
    owner_id = rent(k5)
    ports = replace(k5.ports, convert=lambda _upload: bytes(8000))
    made = greetings.upload(ports, owner_id, "<b>Наше</b>", "Добрый день!", b"RIFF", "x")
    greetings.make_ready(ports)
    rules.change(ports, owner_id, A, 0, lambda rule: add(rule, "", "", Say(made.digest, "start")), "x")
    browser, page = staff("desk"), f"/desk/subscribers/{owner_id}/rules"
    assert "Говорим: «<b>Наше</b>»." in read(browser.get(page))
    assert "Звонящий слышит: «Добрый день!»." in read(browser.get(f"{page}?number={A}&when=2026-11-30T20:00"))


def test_a_subscriber_without_numbers_has_no_rules(staff: Callable[..., Browser], k5: House) -> None:
    assert "Номеров с правилами у абонента нет." in staff("desk").get(f"/desk/subscribers/{k5.caller.id}/rules").text
